import { fullPath } from './access.ts'
import type { Issue, IssueType, Label, MergeRequest, Person, Project, Time } from './entities.ts'
import { headPipeline } from './pipelineLookup.ts'
import { discussionsResolved } from './threads.ts'
import type { World } from './world.ts'

const visibilityLevels = { private: 0, internal: 10, public: 20 } as const
const mergeRequestStates = { opened: 1, closed: 2, merged: 3 } as const

/** `2015-05-17 18:08:09 UTC`, as most times in webhooks are written (labels keep ISO 8601). */
export function stamp(time: Time): string
export function stamp(time: Time | null): string | null
export function stamp(time: Time | null): string | null {
  return time === null ? null : `${time.slice(0, 19).replace('T', ' ')} UTC`
}

/** A person in a webhook: there is no sign of being a bot, and no mail address. */
export function userPart(person: Person) {
  return { id: person.id, name: person.name, username: person.username, avatar_url: null, email: '[REDACTED]' }
}

/** The people with these ids. */
export function userParts(world: World, ids: readonly number[]) {
  return ids
    .map((id) => world.people.get(id))
    .filter((person) => person !== undefined)
    .map(userPart)
}

/** A project in a webhook. */
export function projectPart(world: World, project: Project) {
  const web = `${world.url}/${fullPath(project)}`
  const ssh = `git@${new URL(world.url).hostname}:${fullPath(project)}.git`
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    web_url: web,
    avatar_url: null,
    git_ssh_url: ssh,
    git_http_url: `${web}.git`,
    namespace: project.namespace,
    visibility_level: visibilityLevels[project.visibility],
    path_with_namespace: fullPath(project),
    default_branch: project.defaultBranch,
    ci_config_path: null,
    homepage: web,
    url: ssh,
    ssh_url: ssh,
    http_url: `${web}.git`,
  }
}

/** The deprecated `repository` of a webhook. */
export function repositoryPart(world: World, project: Project) {
  const { name, url, description, homepage } = projectPart(world, project)
  return { name, url, description, homepage }
}

/** A label in a webhook, whole. */
function labelPart(label: Label) {
  return {
    id: label.id,
    title: label.name,
    color: label.color,
    project_id: label.projectId,
    created_at: label.createdAt,
    updated_at: label.updatedAt,
    template: false,
    description: label.description,
    type: 'ProjectLabel',
    group_id: null,
  }
}

/** The labels with these ids, whole. */
export function labelParts(world: World, ids: readonly number[]) {
  return ids
    .map((id) => world.labels.get(id))
    .filter((label) => label !== undefined)
    .map(labelPart)
}

/** What issues and merge requests have in common in webhooks. */
function commonPart(world: World, thing: Issue | MergeRequest) {
  return {
    id: thing.id,
    iid: thing.iid,
    title: thing.title,
    description: thing.description,
    author_id: thing.authorId,
    assignee_ids: thing.assigneeIds,
    assignee_id: thing.assigneeIds[0] ?? null,
    created_at: stamp(thing.createdAt),
    updated_at: stamp(thing.updatedAt),
    updated_by_id: thing.updatedById,
    last_edited_at: stamp(thing.lastEditedAt),
    last_edited_by_id: thing.lastEditedById,
    milestone_id: null,
    state: thing.state,
    labels: labelParts(world, thing.labelIds),
    time_estimate: 0,
    total_time_spent: 0,
    time_change: 0,
    human_total_time_spent: null,
    human_time_estimate: null,
    human_time_change: null,
  }
}

/** What webhooks and GraphQL call the types. */
export const typeNames: Readonly<Record<IssueType, string>> = { issue: 'Issue', task: 'Task', incident: 'Incident' }

/** The page of an issue; a task's is that of a work item. */
export function issueUrl(world: World, project: Project, issue: Issue): string {
  return `${world.url}/${fullPath(project)}/-/${issue.issueType === 'task' ? 'work_items' : 'issues'}/${issue.iid}`
}

/** An issue's attributes in a webhook. */
export function issuePart(world: World, project: Project, issue: Issue) {
  return {
    ...commonPart(world, issue),
    project_id: issue.projectId,
    confidential: issue.confidential,
    discussion_locked: issue.locked ? true : null,
    closed_at: stamp(issue.closedAt),
    due_date: null,
    start_date: null,
    moved_to_id: null,
    duplicated_to_id: null,
    relative_position: null,
    state_id: issue.state === 'opened' ? 1 : 2,
    severity: 'unknown',
    weight: null,
    health_status: null,
    type: typeNames[issue.issueType],
    url: issueUrl(world, project, issue),
  }
}

/** A merge request's attributes in a webhook. */
export function mergeRequestPart(world: World, project: Project, merge: MergeRequest) {
  const draft = isDraft(merge)
  const web = `${world.url}/${fullPath(project)}`
  return {
    ...commonPart(world, merge),
    draft,
    work_in_progress: draft,
    discussion_locked: merge.locked ? true : null,
    head_pipeline_id: headPipeline(world, merge)?.id ?? null,
    merge_commit_sha: merge.mergeCommitSha,
    squash_commit_sha: merge.squashCommitSha,
    merged_at: stamp(merge.mergedAt),
    merge_error: null,
    merge_params: { force_remove_source_branch: merge.removeSourceBranch ? '1' : '0' },
    merge_status: merge.conflicts ? 'cannot_be_merged' : 'can_be_merged',
    detailed_merge_status: detailedMergeStatus(merge),
    merge_user_id: merge.mergedById,
    merge_when_pipeline_succeeds: false,
    source_branch: merge.sourceBranch,
    source_project_id: merge.projectId,
    target_branch: merge.targetBranch,
    target_project_id: merge.projectId,
    state_id: mergeRequestStates[merge.state],
    prepared_at: stamp(merge.createdAt),
    reviewer_ids: merge.reviewerIds,
    blocking_discussions_resolved: discussionsResolved(world, merge),
    first_contribution: false,
    source: projectPart(world, project),
    target: projectPart(world, project),
    last_commit: {
      id: merge.lastCommit.id,
      message: merge.lastCommit.message,
      title: merge.lastCommit.message.split('\n')[0] ?? '',
      timestamp: merge.lastCommit.timestamp,
      url: `${web}/-/commit/${merge.lastCommit.id}`,
      author: merge.lastCommit.author,
    },
    url: `${web}/-/merge_requests/${merge.iid}`,
  }
}

/** A title that begins with Draft: is what makes a merge request a draft. */
export function isDraft(merge: Pick<MergeRequest, 'title'>): boolean {
  return /^(draft:|\[draft\]|\(draft\))/i.test(merge.title)
}

/** Why a merge request cannot be merged now, or `mergeable`. */
export function detailedMergeStatus(merge: MergeRequest): 'not_open' | 'draft_status' | 'conflict' | 'mergeable' {
  if (merge.state !== 'opened') return 'not_open'
  if (isDraft(merge)) return 'draft_status'
  return merge.conflicts ? 'conflict' : 'mergeable'
}
