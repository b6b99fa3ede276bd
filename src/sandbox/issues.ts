import { z } from 'zod'
import { canRead, canReadIssue, findProject, role, roles } from './access.ts'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import { changeNoteable } from './changes.ts'
import type { Issue, Project } from './entities.ts'
import { Flag, Ids, Names } from './fields.ts'
import { projectsBelow } from './groups.ts'
import { issueView } from './issueView.ts'
import { inScope, Listing, listed, type Scope } from './listing.ts'
import { createIssue } from './newIssue.ts'
import { findPlace, mayUpdate } from './noteables.ts'
import { paginated } from './pagination.ts'
import { forbidden, notFound, Refusal } from './refusal.ts'
import { removeNoteable } from './removal.ts'

const Description = z.string().max(1_048_576)
const Kind = z.enum(['issue', 'task', 'incident'])
const NewIssue = z.object({
  title: z.string().trim().min(1).max(255),
  description: Description.optional(),
  labels: Names.optional(),
  assignee_ids: Ids.optional(),
  assignee_id: Ids.optional(),
  confidential: Flag.default(false),
  issue_type: Kind.default('issue'),
})
const IssueUpdate = z.object({
  title: z.string().trim().min(1).max(255).optional(),
  description: Description.optional(),
  labels: Names.optional(),
  add_labels: Names.optional(),
  remove_labels: Names.optional(),
  assignee_ids: Ids.optional(),
  assignee_id: Ids.optional(),
  state_event: z.enum(['close', 'reopen']).optional(),
  confidential: Flag.optional(),
  discussion_locked: Flag.optional(),
})
const Filters = Listing.extend({ issue_type: Kind.optional(), confidential: Flag.optional() })

/** Issues: list, get, create, update, delete; and those of all projects at once. */
export function issueRoutes(on: Routes): void {
  on('get', '/projects/:id/issues', (call) => {
    const project = findProject(call)
    return list(call, 'all', (issue) => issue.projectId === project.id)
  })
  on('get', '/issues', (call) => {
    call.deed()
    return list(call, 'created_by_me', () => true)
  })
  on('get', '/groups/:id/issues', (call) => {
    const projects = new Set(projectsBelow(call).map((project) => project.id))
    return list(call, 'all', (issue) => projects.has(issue.projectId))
  })
  on('get', '/projects/:id/issues/:iid', (call) => {
    const { project, issue } = findIssue(call)
    return ok(issueView(call.world, project, issue))
  })
  on('post', '/projects/:id/issues', async (call) => {
    const project = findProject(call)
    const deed = call.deed()
    if (project.archived) throw forbidden()
    const fields = call.input(NewIssue)
    const issue = await createIssue(deed, project, {
      title: fields.title,
      description: fields.description ?? null,
      confidential: fields.confidential,
      issueType: fields.issue_type,
      labels: fields.labels ?? [],
      assigneeIds: fields.assignee_ids ?? fields.assignee_id ?? [],
    })
    return created(issueView(call.world, project, issue))
  })
  on('put', '/projects/:id/issues/:iid', (call) => {
    const { project, issue } = findIssue(call)
    const deed = call.deed()
    const before = { type: 'Issue', row: issue } as const
    if (!mayUpdate(call.world, deed.person, project, before)) throw forbidden()
    const fields = call.input(IssueUpdate)
    if (Object.values(fields).every((value) => value === undefined)) {
      const names = Object.keys(IssueUpdate.shape).join(', ')
      throw new Refusal(400, { error: `${names} are missing, at least one parameter must be provided` })
    }
    changeNoteable(deed, project, before, {
      title: fields.title,
      description: fields.description,
      labels: fields.labels,
      addLabels: fields.add_labels,
      removeLabels: fields.remove_labels,
      assigneeIds: fields.assignee_ids ?? fields.assignee_id,
      stateEvent: fields.state_event,
      confidential: fields.confidential,
      locked: fields.discussion_locked,
    })
    return ok(issueView(call.world, project, findIssue(call).issue))
  })
  // Owners and planners delete; here maintainers do, because the sandbox has no owner among its people.
  on('delete', '/projects/:id/issues/:iid', (call) => {
    const { project, issue } = findIssue(call)
    const { world, person } = call.deed()
    if (role(world, person, project) < roles.maintainer) throw forbidden()
    removeNoteable(world, { type: 'Issue', row: issue })
    return gone
  })
}

/** The issues that the visitor sees and asked for. */
function list(call: Call, usual: Scope, wanted: (issue: Issue) => boolean) {
  const { world, visitor } = call
  const filters = call.input(Filters)
  const seen = world.issues.filter((issue) => {
    const project = world.projects.get(issue.projectId)
    return (
      project !== undefined &&
      wanted(issue) &&
      inScope(visitor, issue, filters.scope ?? usual) &&
      canRead(world, visitor, project) &&
      canReadIssue(world, visitor, project, issue) &&
      (filters.issue_type ?? issue.issueType) === issue.issueType &&
      (filters.confidential ?? issue.confidential) === issue.confidential
    )
  })
  return paginated(call, listed(world, seen, filters), (issue) => {
    const project = world.projects.get(issue.projectId)
    return project === undefined ? undefined : issueView(world, project, issue)
  })
}

/** The issue that the path names; 404 for one that may not be seen. */
export function findIssue(call: Call): { project: Project; issue: Issue } {
  const { project, noteable } = findPlace(call, 'issues')
  if (noteable.type !== 'Issue') throw notFound()
  return { project, issue: noteable.row }
}
