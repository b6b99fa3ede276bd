import { recordComment } from './activity.ts'
import type { Note } from './entities.ts'
import { current, type Place, touch } from './noteables.ts'
import { tellNote } from './payloads.ts'
import { type Effects, runQuickActions } from './quickActionEffects.ts'
import { extractQuickActions } from './quickActions.ts'
import { badRequest } from './refusal.ts'
import { insertNote, type NoteFields } from './systemNotes.ts'
import { mentionTodos, settleTodos } from './todoRules.ts'
import type { Deed } from './world.ts'

/** What somebody wrote, and where. */
export type NewNote = Omit<NoteFields, 'system'>

/** What became of it: no note when the text was nothing but quick actions. */
export type NoteOutcome = Effects & { readonly note: Note | undefined }

/**
 * Saves a comment the way GitLab does: without carriage returns, blanks at its end and its quick actions, which are done with
 * the writer's rights. Refused with 400 when nothing was written.
 */
export async function addNote(deed: Deed, { project, noteable }: Place, fields: NewNote): Promise<NoteOutcome> {
  const { text, commands } = extractQuickActions(fields.body)
  if (text === '' && commands.length === 0) throw badRequest(`Note {:note=>["can't be blank"]}`)
  const note = text === '' ? undefined : insertNote(deed, project, noteable, { ...fields, body: text, system: false })
  if (note !== undefined) {
    touch(deed.world, noteable)
    recordComment(deed, project, note)
    const thread = deed.world.notes.filter((row) => row.discussionId === note.discussionId)
    settleTodos(deed.world, deed.person.id, noteable, note.type === null ? undefined : thread)
    mentionTodos(deed, project, noteable, { text, note })
  }
  const effects = await runQuickActions(deed, project, noteable, commands)
  if (note !== undefined) tellNote(deed, project, current(deed.world, noteable), note, 'create')
  return { note, ...effects }
}
