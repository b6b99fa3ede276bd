/** A comment as GitLab has it now, with the discussion it stands in. */

import type { NoteDelivery } from '../tasks/delivery.ts'
import type { FoundNote } from '../tasks/receive.ts'
import type { Place } from '../tasks/task.ts'
import type { GitLab } from './client.ts'
import { type Discussion, eachDiscussion, getDiscussion, isInternal } from './discussion.ts'
import { readMarks } from './marker.ts'

export async function findNote(gitlab: GitLab, delivery: NoteDelivery, me: number): Promise<FoundNote | 'gone'> {
  const discussion = await discussionOf(gitlab, delivery)
  const note = discussion?.notes.find(({ id }) => id === delivery.noteId)
  return discussion === undefined || note === undefined ? 'gone' : foundNote(delivery, discussion, note, me)
}

/** Every note of an issue or merge request. */
export async function* eachNote(gitlab: GitLab, place: Place, me: number): AsyncGenerator<FoundNote> {
  for await (const discussion of eachDiscussion(gitlab, place)) {
    for (const note of discussion.notes) yield foundNote(place, discussion, note, me)
  }
}

function foundNote(
  { projectId, on, iid }: Place,
  discussion: Discussion,
  note: Discussion['notes'][number],
  me: number,
): FoundNote {
  const written = discussion.notes.filter(({ id, system }) => id < note.id && !system)
  return {
    thread: { projectId, on, iid, discussion: discussion.id, note: note.id, internal: isInternal(discussion) },
    body: note.body,
    author: personOf(note),
    createdAt: Date.parse(note.created_at),
    system: note.system,
    alone: discussion.individual_note,
    earlier: written.map((one) => ({
      note: one.id,
      author: personOf(one),
      body: one.body,
      createdAt: Date.parse(one.created_at),
    })),
    marked: readMarks(discussion, me),
  }
}

function personOf({ author: { id, username, name } }: Discussion['notes'][number]) {
  return { id, username, name }
}

/** The payload's discussion id is tried first; GitLabs before 17 do not send one, and a forged one does not hold the note. */
async function discussionOf(gitlab: GitLab, delivery: NoteDelivery): Promise<Discussion | undefined> {
  const holds = ({ notes }: Discussion) => notes.some(({ id }) => id === delivery.noteId)
  if (delivery.discussion !== undefined) {
    const named = await getDiscussion(gitlab, delivery, delivery.discussion)
    if (named !== 'gone' && holds(named)) return named
  }
  for await (const discussion of eachDiscussion(gitlab, delivery)) if (holds(discussion)) return discussion
  return undefined
}
