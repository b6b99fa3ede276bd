/** What Claude Code remembers of a conversation: a transcript below its folder `projects`. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Below the home; all of it, as a transcript refers to files beside it. */
export const MEMORY = '.claude/projects'

/** What the author reads when there was to be a conversation to go on with. */
export const LOST_SESSION = 'The agent could not go on with its earlier conversation, and began a new one.'

/** Whether there is a transcript of that session: without one `--resume` fails, and a disk that cannot be written leaves none. */
export function remembers(home: string, session: string): boolean {
  const projects = join(home, MEMORY)
  if (!existsSync(projects)) return false
  return readdirSync(projects).some((project) => existsSync(join(projects, project, `${session}.jsonl`)))
}
