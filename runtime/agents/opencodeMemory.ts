/** What OpenCode remembers of all conversations: a database below its folder for data. */

import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const DATABASE = '.local/share/opencode/opencode.db'
/** What is not yet in the database itself. */
const LATEST = `${DATABASE}-wal`

/** Below the home. */
export const MEMORY: readonly string[] = [DATABASE, LATEST]

/** Whether there is a conversation of that name: without one `--session` fails. */
export function remembers(home: string, session: string): boolean {
  return ask(home, (database) => database.prepare('SELECT 1 FROM session WHERE id = ?').get(session) !== undefined)
}

/** OpenCode goes on where the conversation was begun, and fails where that folder is gone (measured): now it is here. */
export function moveTo(home: string, session: string, repo: string): void {
  ask(home, (database) => {
    database.prepare('UPDATE session SET directory = ? WHERE id = ?').run(repo, session)
    return true
  })
}

/** False where there is no database, or one that cannot be read. */
function ask(home: string, question: (database: DatabaseSync) => boolean): boolean {
  if (!isFile(join(home, DATABASE), false) || !isFile(join(home, LATEST), true)) return false
  try {
    using database = new DatabaseSync(join(home, DATABASE))
    return question(database)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR') return false
    throw error
  }
}

/** The agent could have left something there that is never read to its end. */
function isFile(path: string, orNone: boolean): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? orNone
}
