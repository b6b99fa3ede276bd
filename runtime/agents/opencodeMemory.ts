/** What OpenCode remembers of all conversations: a database below its folder for data. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const DATABASE = '.local/share/opencode/opencode.db'

/** Below the home. The second holds what is not yet in the first. */
export const MEMORY: readonly string[] = [DATABASE, `${DATABASE}-wal`]

/** Whether there is a conversation of that name: without one `--session` fails. */
export function remembers(home: string, session: string): boolean {
  return MEMORY.map((path) => join(home, path)).some((file) => existsSync(file) && readFileSync(file).includes(session))
}
