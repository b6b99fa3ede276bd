/**
 * The agent without a model: starts rehearsalProgram.ts as any agent is started, so that everything around an agent can
 * be tried. It speaks one JSON object a line; what is not JSON is text for the log.
 *
 * It writes a line with the request into `REHEARSAL.md` and says so; asked for a plan it only says what it would do. It remembers the
 * requests of its conversation below `~/.rehearsal`, and when it goes on with one it says how many there were. Its limits are the
 * run's; it costs nothing and takes no turns.
 */

import { fileURLToPath } from 'node:url'
import type { Agent } from './agent.ts'
import { listenToJsonLines } from './jsonLines.ts'

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

  listen: () => listenToJsonLines('The rehearsal'),
}
