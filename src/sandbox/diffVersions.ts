import { type Call, ok, type Routes } from './call.ts'
import { commitView } from './commitView.ts'
import { diffsBetween } from './diffs.ts'
import type { MergeRequest, Time } from './entities.ts'
import { commits } from './gitFacts.ts'
import { findMergeRequest } from './mergeRequests.ts'
import { paginated } from './pagination.ts'
import { notFound } from './refusal.ts'
import { now, type World } from './world.ts'

/** What a merge request's diff was after one push: the commits that positions of comments refer to. */
export type DiffVersion = {
  id: number
  mergeRequestId: number
  base: string
  head: string
  start: string
  filesCount: number
  createdAt: Time
}

/** Keeps the diff that a merge request has now. */
export function recordVersion(world: World, merge: MergeRequest): void {
  const { diffRefs, changesCount } = merge
  world.diffVersions.insert({ ...diffRefs, mergeRequestId: merge.id, filesCount: changesCount, createdAt: now() })
}

/** The versions of a merge request's diff, newest first. */
export function diffVersionRoutes(on: Routes): void {
  const path = '/projects/:id/merge_requests/:iid/versions'
  on('get', path, (call) => paginated(call, versionsOf(call).reverse(), view))
  on('get', `${path}/:version_id`, async (call) => {
    const { project } = findMergeRequest(call)
    const version = versionsOf(call).find((row) => row.id === Number(call.param('version_id')))
    if (version === undefined) throw notFound()
    const found = await commits(call.world, project, [`^${version.base}`, version.head])
    return ok({
      ...view(version),
      commits: found.map((commit) => commitView(call.world, project, commit)),
      diffs: await diffsBetween(call.world, project, version.base, version.head),
    })
  })
}

function versionsOf(call: Call): DiffVersion[] {
  const { row } = findMergeRequest(call)
  return call.world.diffVersions.filter((version) => version.mergeRequestId === row.id)
}

function view(version: DiffVersion) {
  return {
    id: version.id,
    head_commit_sha: version.head,
    base_commit_sha: version.base,
    start_commit_sha: version.start,
    created_at: version.createdAt,
    merge_request_id: version.mergeRequestId,
    state: 'collected',
    real_size: String(version.filesCount),
  }
}
