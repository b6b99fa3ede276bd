/** What Gemini CLI remembers of a conversation: a file below its folder for the clone. Nothing else is needed (measured). */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Below the home. The clone's folder is always called `repo`, and is the only one of its home. */
export const MEMORY = '.gemini/tmp/repo/chats'

/** Whether there is a conversation of that name: without one `--resume` fails. */
export function remembers(home: string, session: string): boolean {
  const chats = join(home, MEMORY)
  if (!existsSync(chats)) return false
  return readdirSync(chats, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(`-${session.slice(0, 8)}.jsonl`))
    .some(({ name }) => readFileSync(join(chats, name), 'utf8').includes(`"sessionId":"${session}"`))
}
