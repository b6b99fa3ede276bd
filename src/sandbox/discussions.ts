import { z } from 'zod'
import { type Answer, type Call, ok, type Routes } from './call.ts'
import type { Note, Project } from './entities.ts'
import { Flag } from './fields.ts'
import { lineCodeOf, numbered } from './lineCodes.ts'
import { findPlaceSignedIn, findPlaceToWrite, type NoteableKind, noteableKinds, type Place } from './noteables.ts'
import {
  answerEdit,
  answerNewNote,
  answerRemoval,
  canSee,
  creationTime,
  findNote,
  NoteBody,
  notesOf,
  requireNoteAdmin,
} from './notes.ts'
import { noteView } from './noteView.ts'
import { paginated } from './pagination.ts'
import type { Noteable } from './payloads.ts'
import { badRequest, forbidden, notFound } from './refusal.ts'
import { mayResolve, resolveNotes } from './resolving.ts'
import { isResolvable } from './threads.ts'
import type { World } from './world.ts'

/** Discussions of issues and merge requests: list, begin, reply, resolve. */
export function discussionRoutes(on: Routes): void {
  for (const kind of noteableKinds) {
    const path = `/projects/:id/${kind}/:iid/discussions`
    on('get', path, (call) => {
      const { project, noteable } = findPlaceSignedIn(call, kind)
      const threads = Map.groupBy(notesOf(call.world, noteable), (note) => note.discussionId)
      return paginated(call, [...threads.values()], (notes) => discussionView(call, project, noteable, notes))
    })
    on('post', path, (call) => begin(call, kind))
    on('get', `${path}/:discussion_id`, (call) => {
      const place = findPlaceSignedIn(call, kind)
      return ok(discussionView(call, place.project, place.noteable, findThread(call, place)))
    })
    on('put', `${path}/:discussion_id`, (call) => {
      const { deed, ...place } = findPlaceToWrite(call, kind)
      const notes = findThread(call, place)
      const { resolved } = call.input(z.object({ resolved: Flag }))
      if (!mayResolve(deed.world, deed.person, place, notes)) throw forbidden()
      resolveNotes(deed, place, notes, resolved)
      return ok(discussionView(call, place.project, place.noteable, findThread(call, place)))
    })
    on('post', `${path}/:discussion_id/notes`, (call) => reply(call, kind))
    on('get', `${path}/:discussion_id/notes`, (call) => {
      const place = findPlaceSignedIn(call, kind)
      return ok(views(call.world, place.noteable, findThread(call, place)))
    })
    on('get', `${path}/:discussion_id/notes/:note_id`, (call) => {
      const place = findPlaceSignedIn(call, kind)
      return ok(noteView(call.world, findNote(call, place), place.noteable))
    })
    on('put', `${path}/:discussion_id/notes/:note_id`, (call) => editOrResolve(call, kind))
    on('delete', `${path}/:discussion_id/notes/:note_id`, (call) => {
      const place = findPlaceToWrite(call, kind)
      const note = findNote(call, place)
      requireNoteAdmin(place.deed, place, note)
      return answerRemoval(place.deed, note)
    })
  }
}

async function begin(call: Call, kind: NoteableKind): Promise<Answer> {
  const { deed, ...place } = findPlaceToWrite(call, kind)
  const { project, noteable } = place
  const { body, created_at, ...fields } = call.input(
    z.object({
      body: NoteBody,
      position: z.record(z.string(), z.unknown()).optional(),
      created_at: z.iso.datetime({ offset: true }).optional(),
    }),
  )
  if (fields.position !== undefined && noteable.type === 'Issue') throw badRequest('position is invalid')
  const position = fields.position === undefined ? null : numbered(fields.position)
  const lineCode = position === null ? null : await lineCodeOf(deed.world, project, position)
  // GitLab says the same of every line and file that is not in the diff.
  if (lineCode === undefined) {
    throw badRequest(`Note {:line_code=>["can't be blank", "must be a valid line code"]}`)
  }
  const answer = await answerNewNote(deed, place, {
    body,
    internal: false,
    type: position === null ? 'DiscussionNote' : 'DiffNote',
    position,
    lineCode,
    createdAt: creationTime(deed, project, created_at),
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
  if (first === undefined || first.system) throw badRequest('Discussion can not be replied to.')
  const answer = await answerNewNote(deed, place, {
    body,
    internal: first.internal,
    type: first.type ?? 'DiscussionNote',
    position: first.position,
    lineCode: first.lineCode,
    discussionId: first.discussionId,
  })
  if (answer.status === 201 && first.type === null) deed.world.notes.update(first.id, { type: 'DiscussionNote' })
  return answer
}

function editOrResolve(call: Call, kind: NoteableKind): Answer | Promise<Answer> {
  const { deed, ...place } = findPlaceToWrite(call, kind)
  const note = findNote(call, place)
  const { body, resolved } = call.input(z.object({ body: NoteBody.min(1).optional(), resolved: Flag.optional() }))
  if (resolved !== undefined) {
    if (!isResolvable(note)) throw badRequest('Note is not resolvable')
    if (!mayResolve(deed.world, deed.person, place, [note])) throw forbidden()
    resolveNotes(deed, place, [note], resolved)
    return ok(noteView(deed.world, deed.world.notes.get(note.id) ?? note, place.noteable))
  }
  if (body === undefined) throw badRequest('body, resolved are missing, at least one parameter must be provided')
  requireNoteAdmin(deed, place, note)
  return answerEdit(deed, place, note, body)
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
