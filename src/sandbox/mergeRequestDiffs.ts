import { type Call, ok, type Routes } from './call.ts'
import { commitView } from './commitView.ts'
import { diffsBetween } from './diffs.ts'
import type { MergeRequest, Project } from './entities.ts'
import { findMergeRequest } from './mergeRequests.ts'
import { mergeRequestView } from './mergeRequestView.ts'
import { mergeRequestCommits } from './merging.ts'
import { paginated } from './pagination.ts'

/** What a merge request changes: files, commits, and the version that positions of comments refer to. */
export function mergeRequestDiffRoutes(on: Routes): void {
  const path = '/projects/:id/merge_requests/:iid'
  on('get', `${path}/diffs`, async (call) => {
    const { project, row } = findMergeRequest(call)
    return paginated(call, await diffs(call, project, row), (diff) => diff)
  })
  on('get', `${path}/changes`, async (call) => {
    const { project, row } = findMergeRequest(call)
    const changes = await diffs(call, project, row)
    return ok({ ...mergeRequestView(call.world, call.visitor, project, row), changes, overflow: false })
  })
  on('get', `${path}/commits`, async (call) => {
    const { project, row } = findMergeRequest(call)
    const found = await mergeRequestCommits(call.world, project, row)
    return paginated(call, found, (commit) => commitView(call.world, project, commit))
  })
  on('get', `${path}/versions`, (call) => {
    const { row } = findMergeRequest(call)
    const { base, head, start } = row.diffRefs
    const version = {
      id: row.id,
      head_commit_sha: head,
      base_commit_sha: base,
      start_commit_sha: start,
      created_at: row.createdAt,
      merge_request_id: row.id,
      state: 'collected',
      real_size: String(row.changesCount),
    }
    return paginated(call, [version], (shown) => shown)
  })
}

function diffs(call: Call, project: Project, row: MergeRequest) {
  return diffsBetween(call.world, project, row.diffRefs.base, row.diffRefs.head)
}
