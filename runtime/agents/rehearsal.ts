/**
 * The agent without a model: starts rehearsalProgram.ts as any agent is started, so that everything around an agent can
 * be tried. It speaks one JSON object a line; what is not JSON is text for the log.
 *
 * It writes a line with the request into `REHEARSAL.md` and says so; asked for a plan it only says what it would do. It remembers the
 * requests of its conversation below `~/.rehearsal`, and when it goes on with one it says how many there were. Its limits are the
 * run's; it costs nothing and takes no turns.
 */

import { fileURLToPath } from 'node:url'
import type { Agent, Told } from './agent.ts'

/** One line of the program: any of these, each in words for people but the conversation's name. */
export type RehearsalLine = {
  readonly session?: string
  readonly activity?: string
  readonly answer?: string
  readonly failure?: string
}

/** What the program has to know, as its one argument; the prompt is on its stdin. */
export type RehearsalOrder = {
  /** Who runs, for the line that it writes. */
  readonly run: string
  readonly subject: string
  readonly mode: 'do' | 'plan'
  readonly session: string
  readonly goesOn: boolean
  /** Relative to its home. */
  readonly memory: string
}

const MEMORY = '.rehearsal'

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
  memory: [MEMORY],

  launch({ request, session }) {
    const order: RehearsalOrder = {
      run: `${request.task} (attempt ${request.attempt})`,
      subject: request.subject.slice(0, 1000),
      mode: request.mode,
      session: session ?? `rehearsal-${request.task}`,
      goesOn: session !== undefined,
      memory: MEMORY,
    }
    return {
      file: process.execPath,
      args: [fileURLToPath(new URL('rehearsalProgram.ts', import.meta.url)), JSON.stringify(order)],
      env: {},
      input: request.prompt,
    }
  },

  listen() {
    let session: string | undefined
    let answer: string | undefined
    let failure: string | undefined
    return {
      hear(line) {
        const said = translateRehearsal(line)
        if (typeof said === 'string') return [{ kind: 'log', text: said }]
        session = said.session ?? session
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
          ...(session === undefined ? {} : { session }),
          ...(answer === undefined ? {} : { answer }),
          ...(message === undefined ? {} : { failure: { cause: 'agent-error', message } }),
        }
      },
    }
  },
}
