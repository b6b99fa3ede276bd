/**
 * Errand's API from a script, beside the built page with its real policy: for states that the whole Errand reaches rarely, for logs
 * that no agent writes, and for measuring.
 */

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { MeView, NumbersView, ProjectView, TaskView } from '../../src/http/taskView.ts'
import { aProject } from './aProject.ts'
import { aTask, summary } from './aTask.ts'
import { fits, json, problem, send } from './scriptedAnswers.ts'
import { ScriptedLog } from './scriptedLog.ts'

export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

type Told = { method: string; path: string; headers: IncomingMessage['headers']; body: unknown }
type Stream = { response: ServerResponse; task: string | undefined; query: URLSearchParams }

export class ScriptedApi {
  me: MeView = {
    user: { id: 4, username: 'developer', name: 'Dana Developer' },
    login: 'nobody',
    actsAs: 'developer',
    gitlab: 'https://gitlab.example',
    trigger: '/agent',
  }
  /** Newest first. */
  tasks: TaskView[] = []
  readonly logs = new Map<string, ScriptedLog>()
  projects: ProjectView[] = [aProject(1, 'demo/shop'), aProject(2, 'demo/warehouse'), aProject(3, 'platform/billing')]
  branches = ['main', 'release/1.x', 'feature/prices']
  numbers: NumbersView | undefined
  /** What was asked, without the page's own files. */
  readonly asked: Told[] = []
  /** Answers a request in place of the script; `hang` never does. */
  instead: (request: Told) => { status: number; body?: unknown } | 'hang' | undefined = () => undefined
  readonly #streams = new Set<Stream>()
  readonly #page: string
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  #port = 0

  constructor(page: string) {
    this.#page = page
  }

  async up(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** As a server that is restarted: nobody there until `up`. */
  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
  }

  /** A task is new, or another; whoever watches is told. */
  change(task: TaskView): void {
    this.tasks = this.tasks.some(({ id }) => id === task.id)
      ? this.tasks.map((old) => (old.id === task.id ? task : old))
      : [task, ...this.tasks]
    for (const stream of this.#streams) {
      if (stream.task === task.id) send(stream.response, 'task', undefined, this.#view(task))
      else if (stream.task === undefined) {
        if (fits(task, stream.query)) send(stream.response, 'task', String(Date.now()), summary(task))
        else send(stream.response, 'gone', String(Date.now()), { id: task.id })
      }
    }
  }

  write(id: string, text: string): void {
    const piece = this.#log(id).write(text)
    for (const stream of this.#streams) if (stream.task === id) send(stream.response, 'log', String(piece.to), piece)
  }

  cutStreams(): void {
    for (const { response } of this.#streams) response.destroy()
  }

  get watching(): number {
    return this.#streams.size
  }

  #log(id: string): ScriptedLog {
    const log = this.logs.get(id) ?? new ScriptedLog()
    this.logs.set(id, log)
    return log
  }

  #view(task: TaskView): TaskView {
    const { size, lines } = this.#log(task.id).lines()
    return { ...task, log: { ...task.log, size, lines } }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? '/', this.url)
    if (!url.pathname.startsWith('/api/')) return this.#file(url.pathname, response)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const told: Told = {
      method: request.method ?? '',
      path: url.pathname + url.search,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
    this.asked.push(told)
    const instead = this.instead(told)
    if (instead === 'hang') return undefined
    if (instead !== undefined) return json(response, instead.status, instead.body)
    return this.#route(url, told, request, response)
  }

  #route(url: URL, { method, body }: Told, request: IncomingMessage, response: ServerResponse): ServerResponse {
    const [, , kind, id, what, more] = url.pathname.split('/')
    if (kind === 'me') return json(response, 200, this.me)
    if (kind === 'numbers' && this.numbers !== undefined) return json(response, 200, this.numbers)
    if (kind === 'projects') return this.#project(id, what, url.searchParams.get('search') ?? '', response)
    if (kind !== 'tasks') return problem(response, 404, 'There is nothing here.')
    if (id === undefined && method === 'POST') return this.#create(body as Record<string, unknown>, response)
    if (id === undefined) return this.#list(url.searchParams, response)
    if (id === 'events') return this.#stream(undefined, url.searchParams, request, response)
    const task = this.tasks.find((one) => one.id === id)
    if (task === undefined) return problem(response, 404, 'There is no such task.')
    if (what === undefined) return json(response, 200, this.#view(task))
    if (what === 'events') return this.#stream(id, url.searchParams, request, response)
    if (what === 'stop') {
      this.change({ ...task, stopping: true })
      return json(response, 202, undefined)
    }
    if (what === 'retry') return this.#create({ prompt: task.prompt, repository: task.repository }, response)
    if (more === 'lines') return json(response, 200, this.#log(id).lines())
    if (more === 'search') return json(response, 200, this.#log(id).search(url.searchParams.get('q') ?? ''))
    return this.#range(id, request, response)
  }

  #list(query: URLSearchParams, response: ServerResponse): ServerResponse {
    const found = this.tasks.filter((task) => fits(task, query))
    const before = query.get('before')
    const from = before === null ? 0 : found.findIndex(({ id }) => id === before)
    const limit = Number(query.get('limit') ?? 50)
    return json(response, 200, {
      tasks: found.slice(from, from + limit).map(summary),
      next: found[from + limit]?.id ?? null,
    })
  }

  #create(body: Record<string, unknown>, response: ServerResponse): ServerResponse {
    const task = aTask({
      id: `1-w${this.tasks.length}`,
      prompt: String(body.prompt),
      title: String(body.prompt).split('\n')[0] ?? '',
      repository: String(body.repository),
      status: 'queued',
      doing: null,
      source: { on: 'page', url: null },
      createdAt: new Date().toISOString(),
    })
    this.change(task)
    response.setHeader('location', `/api/tasks/${task.id}`)
    return json(response, 201, this.#view(task))
  }

  #project(id: string | undefined, what: string | undefined, search: string, response: ServerResponse): ServerResponse {
    if (id === undefined) {
      return json(response, 200, { projects: this.projects.filter(({ path }) => path.includes(search)) })
    }
    const project = this.projects.find((one) => String(one.id) === id)
    if (project === undefined) return problem(response, 404, 'There is no such project.')
    return json(
      response,
      200,
      what === 'branches' ? { branches: this.branches.filter((name) => name.includes(search)) } : project,
    )
  }

  #stream(
    task: string | undefined,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): ServerResponse {
    const stream = { response, task, query }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(': hello\n\n')
    this.#streams.add(stream)
    response.on('close', () => this.#streams.delete(stream))
    if (task === undefined) return response
    const last = request.headers['last-event-id'] ?? query.get('from')
    const log = this.#log(task)
    const from = last === 'end' || last === null ? log.bytes.length : Number(last)
    if (from < log.bytes.length) {
      send(stream.response, 'log', String(log.bytes.length), {
        from,
        to: log.bytes.length,
        text: log.bytes.subarray(from).toString(),
      })
    }
    return response
  }

  #range(id: string, { headers }: IncomingMessage, response: ServerResponse): ServerResponse {
    const { bytes } = this.#log(id)
    const [, from = '0', to = String(bytes.length - 1)] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    const piece = bytes.subarray(Number(from), Number(to) + 1)
    response.writeHead(headers.range === undefined ? 200 : 206, {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-range': `bytes ${from}-${to}/${bytes.length}`,
    })
    return response.end(piece)
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const name = path.startsWith('/assets/') ? path : '/index.html'
    const body = await readFile(join(this.#page, name)).catch(() => undefined)
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': TYPES[extname(name)] ?? 'text/plain',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': name === '/index.html' ? 'no-cache' : 'public, max-age=31536000, immutable',
    })
    response.end(body)
  }
}
