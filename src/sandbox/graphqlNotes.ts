import { canRead, canReadInternal, canReadIssue } from './access.ts'
import type { Note, Person } from './entities.ts'
import { type GraphqlContext, type GraphqlType, pageArgs, paged } from './graphqlTypes.ts'
import { findNoteable } from './noteables.ts'
import { type Noteable, noteableUrl } from './payloads.ts'

/**
 * A comment. `lastEditedAt` is `updatedAt` of one that was never edited, and so moves with reactions and resolves
 * (app/models/note.rb); what proves an edit is `lastEditedBy`, null exactly when there was none.
 */
export const noteType: GraphqlType = {
  id: { get: ({ id }: Note) => `gid://gitlab/Note/${id}` },
  body: { get: ({ body }: Note) => body },
  author: { type: 'UserCore', get: ({ authorId }: Note, _, { world }) => world.people.get(authorId) },
  createdAt: { get: ({ createdAt }: Note) => createdAt },
  updatedAt: { get: ({ updatedAt }: Note) => updatedAt },
  lastEditedAt: { get: ({ lastEditedAt, updatedAt }: Note) => lastEditedAt ?? updatedAt },
  lastEditedBy: {
    type: 'UserCore',
    get: ({ updatedById }: Note, _, { world }) => (updatedById === null ? null : world.people.get(updatedById)),
  },
  system: { get: ({ system }: Note) => system },
  internal: { get: ({ internal }: Note) => internal },
  resolved: { get: ({ resolvedAt }: Note) => resolvedAt !== null },
  url: { get: (note: Note, _, context) => urlOf(context, note) },
  discussion: { type: 'Discussion', get: (note: Note) => note },
}

/** What a note is part of. */
export const discussionType: GraphqlType = {
  id: { get: ({ discussionId }: Note) => `gid://gitlab/Discussion/${discussionId}` },
}

/** Somebody. */
export const userType: GraphqlType = {
  id: { get: ({ id }: Person) => `gid://gitlab/User/${id}` },
  username: { get: ({ username }: Person) => username },
  name: { get: ({ name }: Person) => name },
  bot: { get: ({ bot }: Person) => bot },
}

/** The notes of an issue or merge request, oldest first; those that the visitor may not see are not there. */
export function notesField(type: Noteable['type']): GraphqlType {
  return {
    notes: {
      args: { ...pageArgs, filter: 'NotesFilterType' },
      type: 'NoteConnection',
      get: ({ id }: { id: number }, args, context) => {
        const { world } = context
        const found = world.notes.filter(
          (note) =>
            note.noteableType === type &&
            note.noteableId === id &&
            (args.filter !== 'ONLY_COMMENTS' || !note.system) &&
            (args.filter !== 'ONLY_ACTIVITY' || note.system) &&
            visible(context, note) !== undefined,
        )
        return paged(found, args)
      },
    },
  }
}

/** The note with that number, if the visitor sees it. */
export function noteOf(context: GraphqlContext, id: number): Note | null {
  const note = context.world.notes.get(id)
  return note === undefined || visible(context, note) === undefined ? null : note
}

/** The thing under which a note stands, if the visitor sees both. */
function visible({ world, visitor }: GraphqlContext, note: Note): Noteable | undefined {
  const thing = findNoteable(world, note.noteableType, note.noteableId)
  const project = world.projects.get(note.projectId)
  if (thing === undefined || project === undefined || !canRead(world, visitor, project)) return undefined
  if (thing.type === 'Issue' && !canReadIssue(world, visitor, project, thing.row)) return undefined
  return note.internal && !canReadInternal(world, visitor, project) ? undefined : thing
}

function urlOf(context: GraphqlContext, note: Note): string | null {
  const thing = visible(context, note)
  const project = context.world.projects.get(note.projectId)
  if (thing === undefined || project === undefined) return null
  return `${noteableUrl(context.world, project, thing)}#note_${note.id}`
}
