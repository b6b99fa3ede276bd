import { rmSync } from 'node:fs'
import type { Issue, MergeRequest, Note, Project } from './entities.ts'
import { repositoryOf } from './gitFacts.ts'
import type { Noteable } from './payloads.ts'
import type { Row, Table } from './table.ts'
import type { World } from './world.ts'

/** Removes a note with all that hangs on it. No hook tells of it. */
export function removeNote(world: World, note: Note): void {
  clear(world.awards, (row) => row.awardableType === 'Note' && row.awardableId === note.id)
  clear(world.todos, (row) => row.noteId === note.id)
  clear(world.activities, (row) => row.targetType === 'Note' && row.targetId === note.id)
  world.notes.delete(note.id)
}

/** Removes an issue or merge request with all that hangs on it. */
export function removeNoteable(world: World, { type, row }: Noteable): void {
  for (const note of world.notes.filter((entry) => entry.noteableType === type && entry.noteableId === row.id)) {
    removeNote(world, note)
  }
  clear(world.awards, (entry) => entry.awardableType === type && entry.awardableId === row.id)
  clear(world.labelEvents, (entry) => entry.resourceType === type && entry.resourceId === row.id)
  clear(world.stateEvents, (entry) => entry.resourceType === type && entry.resourceId === row.id)
  clear(world.todos, (entry) => entry.targetType === type && entry.targetId === row.id)
  clear(world.activities, (entry) => entry.targetType === type && entry.targetId === row.id)
  if (type === 'Issue') removeIssue(world, row)
  else removeMergeRequest(world, row)
}

function removeIssue(world: World, row: Issue): void {
  clear(world.issueLinks, (link) => link.sourceId === row.id || link.targetId === row.id)
  world.issues.delete(row.id)
}

function removeMergeRequest(world: World, row: MergeRequest): void {
  clear(world.draftNotes, (draft) => draft.mergeRequestId === row.id)
  clear(world.diffVersions, (version) => version.mergeRequestId === row.id)
  world.mergeRequests.delete(row.id)
}

/** Removes a project, its repository, and all that is in it. */
export function removeProject(world: World, project: Project): void {
  const own = (row: { readonly projectId: number | null }) => row.projectId === project.id
  for (const row of world.issues.filter(own)) removeNoteable(world, { type: 'Issue', row })
  for (const row of world.mergeRequests.filter(own)) removeNoteable(world, { type: 'MergeRequest', row })
  for (const table of [
    world.members,
    world.labels,
    world.activities,
    world.protectedBranches,
    world.pipelines,
    world.jobs,
    world.hooks,
    world.hookEvents,
  ]) {
    for (const row of table.all()) if (own(row)) table.delete(row.id)
  }
  world.projects.delete(project.id)
  rmSync(repositoryOf(world, project), { recursive: true, force: true })
}

function clear<T extends Row>(table: Table<T>, matches: (row: T) => boolean): void {
  for (const row of table.filter(matches)) table.delete(row.id)
}
