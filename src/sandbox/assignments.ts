import type { Project } from './entities.ts'
import type { Noteable } from './payloads.ts'
import { addSystemNote } from './systemNotes.ts'
import { requestTodos } from './todoRules.ts'
import type { Deed, World } from './world.ts'

/** GitLab Free knows one assignee and one reviewer: of several the first is taken, and nothing is said. */
export function allowedPeople({ world }: Deed, ids: readonly number[]): number[] {
  return ids.slice(0, 1).filter((id) => world.people.get(id) !== undefined)
}

/** The system note of who is assigned now and who is no longer, and the to-do of who is. Nothing when nobody changed. */
export function tellAssignment(deed: Deed, project: Project, after: Noteable, before: readonly number[]): void {
  const { assigneeIds } = after.row
  const added = assigneeIds.filter((id) => !before.includes(id))
  const removed = before.filter((id) => !assigneeIds.includes(id))
  const parts = [
    ...(added.length === 0 ? [] : [`assigned to ${sentence(deed.world, added)}`]),
    ...(removed.length === 0 ? [] : [`unassigned ${sentence(deed.world, removed)}`]),
  ]
  if (parts.length === 0) return
  addSystemNote(deed, project, after, parts.join(' and '))
  requestTodos(deed, project, after, added, 'assigned')
}

/** The same for the reviewers of a merge request. */
export function tellReviewers(
  deed: Deed,
  project: Project,
  after: Noteable & { readonly type: 'MergeRequest' },
  before: readonly number[],
): void {
  const { reviewerIds } = after.row
  const added = reviewerIds.filter((id) => !before.includes(id))
  const removed = before.filter((id) => !reviewerIds.includes(id))
  const parts = [
    ...(added.length === 0 ? [] : [`requested review from ${sentence(deed.world, added)}`]),
    ...(removed.length === 0 ? [] : [`removed review request for ${sentence(deed.world, removed)}`]),
  ]
  if (parts.length === 0) return
  addSystemNote(deed, project, after, parts.join(' and '))
  requestTodos(deed, project, after, added, 'review_requested')
}

/** `@one, @two, and @three` */
function sentence(world: World, ids: readonly number[]): string {
  const names = ids.map((id) => `@${world.people.get(id)?.username ?? 'ghost'}`)
  return new Intl.ListFormat('en').format(names)
}
