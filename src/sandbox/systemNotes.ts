import { createHash } from 'node:crypto'
import type { Note, Project } from './entities.ts'
import type { Noteable } from './payloads.ts'
import { type Deed, now } from './world.ts'

/** Where a new note goes. */
export type NoteFields = Pick<Note, 'body' | 'type' | 'internal' | 'position' | 'system'> & {
  /** An existing discussion; without it the note begins one. */
  readonly discussionId?: string
  readonly lineCode?: string | null
  /** When it was written, if not now. */
  readonly createdAt?: string | undefined
}

/** Puts a note into the world; nobody is told. */
export function insertNote(deed: Deed, project: Project, { type, row }: Noteable, fields: NoteFields): Note {
  const { world, person } = deed
  const { discussionId = '', lineCode = null, createdAt = now(), ...rest } = fields
  const note = world.notes.insert({
    projectId: project.id,
    noteableType: type,
    noteableId: row.id,
    authorId: person.id,
    lineCode,
    createdAt,
    updatedAt: createdAt,
    updatedById: null,
    lastEditedAt: null,
    resolvedAt: null,
    resolvedById: null,
    discussionId,
    ...rest,
  })
  if (fields.discussionId !== undefined) return note
  return world.notes.update(note.id, { discussionId: createHash('sha1').update(`sandbox-${note.id}`).digest('hex') })
}

/** Says in the discussion what was done. Such notes stand in the lists and fire no webhook. */
export function addSystemNote(deed: Deed, project: Project, noteable: Noteable, body: string): void {
  insertNote(deed, project, noteable, { body, type: null, internal: false, position: null, system: true })
}
