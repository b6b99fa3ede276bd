import type { Project } from './entities.ts'
import { labelIdsOf, labelNamed, labelNames, recordLabelEvents } from './labels.ts'
import { type CommonPatch, patchCommon } from './noteables.ts'
import { labelParts, stamp, userParts } from './payloadParts.ts'
import { type Changes, type Noteable, tellIssue, tellMergeRequest } from './payloads.ts'
import { addSystemNote } from './systemNotes.ts'
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

/** Makes the wanted changes, with their system notes and label events, and tells the hooks: `update`, then `close` or `reopen`. */
export function changeNoteable(deed: Deed, project: Project, noteable: Noteable, wanted: Wanted): Noteable {
  const updated = changeAttributes(deed, project, noteable, wanted)
  const { stateEvent } = wanted
  if (stateEvent === undefined) return updated
  return changeState(deed, project, updated, stateEvent)
}

function changeAttributes(deed: Deed, project: Project, noteable: Noteable, wanted: Wanted): Noteable {
  const { world, person } = deed
  const { row } = noteable
  const changes: Record<string, { previous: unknown; current: unknown }> = {}
  const notes: string[] = []
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
  const labelIds = wantedLabels(deed, project, row.labelIds, wanted)
  if (!same(labelIds, row.labelIds)) {
    patch.labelIds = labelIds
    changes.labels = { previous: labelParts(world, row.labelIds), current: labelParts(world, labelIds) }
    recordLabelEvents(deed, project, { type: noteable.type, id: row.id }, row.labelIds, labelIds)
    notes.push(labelSentence(deed, row.labelIds, labelIds))
  }
  const assigneeIds = known(deed, wanted.assigneeIds)
  if (assigneeIds !== undefined && !same(assigneeIds, row.assigneeIds)) {
    patch.assigneeIds = assigneeIds
    changes.assignees = { previous: userParts(world, row.assigneeIds), current: userParts(world, assigneeIds) }
    notes.push(...assignmentSentences(deed, row.assigneeIds, assigneeIds))
  }
  if (wanted.locked !== undefined && wanted.locked !== row.locked) {
    patch.locked = wanted.locked
    changes.discussion_locked = { previous: row.locked, current: wanted.locked }
    notes.push(`${wanted.locked ? 'locked' : 'unlocked'} the discussion in this ${words[noteable.type]}`)
  }
  const special = changeSpecial(deed, noteable, wanted, changes, notes)
  if (Object.keys(changes).length === 0) return special

  const time = now()
  changes.updated_at = { previous: stamp(row.updatedAt), current: stamp(time) }
  changes.updated_by_id = { previous: row.updatedById, current: person.id }
  const after = patchCommon(world, special, { ...patch, updatedAt: time, updatedById: person.id })
  for (const text of notes) addSystemNote(deed, project, after, text)
  tell(deed, project, after, 'update', changes)
  return after
}

const words = { Issue: 'issue', MergeRequest: 'merge request' } as const

/** What only the one kind has. */
function changeSpecial(
  { world }: Deed,
  noteable: Noteable,
  wanted: Wanted,
  changes: Record<string, { previous: unknown; current: unknown }>,
  notes: string[],
): Noteable {
  if (noteable.type === 'Issue') {
    const { row } = noteable
    if (wanted.confidential === undefined || wanted.confidential === row.confidential) return noteable
    changes.confidential = { previous: row.confidential, current: wanted.confidential }
    notes.push(wanted.confidential ? 'made the issue confidential' : 'made the issue visible to everyone')
    return { type: 'Issue', row: world.issues.update(row.id, { confidential: wanted.confidential }) }
  }
  const { row } = noteable
  const target = wanted.targetBranch ?? row.targetBranch
  const reviewerIds = wanted.reviewerIds === undefined ? row.reviewerIds : [...wanted.reviewerIds]
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

/** Closes or reopens; a thing that is so already, or is merged, stays as it is. */
function changeState(deed: Deed, project: Project, noteable: Noteable, event: 'close' | 'reopen'): Noteable {
  const { world, person } = deed
  const { row } = noteable
  const state = event === 'close' ? 'closed' : 'opened'
  if (row.state === state || row.state === 'merged') return noteable
  const time = now()
  const common = {
    updatedAt: time,
    updatedById: person.id,
    closedAt: event === 'close' ? time : null,
    closedById: event === 'close' ? person.id : null,
  }
  const after: Noteable =
    noteable.type === 'Issue'
      ? { type: 'Issue', row: world.issues.update(row.id, { ...common, state }) }
      : { type: 'MergeRequest', row: world.mergeRequests.update(row.id, { ...common, state }) }
  addSystemNote(deed, project, after, event === 'close' ? 'closed' : 'reopened')
  tell(deed, project, after, event, {
    state_id: { previous: row.state === 'opened' ? 1 : 2, current: event === 'close' ? 2 : 1 },
    closed_at: { previous: stamp(row.closedAt), current: stamp(common.closedAt) },
    updated_at: { previous: stamp(row.updatedAt), current: stamp(time) },
  })
  return after
}

function tell(
  deed: Deed,
  project: Project,
  { type, row }: Noteable,
  action: 'update' | 'close' | 'reopen',
  changes: Changes,
) {
  if (type === 'Issue') tellIssue(deed, project, row, action, changes)
  else tellMergeRequest(deed, project, row, action, changes)
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

function labelSentence({ world }: Deed, before: readonly number[], after: readonly number[]): string {
  const list = (ids: number[]) =>
    labelNames(world, ids)
      .map((name) => `~"${name}"`)
      .join(' ')
  const added = list(after.filter((id) => !before.includes(id)))
  const removed = list(before.filter((id) => !after.includes(id)))
  const parts = [added === '' ? '' : `added ${added}`, removed === '' ? '' : `removed ${removed}`]
  return `${parts.filter((part) => part !== '').join(' and ')} label${(added + removed).includes(' ~') ? 's' : ''}`
}

function assignmentSentences({ world }: Deed, before: readonly number[], after: readonly number[]): string[] {
  const list = (ids: number[]) => ids.map((id) => `@${world.people.get(id)?.username ?? 'ghost'}`).join(', ')
  const added = list(after.filter((id) => !before.includes(id)))
  const removed = list(before.filter((id) => !after.includes(id)))
  return [...(added === '' ? [] : [`assigned to ${added}`]), ...(removed === '' ? [] : [`unassigned ${removed}`])]
}

function known({ world }: Deed, ids: readonly number[] | undefined): number[] | undefined {
  return ids?.filter((id) => world.people.get(id) !== undefined)
}

function same(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id))
}
