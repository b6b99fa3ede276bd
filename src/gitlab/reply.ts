/** Makes our comments read as they should: look, compare, write only if different. */

import type { TaskId, Thread } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'
import { getDiscussion } from './discussion.ts'
import { quietLines } from './inert.ts'
import { findMarked, type Part } from './marker.ts'

/**
 * The note's id, or `undefined` where GitLab takes no note (the thread is gone or locked). `known` saves the search; a
 * known note that somebody deleted is written once more.
 */
export async function ensureNote(
  gitlab: GitLab,
  me: number,
  thread: Thread,
  id: TaskId,
  part: Part,
  text: string,
  known?: number,
): Promise<number | undefined> {
  // The last net, whatever a text was made of: nothing that we write is an order to GitLab.
  const body = quietLines(text)
  const { projectId, on, iid, discussion } = thread
  const notes = gitlab.discussions[on]
  if (known !== undefined) {
    const edited = await goneIfRefused(notes.editNote(projectId, iid, discussion, known, { body }))
    if (edited !== 'gone') return known
  }
  const found = await getDiscussion(gitlab, thread)
  if (found === 'gone') return undefined
  const written = findMarked(found, me, id, part)
  if (written === undefined) {
    const made = await goneIfRefused(notes.addNote(projectId, iid, discussion, body))
    return made === 'gone' ? undefined : made.id
  }
  if (written.body.trim() !== body.trim()) {
    await goneIfRefused(notes.editNote(projectId, iid, discussion, written.id, { body }))
  }
  return written.id
}
