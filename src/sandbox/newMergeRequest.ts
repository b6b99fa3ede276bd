import { recordActivity } from './activity.ts'
import { allowedPeople, tellAssignment, tellReviewers } from './assignments.ts'
import { mentionedIssues } from './closing.ts'
import { recordVersion } from './diffVersions.ts'
import type { MergeRequest, Project } from './entities.ts'
import { branchTip } from './gitFacts.ts'
import { labelIdsOf, recordLabelEvents } from './labels.ts'
import { gitViewOf } from './mergeRequestGit.ts'
import { nextIid } from './noteables.ts'
import { tellMergeRequest } from './payloads.ts'
import { runQuickActions } from './quickActionEffects.ts'
import { extractQuickActions } from './quickActions.ts'
import { Refusal } from './refusal.ts'
import { addSystemNote } from './systemNotes.ts'
import { mentionTodos } from './todoRules.ts'
import { type Deed, now, type World } from './world.ts'

/** What somebody asks for. */
export type NewMergeRequest = Pick<
  MergeRequest,
  | 'title'
  | 'description'
  | 'sourceBranch'
  | 'targetBranch'
  | 'assigneeIds'
  | 'reviewerIds'
  | 'squash'
  | 'removeSourceBranch'
> & { readonly labels: readonly string[] }

/** 409 with an array, when another open merge request has the same branches. */
export function requireNoTwin(world: World, project: Project, source: string, target: string, self?: number): void {
  const twin = world.mergeRequests.find(
    (row) =>
      row.projectId === project.id &&
      row.state === 'opened' &&
      row.sourceBranch === source &&
      row.targetBranch === target &&
      row.id !== self,
  )
  if (twin === undefined) return
  const message = [`Another open merge request already exists for this source branch: !${twin.iid}`]
  throw new Refusal(409, { message })
}

/** Opens a merge request. 422 for a branch into itself, 400 for branches that do not exist, 409 for the second of its kind. */
export async function createMergeRequest(deed: Deed, project: Project, fields: NewMergeRequest): Promise<MergeRequest> {
  const { world, person } = deed
  const { sourceBranch, targetBranch } = fields
  if (sourceBranch === targetBranch) {
    throw new Refusal(422, { message: ["You can't use same project/branch for source and target"] })
  }
  const view = await gitViewOf(world, project, sourceBranch, targetBranch)
  // What follows is done without a pause, so that of two that come at once the second is refused.
  requireNoTwin(world, project, sourceBranch, targetBranch)
  if (view === undefined) {
    const name = (await branchTip(world, project, sourceBranch)) === undefined ? 'source_branch' : 'target_branch'
    throw new Refusal(400, { message: { [name]: ['does not exist'] } })
  }
  const { text, commands } = extractQuickActions(fields.description ?? '')
  const time = now()
  const { labels, ...rest } = fields
  const row = world.mergeRequests.insert({
    ...rest,
    ...view,
    description: fields.description === null ? null : text,
    assigneeIds: allowedPeople(deed, fields.assigneeIds),
    reviewerIds: allowedPeople(deed, fields.reviewerIds),
    iid: nextIid(world.mergeRequests.filter((merge) => merge.projectId === project.id)),
    projectId: project.id,
    authorId: person.id,
    state: 'opened',
    labelIds: labelIdsOf(world, project, labels),
    approvedByIds: [],
    locked: false,
    createdAt: time,
    updatedAt: time,
    updatedById: null,
    lastEditedAt: null,
    lastEditedById: null,
    closedAt: null,
    closedById: null,
    mergedAt: null,
    mergedById: null,
    mergeCommitSha: null,
    squashCommitSha: null,
  })
  const opened = { type: 'MergeRequest', row } as const
  recordVersion(world, row)
  recordLabelEvents(deed, project, { type: 'MergeRequest', id: row.id }, [], row.labelIds)
  recordActivity(deed, project, opened, 'created')
  tellAssignment(deed, project, opened, [])
  tellReviewers(deed, project, opened, [])
  mentionTodos(deed, project, opened, { text })
  for (const issue of mentionedIssues(world, project, text)) {
    addSystemNote(deed, project, { type: 'Issue', row: issue }, `mentioned in merge request !${row.iid}`)
  }
  tellMergeRequest(deed, project, row, 'open', {})
  await runQuickActions(deed, project, opened, commands)
  return world.mergeRequests.get(row.id) ?? row
}
