import { z } from 'zod'
import { canReadInternal, role, roles } from './access.ts'
import { type Answer, type Call, created, gone, ok, type Routes } from './call.ts'
import type { Note, Project } from './entities.ts'
import { Flag } from './fields.ts'
import { addNote, type NewNote } from './newNote.ts'
import { findPlace, findPlaceToWrite, noteableKinds, type Place } from './noteables.ts'
import { editNote } from './noteEdit.ts'
import { noteView } from './noteView.ts'
import { paginated } from './pagination.ts'
import type { Noteable } from './payloads.ts'
import { badRequest, forbidden, notFound, unauthorized } from './refusal.ts'
import type { Deed, World } from './world.ts'

const Listing = z.object({
  sort: z.enum(['asc', 'desc']).default('desc'),
  order_by: z.enum(['created_at', 'updated_at']).default('created_at'),
  activity_filter: z.enum(['all_notes', 'only_comments', 'only_activity']).default('all_notes'),
})

/** A comment's text: at most a million characters, as in GitLab. */
export const NoteBody = z.string().max(1_000_000)

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

/** DELETE of a note, with its reactions. */
export function removeNote({ world }: Deed, note: Note): Answer {
  for (const award of world.awards.filter((row) => row.awardableType === 'Note' && row.awardableId === note.id)) {
    world.awards.delete(award.id)
  }
  world.notes.delete(note.id)
  return gone
}

/** Notes of issues and merge requests. */
export function noteRoutes(on: Routes): void {
  for (const kind of noteableKinds) {
    const path = `/projects/:id/${kind}/:iid/notes`
    on('get', path, (call) => {
      const { project, noteable } = findPlace(call, kind)
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
      const fields = call.input(z.object({ body: NoteBody, internal: Flag.optional(), confidential: Flag.optional() }))
      const internal = fields.internal ?? fields.confidential ?? false
      if (internal && !canReadInternal(deed.world, deed.person, place.project)) throw forbidden()
      return answerNewNote(deed, place, { body: fields.body, internal, type: null, position: null })
    })
    on('get', `${path}/:note_id`, (call) => {
      const place = findPlace(call, kind)
      return ok(noteView(call.world, findNote(call, place), place.noteable))
    })
    on('put', `${path}/:note_id`, (call) => {
      const place = findPlace(call, kind)
      const note = findNote(call, place)
      if (call.visitor === undefined) throw unauthorized()
      const { deed } = findPlaceToWrite(call, kind)
      requireNoteAdmin(deed, place, note)
      return answerEdit(deed, place, note, call.input(z.object({ body: NoteBody.min(1) })).body)
    })
    on('delete', `${path}/:note_id`, (call) => {
      const place = findPlaceToWrite(call, kind)
      const note = findNote(call, place)
      requireNoteAdmin(place.deed, place, note)
      return removeNote(place.deed, note)
    })
  }
}
