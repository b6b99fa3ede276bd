/** Makes our comments read as they should: look, compare, write only if different. */

import type { GitLabThread, Place } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { type GitLab, goneIfRefused } from './client.ts'
import { type Discussion, eachDiscussion, getDiscussion } from './discussion.ts'
import { quietLines } from './inert.ts'
import { findMarked, type Part } from './marker.ts'

/** Where a note of ours stands. */
export type Said = { readonly note: number; readonly discussion: string }

/**
 * Where the note stands, or `undefined` where GitLab takes none (the thread is gone or locked). A thread without a discussion
 * gets one. `known` saves the search; a known note that somebody deleted is written once more.
 */
export async function ensureNote(
  gitlab: GitLab,
  me: number,
  thread: GitLabThread,
  id: TaskId,
  part: Part,
  text: string,
  known?: number,
): Promise<Said | undefined> {
  // The last net, whatever a text was made of: nothing that we write is an order to GitLab.
  const body = quietLines(text)
  const { projectId, on, iid } = thread
  const notes = gitlab.discussions[on]
  if (known !== undefined && thread.discussion !== undefined) {
    const edited = await goneIfRefused(notes.editNote(projectId, iid, thread.discussion, known, { body }))
    if (edited !== 'gone') return { note: known, discussion: thread.discussion }
  }
  const found =
    thread.discussion === undefined
      ? await findDiscussion(gitlab, me, thread, id, part)
      : await getDiscussion(gitlab, thread, thread.discussion)
  if (found === 'gone') return undefined
  if (found === undefined) return begin(gitlab, thread, body)
  const written = findMarked(found, me, id, part)
  if (written === undefined) {
    const made = await goneIfRefused(notes.addNote(projectId, iid, found.id, body))
    return made === 'gone' ? undefined : { note: made.id, discussion: found.id }
  }
  if (written.body.trim() !== body.trim()) {
    await goneIfRefused(notes.editNote(projectId, iid, found.id, written.id, { body }))
  }
  return { note: written.id, discussion: found.id }
}

/** The discussion in which this stands: one of somebody else's, or that an earlier, interrupted call has opened. */
export async function findDiscussion(
  gitlab: GitLab,
  me: number,
  thread: Place,
  id: TaskId,
  part: Part,
): Promise<Discussion | undefined> {
  for await (const discussion of eachDiscussion(gitlab, thread)) {
    if (findMarked(discussion, me, id, part) !== undefined) return discussion
  }
  return undefined
}

async function begin(gitlab: GitLab, { projectId, on, iid }: GitLabThread, body: string): Promise<Said | undefined> {
  const made = await goneIfRefused(gitlab.discussions[on].create(projectId, iid, body))
  const note = made === 'gone' ? undefined : made.notes?.[0]
  return made === 'gone' || note === undefined ? undefined : { note: note.id, discussion: made.id }
}

/** Marks a thread as dealt with, where GitLab lets us. */
export async function resolve(gitlab: GitLab, { projectId, iid }: Place, discussion: string): Promise<void> {
  await goneIfRefused(gitlab.discussions.merge_request.resolve(projectId, iid, discussion, true))
}
