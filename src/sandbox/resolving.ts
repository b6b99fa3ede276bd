import { role, roles } from './access.ts'
import type { Note, Person, Project } from './entities.ts'
import { current, type Place, touch } from './noteables.ts'
import { type Noteable, tellMergeRequest } from './payloads.ts'
import { addSystemNote } from './systemNotes.ts'
import { isResolvable, threadNotes } from './threads.ts'
import { type Deed, now, type World } from './world.ts'

/** Whether somebody may resolve these notes: developers and the author of the thing may, where there is something to resolve. */
export function mayResolve(
  world: World,
  person: Person,
  { project, noteable }: Place,
  notes: readonly Note[],
): boolean {
  if (!notes.every(isResolvable)) return false
  return noteable.row.authorId === person.id || role(world, person, project) >= roles.developer
}

/**
 * Resolves or reopens notes as somebody asked for it. When nothing of a merge request is left open, its discussion says so, and
 * its hook fires with an empty `changes`.
 */
export function resolveNotes(deed: Deed, place: Place, notes: readonly Note[], resolved: boolean): void {
  const changed = markResolved(deed, place, notes, resolved)
  if (resolved && changed) tellAllResolved(deed, place.project, current(deed.world, place.noteable))
}

/** Moves `updated_at` of the notes that change, and tells nobody; gives whether any did. */
export function markResolved(deed: Deed, { noteable }: Place, notes: readonly Note[], resolved: boolean): boolean {
  const { world, person } = deed
  const time = now()
  const patch = { resolvedAt: resolved ? time : null, resolvedById: resolved ? person.id : null, updatedAt: time }
  const changed = notes.filter((note) => (note.resolvedAt !== null) !== resolved)
  for (const note of changed) world.notes.update(note.id, patch)
  if (changed.length > 0) touch(world, noteable)
  return changed.length > 0
}

/** Says that all threads are resolved, if there are any and they are. */
export function tellAllResolved(deed: Deed, project: Project, noteable: Noteable): void {
  if (noteable.type !== 'MergeRequest') return
  const threads = threadNotes(deed.world, noteable.row)
  if (threads.length === 0 || threads.some((note) => note.resolvedAt === null)) return
  addSystemNote(deed, project, noteable, 'resolved all threads')
  const now = current(deed.world, noteable)
  if (now.type === 'MergeRequest') tellMergeRequest(deed, project, now.row, 'update', {})
}
