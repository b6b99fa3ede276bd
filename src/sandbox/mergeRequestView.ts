import { fullPath } from './access.ts'
import type { MergeRequest, Person, Project } from './entities.ts'
import { labelNames } from './labels.ts'
import { mayMerge } from './merging.ts'
import { detailedMergeStatus, isDraft } from './payloadParts.ts'
import { personView, personViewById } from './people.ts'
import { headPipeline } from './pipelineLookup.ts'
import { pipelineShort, pipelineView } from './pipelineViews.ts'
import { discussionsResolved } from './threads.ts'
import type { World } from './world.ts'

/** A merge request as the API shows it to somebody. */
export function mergeRequestView(world: World, visitor: Person | undefined, project: Project, merge: MergeRequest) {
  const people = (ids: readonly number[]) =>
    ids
      .map((id) => world.people.get(id))
      .filter((person) => person !== undefined)
      .map((person) => personView(world, person))
  const draft = isDraft(merge)
  const pipeline = headPipeline(world, merge)
  const comments = world.notes.filter(
    (note) => note.noteableType === 'MergeRequest' && note.noteableId === merge.id && !note.system,
  )
  return {
    id: merge.id,
    iid: merge.iid,
    project_id: merge.projectId,
    title: merge.title,
    description: merge.description,
    state: merge.state,
    created_at: merge.createdAt,
    updated_at: merge.updatedAt,
    merged_by: personViewById(world, merge.mergedById),
    merge_user: personViewById(world, merge.mergedById),
    merged_at: merge.mergedAt,
    closed_by: personViewById(world, merge.closedById),
    closed_at: merge.closedAt,
    target_branch: merge.targetBranch,
    source_branch: merge.sourceBranch,
    user_notes_count: comments.length,
    upvotes: 0,
    downvotes: 0,
    author: personViewById(world, merge.authorId),
    assignees: people(merge.assigneeIds),
    assignee: personViewById(world, merge.assigneeIds[0] ?? null),
    reviewers: people(merge.reviewerIds),
    source_project_id: merge.projectId,
    target_project_id: merge.projectId,
    labels: labelNames(world, merge.labelIds),
    draft,
    work_in_progress: draft,
    imported: false,
    imported_from: 'none',
    milestone: null,
    merge_when_pipeline_succeeds: false,
    merge_status: merge.conflicts ? 'cannot_be_merged' : 'can_be_merged',
    detailed_merge_status: detailedMergeStatus(merge),
    merge_after: null,
    sha: merge.diffRefs.head,
    merge_commit_sha: merge.mergeCommitSha,
    squash_commit_sha: merge.squashCommitSha,
    discussion_locked: merge.locked ? true : null,
    should_remove_source_branch: null,
    force_remove_source_branch: merge.removeSourceBranch,
    prepared_at: merge.createdAt,
    reference: `!${merge.iid}`,
    references: { short: `!${merge.iid}`, relative: `!${merge.iid}`, full: `${fullPath(project)}!${merge.iid}` },
    web_url: `${world.url}/${fullPath(project)}/-/merge_requests/${merge.iid}`,
    squash: merge.squash,
    squash_on_merge: merge.squash,
    task_completion_status: { count: 0, completed_count: 0 },
    has_conflicts: merge.conflicts,
    blocking_discussions_resolved: discussionsResolved(world, merge),
    changes_count: String(merge.changesCount),
    head_pipeline: pipeline === undefined ? null : pipelineView(world, project, pipeline),
    pipeline: pipeline === undefined ? null : pipelineShort(world, project, pipeline),
    merge_error: null,
    diff_refs: { base_sha: merge.diffRefs.base, head_sha: merge.diffRefs.head, start_sha: merge.diffRefs.start },
    user: { can_merge: mayMerge(world, visitor, project, merge.targetBranch) },
  }
}
