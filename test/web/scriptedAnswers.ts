/** How the scripted API answers. */

import type { ServerResponse } from 'node:http'
import type { TaskView } from '../../src/http/taskView.ts'

/** Whether a task is one of those that the query of a list asks for. */
export function fits(task: TaskView, query: URLSearchParams): boolean {
  const states = query.getAll('status')
  const text = query.get('text')?.toLowerCase()
  return (
    (states.length === 0 || states.includes(task.status)) &&
    (query.get('project') ?? task.repository) === task.repository &&
    (query.get('person') ?? task.asker.username) === task.asker.username &&
    (text === undefined || `${task.title} ${task.prompt}`.toLowerCase().includes(text))
  )
}

export function send(response: ServerResponse, event: string, id: string | undefined, data: unknown): void {
  response.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`)
}

export function json(response: ServerResponse, status: number, body: unknown): ServerResponse {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type })
  return response.end(body === undefined ? undefined : JSON.stringify(body))
}

export function problem(response: ServerResponse, status: number, detail: string): ServerResponse {
  return json(response, status, { type: 'about:blank', title: detail, status, detail })
}
