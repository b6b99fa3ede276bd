import { z } from 'zod'
import { role, roles } from './access.ts'
import { type Answer, type Call, ok, type Routes } from './call.ts'
import type { Note, Project } from './entities.ts'
import { Flag } from './fields.ts'
import { findPlace, findPlaceToWrite, type NoteableKind, noteableKinds, type Place } from './noteables.ts'
import {
  answerEdit,
  answerNewNote,
  canSee,
  findNote,
  NoteBody,
  notesOf,
  removeNote,
  requireNoteAdmin,
} from './notes.ts'
import { isResolvable, noteView } from './noteView.ts'
import { paginated } from './pagination.ts'
import type { Noteable } from './payloads.ts'
import { badRequest, forbidden, notFound } from './refusal.ts'
import { type Deed, now, type World } from './world.ts'

/** Discussions of issues and merge requests: list, begin, reply, resolve. */
export function discussionRoutes(on: Routes): void {
  for (const kind of noteableKinds) {
    const path = `/projects/:id/${kind}/:iid/discussions`
    on('get', path, (call) => {
      const { project, noteable } = findPlace(call, kind)
      const threads = Map.groupBy(notesOf(call.world, noteable), (note) => note.discussionId)
      return paginated(call, [...threads.values()], (notes) => discussionView(call, project, noteable, notes))
    })
    on('post', path, (call) => begin(call, kind))
    on('get', `${path}/:discussion_id`, (call) => {
      const place = findPlace(call, kind)
      return ok(discussionView(call, place.project, place.noteable, findThread(call, place)))
    })
    on('put', `${path}/:discussion_id`, (call) => {
      const { deed, ...place } = findPlaceToWrite(call, kind)
      const notes = findThread(call, place)
      const { resolved } = call.input(z.object({ resolved: Flag }))
      resolve(deed, place, notes, resolved)
      return ok(discussionView(call, place.project, place.noteable, findThread(call, place)))
    })
    on('post', `${path}/:discussion_id/notes`, (call) => reply(call, kind))
    on('get', `${path}/:discussion_id/notes/:note_id`, (call) => {
      const place = findPlace(call, kind)
      return ok(noteView(call.world, findNote(call, place), place.noteable))
    })
    on('put', `${path}/:discussion_id/notes/:note_id`, (call) => {
      const { deed, ...place } = findPlaceToWrite(call, kind)
      const note = findNote(call, place)
      const { body, resolved } = call.input(z.object({ body: NoteBody.min(1).optional(), resolved: Flag.optional() }))
      if (resolved !== undefined) {
        resolve(deed, place, [note], resolved)
        return ok(noteView(deed.world, deed.world.notes.get(note.id) ?? note, place.noteable))
      }
      if (body === undefined) throw badRequest('body, resolved are missing, at least one parameter must be provided')
      requireNoteAdmin(deed, place, note)
      return answerEdit(deed, place, note, body)
    })
    on('delete', `${path}/:discussion_id/notes/:note_id`, (call) => {
      const place = findPlaceToWrite(call, kind)
      const note = findNote(call, place)
      requireNoteAdmin(place.deed, place, note)
      return removeNote(place.deed, note)
    })
  }
}

async function begin(call: Call, kind: NoteableKind): Promise<Answer> {
  const { deed, ...place } = findPlaceToWrite(call, kind)
  const { body, position = null } = call.input(
    z.object({ body: NoteBody, position: z.record(z.string(), z.unknown()).optional() }),
  )
  if (position !== null && place.noteable.type === 'Issue') throw badRequest('position is invalid')
  const answer = await answerNewNote(deed, place, {
    body,
    internal: false,
    type: position === null ? 'DiscussionNote' : 'DiffNote',
    position: position === null ? null : numbered(position),
  })
  return asDiscussion(call, place, answer)
}

/** A discussion is what comes back, not its note. */
function asDiscussion(call: Call, { project, noteable }: Place, answer: Answer): Answer {
  if (answer.status !== 201) return answer
  const { id } = z.object({ id: z.number() }).parse(answer.body)
  const note = call.world.notes.get(id)
  return note === undefined ? answer : { status: 201, body: discussionView(call, project, noteable, [note]) }
}

/** A reply makes a thread of what was a single comment, stands where the thread stands, and is internal when the thread is. */
async function reply(call: Call, kind: NoteableKind): Promise<Answer> {
  const { deed, ...place } = findPlaceToWrite(call, kind)
  const [first] = findThread(call, place)
  const { body } = call.input(z.object({ body: NoteBody }))
  if (first === undefined || first.system) throw badRequest('Discussion can not be replied to')
  const answer = await answerNewNote(deed, place, {
    body,
    internal: first.internal,
    type: first.type ?? 'DiscussionNote',
    position: first.position,
    discussionId: first.discussionId,
  })
  if (answer.status === 201 && first.type === null) deed.world.notes.update(first.id, { type: 'DiscussionNote' })
  return answer
}

/** Developers and the author of the thing may resolve. */
function resolve(deed: Deed, { project, noteable }: Place, notes: readonly Note[], resolved: boolean): void {
  const { world, person } = deed
  const may = noteable.row.authorId === person.id || role(world, person, project) >= roles.developer
  if (!may) throw forbidden()
  if (!notes.every(isResolvable)) throw badRequest('Discussion is not resolvable')
  const time = now()
  const patch = { resolvedAt: resolved ? time : null, resolvedById: resolved ? person.id : null, updatedAt: time }
  for (const note of notes) world.notes.update(note.id, patch)
}

function findThread(call: Call, { project, noteable }: Place): Note[] {
  const id = call.param('discussion_id')
  const notes = notesOf(call.world, noteable).filter((note) => note.discussionId === id && canSee(call, project, note))
  if (notes.length === 0) throw notFound('Discussion')
  return notes
}

function discussionView(call: Call, project: Project, noteable: Noteable, notes: readonly Note[]) {
  const [first] = notes
  const seen = notes.filter((note) => canSee(call, project, note))
  if (first === undefined || seen.length === 0) return undefined
  return { id: first.discussionId, individual_note: first.type === null, notes: views(call.world, noteable, seen) }
}

function views(world: World, noteable: Noteable, notes: readonly Note[]) {
  return notes.map((note) => noteView(world, note, noteable))
}

/** Lines come as text from forms. */
function numbered(position: Record<string, unknown>): Record<string, unknown> {
  const line = (value: unknown) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : (value ?? null))
  return { ...position, old_line: line(position.old_line), new_line: line(position.new_line) }
}
