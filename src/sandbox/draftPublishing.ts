import type { DraftNote } from './draftNotes.ts'
import type { Note } from './entities.ts'
import { lineCodeOf } from './lineCodes.ts'
import { addNote } from './newNote.ts'
import type { Place } from './noteables.ts'
import { markResolved, mayResolve, tellAllResolved } from './resolving.ts'
import type { Deed } from './world.ts'

/**
 * Makes comments of drafts. Each is a comment like any other, with a Note Hook of its own: nothing tells that they belong
 * together. A reply resolves its thread if its author said so, and opens it again otherwise.
 */
export async function publishDrafts(deed: Deed, place: Place, drafts: readonly DraftNote[]): Promise<void> {
  const { world, person } = deed
  for (const draft of drafts) {
    const note = await publish(deed, place, draft)
    world.draftNotes.delete(draft.id)
    if (note === undefined || draft.discussionId === null) continue
    const thread = threadOf(deed, note)
    markResolved(deed, place, thread, draft.resolveDiscussion && mayResolve(world, person, place, thread))
  }
  if (drafts.length > 0) tellAllResolved(deed, place.project, place.noteable)
}

async function publish(deed: Deed, place: Place, draft: DraftNote): Promise<Note | undefined> {
  const { world } = deed
  const { body, discussionId } = draft
  const first = discussionId === null ? undefined : world.notes.find((note) => note.discussionId === discussionId)
  if (first !== undefined && discussionId !== null) {
    const { internal, position, lineCode } = first
    const type = first.type ?? 'DiscussionNote'
    if (first.type === null) world.notes.update(first.id, { type })
    return (await addNote(deed, place, { body, internal, type, position, lineCode, discussionId })).note
  }
  const { position } = draft
  const lineCode = position === null ? null : await lineCodeOf(world, place.project, position)
  // A line that is not in the diff: no comment comes of it.
  if (lineCode === undefined) return undefined
  const type = position === null ? null : 'DiffNote'
  return (await addNote(deed, place, { body, internal: false, type, position, lineCode })).note
}

function threadOf({ world }: Deed, { discussionId }: Note): Note[] {
  return world.notes.filter((note) => note.discussionId === discussionId)
}
