import type { Note } from './entities.ts'
import type { Noteable } from './payloads.ts'
import { personViewById } from './people.ts'
import { isResolvable } from './threads.ts'
import type { World } from './world.ts'

/** A note as the API shows it. */
export function noteView(world: World, note: Note, { row }: Noteable) {
  return {
    id: note.id,
    type: note.type,
    body: note.body,
    attachment: null,
    author: personViewById(world, note.authorId),
    created_at: note.createdAt,
    updated_at: note.updatedAt,
    system: note.system,
    noteable_id: note.noteableId,
    noteable_type: note.noteableType,
    project_id: note.projectId,
    noteable_iid: row.iid,
    ...(note.position === null ? {} : { position: note.position }),
    resolvable: isResolvable(note),
    ...(isResolvable(note)
      ? {
          resolved: note.resolvedAt !== null,
          resolved_by: personViewById(world, note.resolvedById),
          resolved_at: note.resolvedAt,
        }
      : {}),
    confidential: note.internal,
    internal: note.internal,
    imported: false,
    imported_from: 'none',
    commands_changes: {},
  }
}
