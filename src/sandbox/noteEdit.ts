import type { Note } from './entities.ts'
import type { NoteOutcome } from './newNote.ts'
import { current, type Place, touch } from './noteables.ts'
import { tellNote } from './payloads.ts'
import { runQuickActions } from './quickActionEffects.ts'
import { extractQuickActions } from './quickActions.ts'
import { badRequest } from './refusal.ts'
import { removeNote } from './removal.ts'
import { mentionTodos } from './todoRules.ts'
import { type Deed, now } from './world.ts'

/**
 * Changes a note's text. Quick actions in it are done, and a note of which nothing else is left is deleted. The webhook fires
 * only if the text is another one, and names the author, whoever edited.
 */
export async function editNote(
  deed: Deed,
  { project, noteable }: Place,
  note: Note,
  body: string,
): Promise<NoteOutcome> {
  const { text, commands } = extractQuickActions(body)
  if (text === '' && commands.length === 0) throw badRequest(`Note {:note=>["can't be blank"]}`)
  const effects = await runQuickActions(deed, project, noteable, commands)
  if (text === '') {
    removeNote(deed.world, note)
    return { note: undefined, ...effects }
  }
  if (text === note.body) return { note, ...effects }
  const time = now()
  const patch = { body: text, updatedAt: time, lastEditedAt: time, updatedById: deed.person.id }
  const edited = deed.world.notes.update(note.id, patch)
  touch(deed.world, noteable)
  mentionTodos(deed, project, noteable, { text, before: note.body, note: edited })
  tellNote(deed, project, current(deed.world, noteable), edited, 'update')
  return { note: edited, ...effects }
}
