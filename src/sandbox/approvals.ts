import { findProjectFor, roles } from './access.ts'
import { type Call, created, ok, type Routes } from './call.ts'
import type { MergeRequest, Project } from './entities.ts'
import { findPlace } from './noteables.ts'
import { tellMergeRequest } from './payloads.ts'
import { personViewById } from './people.ts'
import { notFound, unauthorized } from './refusal.ts'
import { addSystemNote } from './systemNotes.ts'
import { type Deed, now } from './world.ts'

/** Approves in somebody's name; twice does nothing. */
export function approve(deed: Deed, project: Project, merge: MergeRequest): void {
  if (!merge.approvedByIds.includes(deed.person.id)) {
    record(deed, project, merge, [...merge.approvedByIds, deed.person.id], 'approved')
  }
}

/** Takes somebody's approval back. */
export function unapprove(deed: Deed, project: Project, merge: MergeRequest): void {
  if (merge.approvedByIds.includes(deed.person.id)) {
    const others = merge.approvedByIds.filter((id) => id !== deed.person.id)
    record(deed, project, merge, others, 'unapproved')
  }
}

function record(
  deed: Deed,
  project: Project,
  merge: MergeRequest,
  ids: number[],
  action: 'approved' | 'unapproved',
): void {
  const row = deed.world.mergeRequests.update(merge.id, { approvedByIds: ids, updatedAt: now() })
  addSystemNote(deed, project, { type: 'MergeRequest', row }, `${action} this merge request`)
  tellMergeRequest(deed, project, row, action, {})
}

/** Approve, unapprove, and who approved. */
export function approvalRoutes(on: Routes): void {
  const path = '/projects/:id/merge_requests/:iid'
  on('get', `${path}/approvals`, (call) => ok(view(call, find(call))))
  on('post', `${path}/approve`, (call) => {
    const { project, deed } = findProjectFor(call, roles.developer)
    const merge = find(call)
    if (merge.approvedByIds.includes(deed.person.id)) throw unauthorized()
    approve(deed, project, merge)
    return created(view(call, find(call)))
  })
  on('post', `${path}/unapprove`, (call) => {
    const { project, deed } = findProjectFor(call, roles.developer)
    const merge = find(call)
    if (!merge.approvedByIds.includes(deed.person.id)) throw notFound()
    unapprove(deed, project, merge)
    return created(view(call, find(call)))
  })
}

function find(call: Call): MergeRequest {
  const { noteable } = findPlace(call, 'merge_requests')
  if (noteable.type !== 'MergeRequest') throw notFound()
  return noteable.row
}

function view(call: Call, merge: MergeRequest) {
  return {
    user_has_approved: call.visitor !== undefined && merge.approvedByIds.includes(call.visitor.id),
    user_can_approve: call.visitor !== undefined && !merge.approvedByIds.includes(call.visitor.id),
    approved: merge.approvedByIds.length > 0,
    approved_by: merge.approvedByIds.map((id) => ({ user: personViewById(call.world, id) })),
  }
}
