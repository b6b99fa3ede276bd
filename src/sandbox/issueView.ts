import { fullPath } from './access.ts'
import type { Issue, Project } from './entities.ts'
import { labelNames } from './labels.ts'
import { issueUrl } from './payloadParts.ts'
import { personView, personViewById } from './people.ts'
import type { World } from './world.ts'

/** An issue as the API shows it. */
export function issueView(world: World, project: Project, issue: Issue) {
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
    type: issue.issueType.toUpperCase(),
    issue_type: issue.issueType,
    user_notes_count: comments.length,
    merge_requests_count: 0,
    upvotes: 0,
    downvotes: 0,
    due_date: null,
    confidential: issue.confidential,
    discussion_locked: issue.locked ? true : null,
    web_url: issueUrl(world, project, issue),
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
