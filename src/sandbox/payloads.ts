import { fullPath } from './access.ts'
import type { Award, Issue, MergeRequest, Note, Person, Project } from './entities.ts'
import {
  issuePart,
  issueUrl,
  labelParts,
  mergeRequestPart,
  projectPart,
  repositoryPart,
  stamp,
  userPart,
  userParts,
} from './payloadParts.ts'
import type { Deed, World } from './world.ts'

/** A noteable with its kind. */
export type Noteable =
  | { readonly type: 'Issue'; readonly row: Issue }
  | { readonly type: 'MergeRequest'; readonly row: MergeRequest }

/** What changed, by attribute: `{previous, current}`. */
export type Changes = Readonly<Record<string, { readonly previous: unknown; readonly current: unknown }>>

/** One pushed branch. `before` or `after` is all zeros when it was made or deleted. */
export type PushedBranch = { readonly ref: string; readonly before: string; readonly after: string }

/** One commit of a push. */
export type PushedCommit = {
  readonly id: string
  readonly message: string
  readonly timestamp: string
  readonly author: { readonly name: string; readonly email: string }
  readonly added: readonly string[]
  readonly modified: readonly string[]
  readonly removed: readonly string[]
}

/** The page of a thing that can be commented on. */
export function noteableUrl(world: World, project: Project, { type, row }: Noteable): string {
  if (type === 'Issue') return issueUrl(world, project, row)
  return `${world.url}/${fullPath(project)}/-/merge_requests/${row.iid}`
}

/**
 * Note Hook. `user` is the note's author also on update, whoever edited it. System notes fire none. A note that is internal,
 * or stands on a confidential issue, goes only to hooks that want confidential ones.
 */
export function tellNote(
  deed: Deed,
  project: Project,
  noteable: Noteable,
  note: Note,
  action: 'create' | 'update',
): void {
  if (note.system) return
  const { world } = deed
  const author = world.people.get(note.authorId)
  if (author === undefined) return
  const confidential = note.internal || (noteable.type === 'Issue' && noteable.row.confidential)
  deed.tell(confidential ? 'confidential_note_events' : 'note_events', project, {
    object_kind: 'note',
    event_type: confidential ? 'confidential_note' : 'note',
    user: userPart(author),
    project_id: project.id,
    project: projectPart(world, project),
    object_attributes: { ...notePart(note), url: `${noteableUrl(world, project, noteable)}#note_${note.id}`, action },
    repository: repositoryPart(world, project),
    ...noteablePart(world, project, noteable),
  })
}

function notePart(note: Note) {
  return {
    attachment: null,
    author_id: note.authorId,
    change_position: null,
    commit_id: null,
    created_at: stamp(note.createdAt),
    discussion_id: note.discussionId,
    id: note.id,
    internal: note.internal,
    line_code: note.lineCode,
    note: note.body,
    noteable_id: note.noteableId,
    noteable_type: note.noteableType,
    original_position: note.position,
    position: note.position,
    project_id: note.projectId,
    resolved_at: stamp(note.resolvedAt),
    resolved_by_id: note.resolvedById,
    resolved_by_push: null,
    st_diff: null,
    system: note.system,
    type: note.type,
    updated_at: stamp(note.updatedAt),
    updated_by_id: note.updatedById,
    description: note.body,
  }
}

function noteablePart(world: World, project: Project, noteable: Noteable) {
  return noteable.type === 'Issue'
    ? { issue: issuePart(world, project, noteable.row) }
    : { merge_request: mergeRequestPart(world, project, noteable.row) }
}

/**
 * Issue Hook, for work items of other types too, which then are of the kind `work_item`. On `open` there are no
 * `changes.labels`, although `labels` may be there.
 */
export function tellIssue(
  deed: Deed,
  project: Project,
  issue: Issue,
  action: 'open' | 'close' | 'reopen' | 'update',
  changes: Changes,
): void {
  const { world } = deed
  const assignees = userParts(world, issue.assigneeIds)
  const kind = issue.issueType === 'issue' ? 'issue' : 'work_item'
  deed.tell(issue.confidential ? 'confidential_issues_events' : 'issues_events', project, {
    object_kind: kind,
    event_type: issue.confidential ? `confidential_${kind}` : kind,
    user: userPart(deed.person),
    project: projectPart(world, project),
    object_attributes: { ...issuePart(world, project, issue), action },
    labels: labelParts(world, issue.labelIds),
    changes,
    repository: repositoryPart(world, project),
    ...(assignees.length === 0 ? {} : { assignees, assignee: assignees[0] }),
  })
}

/** What can be told of a merge request. */
export type MergeRequestAction = 'open' | 'close' | 'reopen' | 'update' | 'approved' | 'unapproved' | 'merge'

/** Merge Request Hook; `oldrev` is there only when new commits came. */
export function tellMergeRequest(
  deed: Deed,
  project: Project,
  merge: MergeRequest,
  action: MergeRequestAction,
  changes: Changes,
  oldrev?: string,
): void {
  const { world } = deed
  const assignees = userParts(world, merge.assigneeIds)
  const reviewers = userParts(world, merge.reviewerIds)
  deed.tell('merge_requests_events', project, {
    object_kind: 'merge_request',
    event_type: 'merge_request',
    user: userPart(deed.person),
    project: projectPart(world, project),
    object_attributes: {
      ...mergeRequestPart(world, project, merge),
      action,
      actioned_at: stamp(merge.updatedAt),
      ...(oldrev === undefined ? {} : { oldrev }),
    },
    labels: labelParts(world, merge.labelIds),
    changes,
    repository: repositoryPart(world, project),
    ...(assignees.length === 0 ? {} : { assignees }),
    ...(reviewers.length === 0
      ? {}
      : { reviewers: reviewers.map((user) => ({ ...user, state: 'unreviewed', re_requested: false })) }),
  })
}

/** Push Hook for one branch. */
export function tellPush(
  deed: Deed,
  project: Project,
  branch: PushedBranch,
  commits: readonly PushedCommit[],
  total: number,
): void {
  const { world, person } = deed
  const isTag = branch.ref.startsWith('refs/tags/')
  const deleted = /^0+$/.test(branch.after)
  deed.tell(isTag ? 'tag_push_events' : 'push_events', project, {
    object_kind: isTag ? 'tag_push' : 'push',
    event_name: isTag ? 'tag_push' : 'push',
    before: branch.before,
    after: branch.after,
    ref: branch.ref,
    ref_protected: branch.ref === `refs/heads/${project.defaultBranch}`,
    checkout_sha: deleted ? null : branch.after,
    message: null,
    user_id: person.id,
    user_name: person.name,
    user_username: person.username,
    user_email: '',
    user_avatar: null,
    project_id: project.id,
    project: projectPart(world, project),
    commits: commits.map((commit) => ({
      ...commit,
      title: commit.message.split('\n')[0] ?? '',
      url: `${world.url}/${fullPath(project)}/-/commit/${commit.id}`,
    })),
    total_commits_count: total,
    push_options: {},
    repository: {
      ...repositoryPart(world, project),
      git_http_url: `${world.url}/${fullPath(project)}.git`,
      visibility_level: projectPart(world, project).visibility_level,
    },
  })
}

/** Emoji Hook, for a reaction given or taken back. */
export function tellAward(
  deed: Deed,
  project: Project,
  award: Award,
  person: Person,
  noteable: Noteable,
  note: Note | undefined,
  action: 'award' | 'revoke',
): void {
  const { world } = deed
  const page = noteableUrl(world, project, noteable)
  deed.tell('emoji_events', project, {
    object_kind: 'emoji',
    event_type: action,
    user: userPart(person),
    project_id: project.id,
    project: projectPart(world, project),
    object_attributes: {
      user_id: award.personId,
      created_at: stamp(award.createdAt),
      id: award.id,
      name: award.name,
      awardable_type: award.awardableType,
      awardable_id: award.awardableId,
      updated_at: stamp(award.createdAt),
      action,
      awarded_on_url: note === undefined ? page : `${page}#note_${note.id}`,
    },
    ...(note === undefined ? {} : { note: { ...notePart(note), url: `${page}#note_${note.id}` } }),
    ...noteablePart(world, project, noteable),
  })
}
