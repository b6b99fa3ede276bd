import { z } from 'zod'
import { canReadIssue, findProject, fullPath, role, roles } from './access.ts'
import { type Call, created, ok, type Routes } from './call.ts'
import { changeNoteable } from './changes.ts'
import type { Issue, Project } from './entities.ts'
import { Flag, Ids, Names } from './fields.ts'
import { labelIdsOf, labelNames, recordLabelEvents } from './labels.ts'
import { Listing, listed } from './listing.ts'
import { findPlace, mayUpdate, nextIid } from './noteables.ts'
import { paginated } from './pagination.ts'
import { tellIssue } from './payloads.ts'
import { personView, personViewById } from './people.ts'
import { runQuickActions } from './quickActionEffects.ts'
import { extractQuickActions } from './quickActions.ts'
import { forbidden, notFound, Refusal } from './refusal.ts'
import { type Deed, now, type World } from './world.ts'

const Description = z.string().max(1_048_576)
const NewIssue = z.object({
  title: z.string().trim().min(1).max(255),
  description: Description.optional(),
  labels: Names.optional(),
  assignee_ids: Ids.optional(),
  confidential: Flag.default(false),
})
const IssueUpdate = z.object({
  title: z.string().trim().min(1).max(255).optional(),
  description: Description.optional(),
  labels: Names.optional(),
  add_labels: Names.optional(),
  remove_labels: Names.optional(),
  assignee_ids: Ids.optional(),
  state_event: z.enum(['close', 'reopen']).optional(),
  confidential: Flag.optional(),
  discussion_locked: Flag.optional(),
})

/** Issues: list, get, create, update. */
export function issueRoutes(on: Routes): void {
  on('get', '/projects/:id/issues', (call) => {
    const project = findProject(call)
    const seen = call.world.issues.filter(
      (issue) => issue.projectId === project.id && canReadIssue(call.world, call.visitor, project, issue),
    )
    return paginated(call, listed(call.world, seen, call.input(Listing)), (issue) =>
      issueView(call.world, project, issue),
    )
  })
  on('get', '/projects/:id/issues/:iid', (call) => {
    const { project, issue } = find(call)
    return ok(issueView(call.world, project, issue))
  })
  on('post', '/projects/:id/issues', async (call) => {
    const project = findProject(call)
    const deed = call.deed()
    if (project.archived) throw forbidden()
    const issue = await create(deed, project, call.input(NewIssue))
    return created(issueView(call.world, project, issue))
  })
  on('put', '/projects/:id/issues/:iid', (call) => {
    const { project, issue } = find(call)
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
      assigneeIds: fields.assignee_ids,
      stateEvent: fields.state_event,
      confidential: fields.confidential,
      locked: fields.discussion_locked,
    })
    return ok(issueView(call.world, project, find(call).issue))
  })
}

function find(call: Call): { project: Project; issue: Issue } {
  const { project, noteable } = findPlace(call, 'issues')
  if (noteable.type !== 'Issue') throw notFound()
  return { project, issue: noteable.row }
}

/** Opens an issue; quick actions in its description are done afterwards. */
async function create(deed: Deed, project: Project, fields: z.infer<typeof NewIssue>): Promise<Issue> {
  const { world, person } = deed
  const time = now()
  const { text, commands } = extractQuickActions(fields.description ?? '')
  const may = role(world, person, project) >= roles.planner
  const row = world.issues.insert({
    state: 'opened',
    locked: false,
    updatedById: null,
    closedAt: null,
    closedById: null,
    iid: nextIid(world.issues.filter((issue) => issue.projectId === project.id)),
    projectId: project.id,
    title: fields.title,
    description: fields.description === undefined ? null : text,
    authorId: person.id,
    labelIds: may ? labelIdsOf(world, project, fields.labels ?? []) : [],
    assigneeIds: may ? (fields.assignee_ids ?? []).filter((id) => world.people.get(id) !== undefined) : [],
    confidential: fields.confidential,
    createdAt: time,
    updatedAt: time,
  })
  recordLabelEvents(deed, project, { type: 'Issue', id: row.id }, [], row.labelIds)
  tellIssue(deed, project, row, 'open', {})
  await runQuickActions(deed, project, { type: 'Issue', row }, commands)
  return world.issues.get(row.id) ?? row
}

/** An issue as the API shows it. */
export function issueView(world: World, project: Project, issue: Issue) {
  const web = `${world.url}/${fullPath(project)}/-/issues/${issue.iid}`
  const api = `${world.url}/api/v4/projects/${project.id}`
  const assignees = issue.assigneeIds.map((id) => world.people.get(id)).filter((person) => person !== undefined)
  const comments = world.notes.filter(
    (note) => note.noteableType === 'Issue' && note.noteableId === issue.id && !note.system,
  )
  return {
    id: issue.id,
    iid: issue.iid,
    project_id: issue.projectId,
    title: issue.title,
    description: issue.description,
    state: issue.state,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    closed_by: personViewById(world, issue.closedById),
    labels: labelNames(world, issue.labelIds),
    milestone: null,
    assignees: assignees.map((person) => personView(world, person)),
    assignee: personViewById(world, issue.assigneeIds[0] ?? null),
    author: personViewById(world, issue.authorId),
    type: 'ISSUE',
    issue_type: 'issue',
    user_notes_count: comments.length,
    merge_requests_count: 0,
    upvotes: 0,
    downvotes: 0,
    due_date: null,
    confidential: issue.confidential,
    discussion_locked: issue.locked ? true : null,
    web_url: web,
    severity: 'UNKNOWN',
    references: { short: `#${issue.iid}`, relative: `#${issue.iid}`, full: `${fullPath(project)}#${issue.iid}` },
    _links: {
      self: `${api}/issues/${issue.iid}`,
      notes: `${api}/issues/${issue.iid}/notes`,
      award_emoji: `${api}/issues/${issue.iid}/award_emoji`,
      project: api,
    },
  }
}
