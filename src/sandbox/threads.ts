import type { MergeRequest, Note } from './entities.ts'
import type { World } from './world.ts'

/** Only notes of threads can be resolved. */
export function isResolvable(note: Note): boolean {
  return note.type !== null && !note.system
}

/** The notes of a merge request that can be resolved. */
export function threadNotes(world: World, merge: MergeRequest): Note[] {
  return world.notes.filter(
    (note) => note.noteableType === 'MergeRequest' && note.noteableId === merge.id && isResolvable(note),
  )
}

/** Whether no thread of a merge request is open. */
export function discussionsResolved(world: World, merge: MergeRequest): boolean {
  return threadNotes(world, merge).every((note) => note.resolvedAt !== null)
}
