import { z } from 'zod'
import { canRead, findProject, findProjectFor, role, roles } from './access.ts'
import { type Answer, type Call, created, gone, ok, type Routes } from './call.ts'
import { changeNoteable } from './changes.ts'
import { mentionedIssues } from './closing.ts'
import type { MergeRequest, Project } from './entities.ts'
import { Flag, Ids, Names } from './fields.ts'
import { projectsBelow } from './groups.ts'
import { issueView } from './issueView.ts'
import { inScope, Listing, listed, type Scope } from './listing.ts'
import { mergeRequestView } from './mergeRequestView.ts'
import { merge } from './merging.ts'
import { createMergeRequest, type NewMergeRequest, requireNoTwin } from './newMergeRequest.ts'
import { findPlace, mayUpdate } from './noteables.ts'
import { paginated } from './pagination.ts'
import { forbidden, notFound, Refusal } from './refusal.ts'
import { removeNoteable } from './removal.ts'

const Common = {
  description: z.string().max(1_048_576).optional(),
  labels: Names.optional(),
  add_labels: Names.optional(),
  remove_labels: Names.optional(),
  assignee_ids: Ids.optional(),
  assignee_id: Ids.optional(),
  reviewer_ids: Ids.optional(),
  remove_source_branch: Flag.optional(),
  squash: Flag.optional(),
}
const Title = z.string().trim().min(1).max(255)
const Creation = z.object({
  ...Common,
  title: Title,
  source_branch: z.string().min(1),
  target_branch: z.string().min(1),
})
const Update = z.object({
  ...Common,
  title: Title.optional(),
  target_branch: z.string().min(1).optional(),
  state_event: z.enum(['close', 'reopen']).optional(),
  discussion_locked: Flag.optional(),
})
const Merging = z.object({
  sha: z.string().optional(),
  squash: Flag.optional(),
  should_remove_source_branch: Flag.optional(),
  merge_commit_message: z.string().optional(),
})
const Filters = Listing.extend({ source_branch: z.string().optional(), target_branch: z.string().optional() })

/** Merge requests: list, get, create, update, merge, delete; and those of all projects at once. */
export function mergeRequestRoutes(on: Routes): void {
  const path = '/projects/:id/merge_requests'
  on('get', path, (call) => {
    const project = findProject(call)
    return list(call, 'all', (row) => row.projectId === project.id)
  })
  on('get', '/merge_requests', (call) => {
    call.deed()
    return list(call, 'created_by_me', () => true)
  })
  on('get', '/groups/:id/merge_requests', (call) => {
    const projects = new Set(projectsBelow(call).map((project) => project.id))
    return list(call, 'all', (row) => projects.has(row.projectId))
  })
  on('get', `${path}/:iid`, (call) => {
    const { project, row } = findMergeRequest(call)
    return ok(view(call, project, row))
  })
  on('post', path, async (call) => {
    const { project, deed } = findProjectFor(call, roles.developer)
    const row = await createMergeRequest(deed, project, asNew(call.input(Creation)))
    return created(view(call, project, row))
  })
  on('put', `${path}/:iid`, update)
  on('put', `${path}/:iid/merge`, async (call) => {
    const { project, row } = findMergeRequest(call)
    const fields = call.input(Merging)
    await merge(call.deed(), project, row, {
      sha: fields.sha,
      squash: fields.squash,
      removeSourceBranch: fields.should_remove_source_branch,
      message: fields.merge_commit_message,
    })
    return ok(view(call, project, findMergeRequest(call).row))
  })
  // Owners delete; here maintainers do, because the sandbox has no owner among its people.
  on('delete', `${path}/:iid`, (call) => {
    const { project, row } = findMergeRequest(call)
    const { world, person } = call.deed()
    if (role(world, person, project) < roles.maintainer) throw forbidden()
    removeNoteable(world, { type: 'MergeRequest', row })
    return gone
  })
  on('get', `${path}/:iid/closes_issues`, (call) => {
    const { project, row } = findMergeRequest(call)
    const issues = mentionedIssues(call.world, project, row.description ?? '')
    return paginated(call, issues, (issue) => issueView(call.world, project, issue))
  })
}

/** The merge requests that the visitor sees and asked for. */
function list(call: Call, usual: Scope, wanted: (row: MergeRequest) => boolean): Answer {
  const { world, visitor } = call
  const filters = call.input(Filters)
  const seen = world.mergeRequests.filter((row) => {
    const project = world.projects.get(row.projectId)
    return (
      project !== undefined &&
      wanted(row) &&
      inScope(visitor, row, filters.scope ?? usual) &&
      canRead(world, visitor, project) &&
      (filters.source_branch ?? row.sourceBranch) === row.sourceBranch &&
      (filters.target_branch ?? row.targetBranch) === row.targetBranch
    )
  })
  return paginated(call, listed(world, seen, filters), (row) => {
    const project = world.projects.get(row.projectId)
    return project === undefined ? undefined : view(call, project, row)
  })
}

/** The merge request that the path names; 404 otherwise. */
export function findMergeRequest(call: Call): { project: Project; row: MergeRequest } {
  const { project, noteable } = findPlace(call, 'merge_requests')
  if (noteable.type !== 'MergeRequest') throw notFound()
  return { project, row: noteable.row }
}

function view(call: Call, project: Project, row: MergeRequest) {
  return mergeRequestView(call.world, call.visitor, project, row)
}

function asNew(fields: z.infer<typeof Creation>): NewMergeRequest {
  return {
    title: fields.title,
    description: fields.description ?? null,
    sourceBranch: fields.source_branch,
    targetBranch: fields.target_branch,
    labels: [...(fields.labels ?? []), ...(fields.add_labels ?? [])],
    assigneeIds: fields.assignee_ids ?? fields.assignee_id ?? [],
    reviewerIds: fields.reviewer_ids ?? [],
    squash: fields.squash ?? false,
    removeSourceBranch: fields.remove_source_branch ?? false,
  }
}

function update(call: Call): Answer {
  const { project, row } = findMergeRequest(call)
  const deed = call.deed()
  if (!mayUpdate(call.world, deed.person, project, { type: 'MergeRequest', row })) throw forbidden()
  const fields = call.input(Update)
  if (Object.values(fields).every((value) => value === undefined)) {
    const names = Object.keys(Update.shape).join(', ')
    throw new Refusal(400, { error: `${names} are missing, at least one parameter must be provided` })
  }
  const target = fields.target_branch ?? row.targetBranch
  if (fields.state_event === 'reopen' || target !== row.targetBranch) {
    requireNoTwin(call.world, project, row.sourceBranch, target, row.id)
  }
  changeNoteable(
    deed,
    project,
    { type: 'MergeRequest', row },
    {
      title: fields.title,
      description: fields.description,
      labels: fields.labels,
      addLabels: fields.add_labels,
      removeLabels: fields.remove_labels,
      assigneeIds: fields.assignee_ids ?? fields.assignee_id,
      reviewerIds: fields.reviewer_ids,
      stateEvent: fields.state_event,
      locked: fields.discussion_locked,
      targetBranch: fields.target_branch,
      squash: fields.squash,
      removeSourceBranch: fields.remove_source_branch,
    },
  )
  return ok(view(call, project, findMergeRequest(call).row))
}
