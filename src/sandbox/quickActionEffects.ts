import { approve, unapprove } from './approvals.ts'
import { changeNoteable, type Wanted } from './changes.ts'
import type { Project } from './entities.ts'
import { labelNamed } from './labels.ts'
import { merge } from './merging.ts'
import { current, mayUpdate } from './noteables.ts'
import { isDraft } from './payloadParts.ts'
import type { Noteable } from './payloads.ts'
import type { QuickAction } from './quickActions.ts'
import { Refusal } from './refusal.ts'
import type { Deed, World } from './world.ts'

/** What quick actions did: the attributes as GitLab names them, and a sentence for each command. */
export type Effects = { readonly changes: Record<string, unknown>; readonly summary: string[] }

/** What one command wants; an effect that is none of the attributes has a function of its own. */
type Meaning = {
  readonly wanted: Wanted
  readonly changes: Record<string, unknown>
  readonly sentence: string
  readonly also?: () => void | Promise<void>
}

/** Does what the writer may do, in the order written; what they may not do is only said. */
export async function runQuickActions(
  deed: Deed,
  project: Project,
  noteable: Noteable,
  commands: readonly QuickAction[],
): Promise<Effects> {
  const changes: Record<string, unknown> = {}
  const summary: string[] = []
  for (const command of commands) {
    const now = current(deed.world, noteable)
    const meaning = mayUpdate(deed.world, deed.person, project, now)
      ? meaningOf(deed, project, now, command)
      : undefined
    if (meaning === undefined) {
      summary.push(`Could not apply ${command.name} command.`)
      continue
    }
    try {
      changeNoteable(deed, project, now, meaning.wanted)
      await meaning.also?.()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      summary.push(`Could not apply ${command.name} command.`)
      continue
    }
    Object.assign(changes, meaning.changes)
    summary.push(meaning.sentence)
  }
  return { changes, summary }
}

/** Undefined for commands that do nothing here, or make no sense for this thing. */
function meaningOf(deed: Deed, project: Project, noteable: Noteable, { name, args }: QuickAction): Meaning | undefined {
  const { world, person } = deed
  const { row } = noteable
  switch (name) {
    case 'close':
    case 'reopen':
      return {
        wanted: { stateEvent: name },
        changes: { state_event: name },
        sentence: `${name === 'close' ? 'Closed' : 'Reopened'} this ${words[noteable.type]}.`,
      }
    case 'title':
      return args === ''
        ? undefined
        : { wanted: { title: args }, changes: { title: args }, sentence: 'Changed the title.' }
    case 'label':
    case 'labels':
    case 'tag': {
      const addLabels = labelArguments(world, project, args)
      const changes = { add_label_ids: addLabels.map((label) => labelNamed(world, project, label)?.id) }
      return addLabels.length === 0 ? undefined : { wanted: { addLabels }, changes, sentence: `Added ${args} labels.` }
    }
    case 'unlabel':
    case 'remove_label': {
      const removeLabels = labelArguments(world, project, args)
      const changes = { remove_label_ids: removeLabels.map((label) => labelNamed(world, project, label)?.id) }
      return args === ''
        ? { wanted: { labels: [] }, changes: { label_ids: [] }, sentence: 'Removed all labels.' }
        : { wanted: { removeLabels }, changes, sentence: `Removed ${args} labels.` }
    }
    case 'relabel':
      return {
        wanted: { labels: labelArguments(world, project, args) },
        changes: { label_ids: [] },
        sentence: 'Replaced all labels.',
      }
    case 'assign':
    case 'reassign': {
      const ids = mentioned(world, person.id, args)
      // With one assignee allowed, to assign is to replace.
      const assigneeIds = ids.slice(0, 1)
      return ids.length === 0
        ? undefined
        : { wanted: { assigneeIds }, changes: { assignee_ids: assigneeIds }, sentence: `Assigned ${args}.` }
    }
    case 'unassign': {
      const ids = mentioned(world, person.id, args)
      const assigneeIds = args === '' ? [] : row.assigneeIds.filter((id) => !ids.includes(id))
      return { wanted: { assigneeIds }, changes: { assignee_ids: assigneeIds }, sentence: 'Removed assignees.' }
    }
    case 'lock':
    case 'unlock': {
      const locked = name === 'lock'
      const sentence = `${locked ? 'Locked' : 'Unlocked'} the discussion.`
      return { wanted: { locked }, changes: { discussion_locked: locked }, sentence }
    }
    case 'confidential':
      return noteable.type === 'Issue'
        ? { wanted: { confidential: true }, changes: { confidential: true }, sentence: 'Made this issue confidential.' }
        : undefined
  }
  return noteable.type === 'MergeRequest' ? mergeRequestMeaning(deed, project, noteable, { name, args }) : undefined
}

const words = { Issue: 'issue', MergeRequest: 'merge request' } as const

function mergeRequestMeaning(
  deed: Deed,
  project: Project,
  { row }: Noteable & { type: 'MergeRequest' },
  { name, args }: QuickAction,
): Meaning | undefined {
  switch (name) {
    case 'approve':
      return {
        wanted: {},
        changes: { approval: 'approve' },
        sentence: 'Approved this merge request.',
        also: () => approve(deed, project, row),
      }
    case 'unapprove':
      return {
        wanted: {},
        changes: { approval: 'unapprove' },
        sentence: 'Unapproved this merge request.',
        also: () => unapprove(deed, project, row),
      }
    case 'merge':
      return {
        wanted: {},
        changes: { merge: row.diffRefs.head },
        sentence: 'Merged this merge request.',
        also: () => merge(deed, project, row, {}),
      }
    case 'draft':
      return isDraft(row)
        ? undefined
        : { wanted: { title: `Draft: ${row.title}` }, changes: { wip_event: 'draft' }, sentence: 'Marked as a draft.' }
    case 'ready': {
      const title = row.title.replace(/^(draft:|\[draft\]|\(draft\))\s*/i, '')
      return { wanted: { title }, changes: { wip_event: 'ready' }, sentence: 'Marked as ready.' }
    }
    case 'target_branch':
      return {
        wanted: { targetBranch: args },
        changes: { target_branch: args },
        sentence: `Set target branch to ${args}.`,
      }
    case 'assign_reviewer':
    case 'request_review': {
      const reviewerIds = mentioned(deed.world, deed.person.id, args).slice(0, 1)
      return {
        wanted: { reviewerIds },
        changes: { reviewer_ids: reviewerIds },
        sentence: `Assigned ${args} as reviewer.`,
      }
    }
  }
  return undefined
}

/** `~bug ~"two words" plain` → the names that are labels of the project. */
function labelArguments(world: World, project: Project, args: string): string[] {
  const names = [...args.matchAll(/~?"([^"]+)"|~?([^\s~]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  return names.filter((name) => labelNamed(world, project, name) !== undefined)
}

/** `@one @two me` → ids. */
function mentioned(world: World, self: number, args: string): number[] {
  return args
    .split(/[\s,]+/)
    .map((word) =>
      word === 'me'
        ? self
        : world.people.find((person) => `@${person.username}` === word || person.username === word)?.id,
    )
    .filter((id) => id !== undefined)
}
