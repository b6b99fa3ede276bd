import { z } from 'zod'
import { canReadInternal, role, roles } from './access.ts'
import { type Answer, type Call, created, gone, ok, type Routes } from './call.ts'
import type { Note, Project } from './entities.ts'
import { Flag } from './fields.ts'
import { addNote, type NewNote } from './newNote.ts'
import { findPlaceSignedIn, findPlaceToWrite, noteableKinds, type Place } from './noteables.ts'
import { editNote } from './noteEdit.ts'
import { noteView } from './noteView.ts'
import { paginated } from './pagination.ts'
import type { Noteable } from './payloads.ts'
import { badRequest, forbidden, notFound } from './refusal.ts'
import { removeNote } from './removal.ts'
import type { Deed, World } from './world.ts'

const Listing = z.object({
  sort: z.enum(['asc', 'desc']).default('desc'),
  order_by: z.enum(['created_at', 'updated_at']).default('created_at'),
  activity_filter: z.enum(['all_notes', 'only_comments', 'only_activity']).default('all_notes'),
})

/** A comment's text: at most a million characters, as in GitLab. */
export const NoteBody = z.string().max(1_000_000)

const Creation = z.object({
  body: NoteBody,
  internal: Flag.optional(),
  confidential: Flag.optional(),
  created_at: z.iso.datetime({ offset: true }).optional(),
})

/** Owners may say when a note was written; here maintainers may, and for all others it is passed over. */
export function creationTime({ world, person }: Deed, project: Project, time: string | undefined): string | undefined {
  const may = role(world, person, project) >= roles.maintainer
  return may && time !== undefined ? new Date(time).toISOString() : undefined
}

/** All notes of an issue or merge request, oldest first. */
export function notesOf(world: World, { type, row }: Noteable): Note[] {
  return world.notes.filter((note) => note.noteableType === type && note.noteableId === row.id)
}

/** A note of the place that the visitor sees; 404 otherwise. */
export function findNote(call: Call, { project, noteable }: Place): Note {
  const note = notesOf(call.world, noteable).find((row) => row.id === Number(call.param('note_id')))
  if (note === undefined || !canSee(call, project, note)) throw notFound()
  return note
}

/** Whether the visitor sees this note. */
export function canSee(call: Call, project: Project, note: Note): boolean {
  return !note.internal || canReadInternal(call.world, call.visitor, project)
}

/** 201 with the note, or 202 with what was done when the text was nothing but quick actions. */
export async function answerNewNote(deed: Deed, place: Place, fields: NewNote): Promise<Answer> {
  deed.world.limits.check(`notes ${deed.person.id}`, deed.world.faults.limits.notes)
  const { note, changes, summary } = await addNote(deed, place, fields)
  if (note !== undefined) return created(noteView(deed.world, note, place.noteable))
  if (Object.keys(changes).length === 0) throw badRequest(summary.join(' '))
  return { status: 202, body: { commands_changes: changes, summary } }
}

/** 403 unless it is somebody's own note, or they are a Maintainer. */
export function requireNoteAdmin(deed: Deed, { project }: Place, note: Note): void {
  const own = note.authorId === deed.person.id && !note.system
  if (!own && role(deed.world, deed.person, project) < roles.maintainer) throw forbidden()
}

/** PUT of a note's text, which can also mean its end. */
export async function answerEdit(deed: Deed, place: Place, note: Note, body: string): Promise<Answer> {
  const { note: edited, changes, summary } = await editNote(deed, place, note, body)
  if (edited !== undefined) return ok(noteView(deed.world, edited, place.noteable))
  return { status: 202, body: { commands_changes: changes, summary } }
}

/** DELETE of a note. */
export function answerRemoval({ world }: Deed, note: Note): Answer {
  removeNote(world, note)
  return gone
}

/** Notes of issues and merge requests. */
export function noteRoutes(on: Routes): void {
  for (const kind of noteableKinds) {
    const path = `/projects/:id/${kind}/:iid/notes`
    on('get', path, (call) => {
      const { project, noteable } = findPlaceSignedIn(call, kind)
      const { sort, order_by, activity_filter } = call.input(Listing)
      const notes = notesOf(call.world, noteable).filter(
        (note) => activity_filter === 'all_notes' || note.system === (activity_filter === 'only_activity'),
      )
      const time = (note: Note) => (order_by === 'created_at' ? note.createdAt : note.updatedAt)
      notes.sort((one, other) => (time(one) < time(other) ? -1 : time(one) > time(other) ? 1 : one.id - other.id))
      return paginated(call, sort === 'asc' ? notes : notes.reverse(), (note) =>
        canSee(call, project, note) ? noteView(call.world, note, noteable) : undefined,
      )
    })
    on('post', path, (call) => {
      const { deed, ...place } = findPlaceToWrite(call, kind)
      const fields = call.input(Creation)
      const internal = fields.internal ?? fields.confidential ?? false
      if (internal && !canReadInternal(deed.world, deed.person, place.project)) throw forbidden()
      const createdAt = creationTime(deed, place.project, fields.created_at)
      return answerNewNote(deed, place, { body: fields.body, internal, type: null, position: null, createdAt })
    })
    on('get', `${path}/:note_id`, (call) => {
      const place = findPlaceSignedIn(call, kind)
      return ok(noteView(call.world, findNote(call, place), place.noteable))
    })
    on('put', `${path}/:note_id`, (call) => {
      const place = findPlaceSignedIn(call, kind)
      const note = findNote(call, place)
      const { deed } = findPlaceToWrite(call, kind)
      requireNoteAdmin(deed, place, note)
      return answerEdit(deed, place, note, call.input(z.object({ body: NoteBody.min(1) })).body)
    })
    on('delete', `${path}/:note_id`, (call) => {
      const place = findPlaceToWrite(call, kind)
      const note = findNote(call, place)
      requireNoteAdmin(place.deed, place, note)
      return answerRemoval(place.deed, note)
    })
  }
}
