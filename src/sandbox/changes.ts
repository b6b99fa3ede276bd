import { allowedPeople, tellAssignment, tellReviewers } from './assignments.ts'
import type { Project } from './entities.ts'
import { labelIdsOf, labelNamed, recordLabelEvents } from './labels.ts'
import { type CommonPatch, patchCommon } from './noteables.ts'
import { labelParts, stamp, userParts } from './payloadParts.ts'
import { type Noteable, tellIssue, tellMergeRequest } from './payloads.ts'
import { changeState } from './stateChanges.ts'
import { addSystemNote } from './systemNotes.ts'
import { mentionTodos, settleTodos } from './todoRules.ts'
import { type Deed, now } from './world.ts'

/** What somebody wants an issue or merge request to become; what is left out stays. */
export type Wanted = {
  title?: string | undefined
  description?: string | undefined
  labels?: readonly string[] | undefined
  addLabels?: readonly string[] | undefined
  removeLabels?: readonly string[] | undefined
  assigneeIds?: readonly number[] | undefined
  stateEvent?: 'close' | 'reopen' | undefined
  locked?: boolean | undefined
  /** Issues only. */
  confidential?: boolean | undefined
  /** Merge requests only. */
  targetBranch?: string | undefined
  reviewerIds?: readonly number[] | undefined
  squash?: boolean | undefined
  removeSourceBranch?: boolean | undefined
}

/** What one update collects: what the hook is told, and what the discussion is told. */
type Telling = { readonly changes: Record<string, { previous: unknown; current: unknown }>; readonly notes: string[] }

/**
 * Makes the wanted changes, with their system notes and events, and tells the hooks: `close` or `reopen` first, then `update`
 * if anything else was asked for, also when it was so already (`changes` is empty then).
 */
export function changeNoteable(deed: Deed, project: Project, noteable: Noteable, wanted: Wanted): Noteable {
  const { stateEvent, ...attributes } = wanted
  const after = stateEvent === undefined ? noteable : changeState(deed, project, noteable, stateEvent)
  if (Object.values(attributes).every((value) => value === undefined)) return after
  return changeAttributes(deed, project, after, attributes)
}

function changeAttributes(deed: Deed, project: Project, noteable: Noteable, wanted: Wanted): Noteable {
  const { world, person } = deed
  const { row } = noteable
  const told: Telling = { changes: {}, notes: [] }
  const patch = { ...textPatch(deed, noteable, wanted, told), ...listPatch(deed, project, noteable, wanted, told) }
  if (wanted.locked !== undefined && wanted.locked !== row.locked) {
    patch.locked = wanted.locked
    told.changes.discussion_locked = { previous: row.locked, current: wanted.locked }
    told.notes.push(`${wanted.locked ? 'locked' : 'unlocked'} the discussion in this ${words[noteable.type]}`)
  }
  let after = changeSpecial(deed, noteable, wanted, told)
  if (Object.keys(told.changes).length > 0) {
    const time = now()
    told.changes.updated_at = { previous: stamp(row.updatedAt), current: stamp(time) }
    told.changes.updated_by_id = { previous: row.updatedById, current: person.id }
    after = patchCommon(world, after, { ...patch, updatedAt: time, updatedById: person.id })
    for (const text of told.notes) addSystemNote(deed, project, after, text)
    settleTodos(world, person.id, after)
    tellAssignment(deed, project, after, row.assigneeIds)
    mentionTodos(deed, project, after, { text: after.row.description, before: row.description })
    if (after.type === 'MergeRequest' && noteable.type === 'MergeRequest') {
      tellReviewers(deed, project, after, noteable.row.reviewerIds)
    }
  }
  if (after.type === 'Issue') tellIssue(deed, project, after.row, 'update', told.changes)
  else tellMergeRequest(deed, project, after.row, 'update', told.changes)
  return after
}

const words = { Issue: 'issue', MergeRequest: 'merge request' } as const

/** Title and description, which are what "edited" means. */
function textPatch({ person }: Deed, { row }: Noteable, wanted: Wanted, { changes, notes }: Telling): CommonPatch {
  const patch: CommonPatch = {}
  if (wanted.title !== undefined && wanted.title !== row.title) {
    patch.title = wanted.title
    changes.title = { previous: row.title, current: wanted.title }
    notes.push(`changed title from **${row.title}** to **${wanted.title}**`)
  }
  if (wanted.description !== undefined && wanted.description !== row.description) {
    patch.description = wanted.description
    changes.description = { previous: row.description, current: wanted.description }
    notes.push('changed the description')
  }
  if (Object.keys(patch).length === 0) return patch
  patch.lastEditedAt = now()
  patch.lastEditedById = person.id
  changes.last_edited_at = { previous: stamp(row.lastEditedAt), current: stamp(patch.lastEditedAt) }
  changes.last_edited_by_id = { previous: row.lastEditedById, current: person.id }
  return patch
}

/** Labels, whose changes are events and no notes, and assignees. */
function listPatch(deed: Deed, project: Project, { type, row }: Noteable, wanted: Wanted, told: Telling): CommonPatch {
  const { world } = deed
  const patch: CommonPatch = {}
  const labelIds = wantedLabels(deed, project, row.labelIds, wanted)
  if (!same(labelIds, row.labelIds)) {
    patch.labelIds = labelIds
    told.changes.labels = { previous: labelParts(world, row.labelIds), current: labelParts(world, labelIds) }
    recordLabelEvents(deed, project, { type, id: row.id }, row.labelIds, labelIds)
  }
  const assigneeIds = wanted.assigneeIds === undefined ? row.assigneeIds : allowedPeople(deed, wanted.assigneeIds)
  if (!same(assigneeIds, row.assigneeIds)) {
    patch.assigneeIds = assigneeIds
    told.changes.assignees = { previous: userParts(world, row.assigneeIds), current: userParts(world, assigneeIds) }
  }
  return patch
}

/** What only the one kind has. */
function changeSpecial(deed: Deed, noteable: Noteable, wanted: Wanted, { changes, notes }: Telling): Noteable {
  const { world } = deed
  if (noteable.type === 'Issue') {
    const { row } = noteable
    if (wanted.confidential === undefined || wanted.confidential === row.confidential) return noteable
    changes.confidential = { previous: row.confidential, current: wanted.confidential }
    notes.push(wanted.confidential ? 'made the issue confidential' : 'made the issue visible to everyone')
    return { type: 'Issue', row: world.issues.update(row.id, { confidential: wanted.confidential }) }
  }
  const { row } = noteable
  const target = wanted.targetBranch ?? row.targetBranch
  const reviewerIds = wanted.reviewerIds === undefined ? row.reviewerIds : allowedPeople(deed, wanted.reviewerIds)
  if (target !== row.targetBranch) {
    changes.target_branch = { previous: row.targetBranch, current: target }
    notes.push(`changed target branch from \`${row.targetBranch}\` to \`${target}\``)
  }
  if (!same(reviewerIds, row.reviewerIds)) {
    changes.reviewers = { previous: userParts(world, row.reviewerIds), current: userParts(world, reviewerIds) }
  }
  const squash = wanted.squash ?? row.squash
  const removeSourceBranch = wanted.removeSourceBranch ?? row.removeSourceBranch
  const patch = { targetBranch: target, reviewerIds, squash, removeSourceBranch }
  return { type: 'MergeRequest', row: world.mergeRequests.update(row.id, patch) }
}

function wantedLabels({ world }: Deed, project: Project, before: readonly number[], wanted: Wanted): number[] {
  const ids = new Set(wanted.labels === undefined ? before : labelIdsOf(world, project, wanted.labels))
  for (const id of labelIdsOf(world, project, wanted.addLabels ?? [])) ids.add(id)
  for (const name of wanted.removeLabels ?? []) {
    const label = labelNamed(world, project, name)
    if (label !== undefined) ids.delete(label.id)
  }
  return [...ids]
}

function same(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id))
}
