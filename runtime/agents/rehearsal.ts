/**
 * The agent without a model: starts rehearsalProgram.ts as any agent is started, so that everything around an agent can
 * be tried. It speaks one JSON object a line; what is not JSON is text for the log.
 */

import { fileURLToPath } from 'node:url'
import type { Agent, Told } from './agent.ts'

/** One line of the program: any of these, each in words for people. */
export type RehearsalLine = {
  readonly activity?: string
  readonly answer?: string
  readonly failure?: string
}

/** One line of stdout → what it tells. Pure. */
function translateRehearsal(line: string): RehearsalLine | string {
  if (!line.startsWith('{')) return line
  try {
    return JSON.parse(line) as RehearsalLine
  } catch {
    return line
  }
}

export const rehearsal: Agent = {
  name: 'rehearsal',
  memory: [],

  launch: ({ request }) => ({
    file: process.execPath,
    args: [
      fileURLToPath(new URL('rehearsalProgram.ts', import.meta.url)),
      `${request.task} (attempt ${request.attempt})`,
      request.subject.slice(0, 1000),
    ],
    env: {},
    input: request.prompt,
  }),

  listen() {
    let answer: string | undefined
    let failure: string | undefined
    return {
      hear(line) {
        const said = translateRehearsal(line)
        if (typeof said === 'string') return [{ kind: 'log', text: said }]
        answer = said.answer ?? answer
        failure = said.failure ?? failure
        const told: Told[] = []
        if (said.activity !== undefined) told.push({ kind: 'activity', text: said.activity })
        if (said.answer !== undefined) told.push({ kind: 'log', text: said.answer }, { kind: 'done' })
        return told
      },
      end(exit) {
        const message = failure ?? (exit.code === 0 ? undefined : `The rehearsal broke: ${exit.said}`)
        return {
          warnings: [],
          ...(answer === undefined ? {} : { answer }),
          ...(message === undefined ? {} : { failure: { cause: 'agent-error', message } }),
        }
      },
    }
  },
}
