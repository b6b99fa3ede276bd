import { type Call, ok, type Routes } from './call.ts'
import { commitView } from './commitView.ts'
import { diffsBetween } from './diffs.ts'
import type { MergeRequest, Project } from './entities.ts'
import { findMergeRequest } from './mergeRequests.ts'
import { mergeRequestView } from './mergeRequestView.ts'
import { mergeRequestCommits } from './merging.ts'
import { paginated } from './pagination.ts'

/** What a merge request changes: files and commits. */
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
}

function diffs(call: Call, project: Project, row: MergeRequest) {
  return diffsBetween(call.world, project, row.diffRefs.base, row.diffRefs.head)
}
