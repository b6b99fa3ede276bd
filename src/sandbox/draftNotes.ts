import { z } from 'zod'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import { publishDrafts } from './draftPublishing.ts'
import type { MergeRequest, Position } from './entities.ts'
import { Flag } from './fields.ts'
import { numbered } from './lineCodes.ts'
import { findPlaceSignedIn, findPlaceToWrite, type Place } from './noteables.ts'
import { NoteBody, notesOf } from './notes.ts'
import { paginated } from './pagination.ts'
import { badRequest, notFound, Refusal } from './refusal.ts'
import { mayResolve } from './resolving.ts'
import type { Deed } from './world.ts'

/** A comment of a review that was not submitted yet. Only its author knows of it. */
export type DraftNote = {
  id: number
  mergeRequestId: number
  authorId: number
  body: string
  /** The discussion that it will answer; null begins one, or is a plain comment when there is no position. */
  discussionId: string | null
  resolveDiscussion: boolean
  position: Position | null
}

const Creation = z.object({
  note: NoteBody.min(1),
  in_reply_to_discussion_id: z.string().min(1).optional(),
  resolve_discussion: Flag.default(false),
  position: z.record(z.string(), z.unknown()).optional(),
})
const Change = z.object({ note: NoteBody.optional(), position: z.record(z.string(), z.unknown()).optional() })

/** Reviews: drafts are collected, then published one by one or all at once, as "Submit review" does. */
export function draftNoteRoutes(on: Routes): void {
  const path = '/projects/:id/merge_requests/:iid/draft_notes'
  on('get', path, (call) => paginated(call, draftsOf(call, findPlaceSignedIn(call, 'merge_requests')), view))
  on('get', `${path}/:draft_id`, (call) => ok(view(findDraft(call, findPlaceSignedIn(call, 'merge_requests')))))
  on('post', path, (call) => {
    const { deed, ...place } = findPlaceToWrite(call, 'merge_requests')
    return created(view(add(deed, place, call.input(Creation))))
  })
  // Before the routes of one draft: it is none of that number.
  on('post', `${path}/bulk_publish`, async (call) => {
    const { deed, ...place } = findPlaceToWrite(call, 'merge_requests')
    await publishDrafts(deed, place, draftsOf(call, place))
    return gone
  })
  on('put', `${path}/:draft_id`, (call) => {
    const place = findPlaceToWrite(call, 'merge_requests')
    const { note, position } = call.input(Change)
    if (note === undefined || note === '') throw badRequest('Missing params to modify')
    // What is not said is gone: GitLab writes the position of the request, or none.
    const patch = { body: note, position: position === undefined ? null : numbered(position) }
    return ok(view(call.world.draftNotes.update(findDraft(call, place).id, patch)))
  })
  on('delete', `${path}/:draft_id`, (call) => {
    call.world.draftNotes.delete(findDraft(call, findPlaceToWrite(call, 'merge_requests')).id)
    return gone
  })
  on('put', `${path}/:draft_id/publish`, async (call) => {
    const { deed, ...place } = findPlaceToWrite(call, 'merge_requests')
    await publishDrafts(deed, place, [findDraft(call, place)])
    return gone
  })
}

function add({ world, person }: Deed, place: Place, fields: z.infer<typeof Creation>): DraftNote {
  const reply = fields.in_reply_to_discussion_id
  const thread = notesOf(world, place.noteable).filter((note) => note.discussionId === reply)
  if (reply !== undefined && thread.length === 0) throw refused('Thread to reply to cannot be found')
  if (thread.some((note) => note.system)) throw refused('Replies to system notes are not allowed')
  if (fields.resolve_discussion && !mayResolve(world, person, place, thread)) {
    throw refused('User is not allowed to resolve thread')
  }
  return world.draftNotes.insert({
    mergeRequestId: place.noteable.row.id,
    authorId: person.id,
    body: fields.note,
    discussionId: reply ?? null,
    resolveDiscussion: fields.resolve_discussion,
    position: fields.position === undefined ? null : numbered(fields.position),
  })
}

function refused(reason: string): Refusal {
  return new Refusal(400, { message: { base: [reason] } })
}

function draftsOf(call: Call, { noteable }: Place): DraftNote[] {
  const { person } = call.deed()
  const merge: Pick<MergeRequest, 'id'> = noteable.row
  return call.world.draftNotes.filter((draft) => draft.mergeRequestId === merge.id && draft.authorId === person.id)
}

function findDraft(call: Call, place: Place): DraftNote {
  const draft = draftsOf(call, place).find((row) => row.id === Number(call.param('draft_id')))
  if (draft === undefined) throw notFound()
  return draft
}

const nowhere = {
  base_sha: null,
  start_sha: null,
  head_sha: null,
  old_path: null,
  new_path: null,
  position_type: 'text',
  old_line: null,
  new_line: null,
  line_range: null,
}

function view(draft: DraftNote) {
  return {
    id: draft.id,
    author_id: draft.authorId,
    merge_request_id: draft.mergeRequestId,
    resolve_discussion: draft.resolveDiscussion,
    discussion_id: draft.discussionId,
    note: draft.body,
    commit_id: null,
    line_code: null,
    position: draft.position ?? nowhere,
  }
}
