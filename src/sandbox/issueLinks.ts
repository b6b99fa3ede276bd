import { z } from 'zod'
import { canRead, canReadIssue, projectNamed, role, roles } from './access.ts'
import { type Call, created, ok, type Routes } from './call.ts'
import { mentionedIssues } from './closing.ts'
import type { Issue, MergeRequest, Project, Time } from './entities.ts'
import { Whole } from './fields.ts'
import { findIssue } from './issues.ts'
import { issueView } from './issueView.ts'
import { mergeRequestView } from './mergeRequestView.ts'
import { paginated } from './pagination.ts'
import { forbidden, notFound, Refusal } from './refusal.ts'
import { now, type World } from './world.ts'

/** That two issues have to do with one another. */
export type IssueLink = { id: number; sourceId: number; targetId: number; createdAt: Time }

const Creation = z.object({
  target_project_id: z.union([z.string(), z.number()]),
  target_issue_iid: Whole,
  // GitLab Free knows no other relation.
  link_type: z.literal('relates_to').default('relates_to'),
})

/** What an issue has to do with: other issues, and merge requests that name it. */
export function issueLinkRoutes(on: Routes): void {
  const path = '/projects/:id/issues/:iid/links'
  on('get', path, (call) => {
    const { issue } = findIssue(call)
    const links = call.world.issueLinks.filter((link) => link.sourceId === issue.id || link.targetId === issue.id)
    return paginated(call, links, (link) => linked(call, issue, link))
  })
  on('post', path, (call) => {
    const { project, issue } = findIssue(call)
    const { world, person } = call.deed()
    const fields = call.input(Creation)
    const other = projectNamed(world, person, String(fields.target_project_id))
    const target = world.issues.find((row) => row.projectId === other?.id && row.iid === fields.target_issue_iid)
    if (other === undefined || target === undefined || !canReadIssue(world, person, other, target)) throw notFound()
    if (role(world, person, project) < roles.planner) throw forbidden()
    if (find(world, issue, target) !== undefined) throw new Refusal(409, { message: 'Issue(s) already assigned' })
    world.issueLinks.insert({ sourceId: issue.id, targetId: target.id, createdAt: now() })
    return created(both(world, issue, target))
  })
  on('delete', `${path}/:link_id`, (call) => {
    const { project, issue } = findIssue(call)
    const { world, person } = call.deed()
    const link = world.issueLinks.get(Number(call.param('link_id')))
    if (link === undefined || (link.sourceId !== issue.id && link.targetId !== issue.id)) throw notFound()
    if (role(world, person, project) < roles.planner) throw forbidden()
    world.issueLinks.delete(link.id)
    const [source, target] = [world.issues.get(link.sourceId), world.issues.get(link.targetId)]
    return ok(source === undefined || target === undefined ? {} : both(world, source, target))
  })
  on('get', '/projects/:id/issues/:iid/related_merge_requests', (call) =>
    mergeRequests(call, (project, issue, row) => names(call.world, project, issue, row)),
  )
  on('get', '/projects/:id/issues/:iid/closed_by', (call) =>
    mergeRequests(call, (project, issue, row) => closes(call.world, project, issue, row)),
  )
}

function find(world: World, one: Issue, other: Issue): IssueLink | undefined {
  return world.issueLinks.find(
    ({ sourceId, targetId }) =>
      (sourceId === one.id && targetId === other.id) || (sourceId === other.id && targetId === one.id),
  )
}

/** The issue at the other end, if the visitor sees it. */
function linked({ world, visitor }: Call, issue: Issue, link: IssueLink) {
  const other = world.issues.get(link.sourceId === issue.id ? link.targetId : link.sourceId)
  const project = other === undefined ? undefined : world.projects.get(other.projectId)
  if (other === undefined || project === undefined) return undefined
  if (!canRead(world, visitor, project) || !canReadIssue(world, visitor, project, other)) return undefined
  return {
    ...issueView(world, project, other),
    issue_link_id: link.id,
    link_type: 'relates_to',
    link_created_at: link.createdAt,
    link_updated_at: link.createdAt,
  }
}

function both(world: World, source: Issue, target: Issue) {
  const view = (issue: Issue) => {
    const project = world.projects.get(issue.projectId)
    return project === undefined ? null : issueView(world, project, issue)
  }
  return { source_issue: view(source), target_issue: view(target), link_type: 'relates_to' }
}

function mergeRequests(call: Call, matches: (project: Project, issue: Issue, row: MergeRequest) => boolean) {
  const { project, issue } = findIssue(call)
  const found = call.world.mergeRequests.filter((row) => row.projectId === project.id && matches(project, issue, row))
  return paginated(call, found, (row) => mergeRequestView(call.world, call.visitor, project, row))
}

function closes(world: World, project: Project, issue: Issue, row: MergeRequest): boolean {
  return mentionedIssues(world, project, row.description ?? '').some((closed) => closed.id === issue.id)
}

/** `#7` in title or description is enough to be related. */
function names(world: World, project: Project, issue: Issue, row: MergeRequest): boolean {
  const text = `${row.title}\n${row.description ?? ''}`
  return closes(world, project, issue, row) || new RegExp(`(?<![\\w/])#${issue.iid}(?!\\d)`).test(text)
}
