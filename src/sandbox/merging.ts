import { fullPath, role, roles } from './access.ts'
import { recordActivity } from './activity.ts'
import { changeNoteable } from './changes.ts'
import { mentionedIssues } from './closing.ts'
import type { MergeRequest, Person, Project } from './entities.ts'
import { branchTip, commits, repositoryOf } from './gitFacts.ts'
import { mergedTree } from './mergeRequestGit.ts'
import { detailedMergeStatus, stamp } from './payloadParts.ts'
import { tellMergeRequest } from './payloads.ts'
import { protectionOf } from './protectedBranches.ts'
import { afterPush } from './pushes.ts'
import { forbidden, Refusal, unauthorized } from './refusal.ts'
import { recordState } from './stateEvents.ts'
import { settleTodos } from './todoRules.ts'
import { type Deed, now, type World } from './world.ts'

/** What the one who merges may say about it. */
export type MergeOptions = {
  readonly sha?: string | undefined
  readonly squash?: boolean | undefined
  readonly removeSourceBranch?: boolean | undefined
  readonly message?: string | undefined
}

const none = '0'.repeat(40)

/**
 * Merges: a real merge commit on the target branch, issues closed, branch removed, hooks told. Refused with 401 without the
 * right, 405 when it is not mergeable, 409 when the head is another one, 422 when git cannot.
 */
export async function merge(deed: Deed, project: Project, row: MergeRequest, options: MergeOptions): Promise<void> {
  const { world, person } = deed
  if (project.archived) throw forbidden()
  if (!mayMerge(world, person, project, row.targetBranch)) throw unauthorized()
  const status = detailedMergeStatus(row)
  if (status === 'not_open' || status === 'draft_status') throw new Refusal(405, { message: '405 Method Not Allowed' })
  const source = await branchTip(world, project, row.sourceBranch)
  const target = await branchTip(world, project, row.targetBranch)
  if (source === undefined || target === undefined) throw new Refusal(405, { message: '405 Method Not Allowed' })
  if (options.sha !== undefined && options.sha !== source) {
    throw new Refusal(409, { message: `SHA does not match HEAD of source branch: ${source}` })
  }
  const made = await commitMerge(deed, project, row, options, source, target)
  if (made === undefined) throw new Refusal(422, { message: 'Branch cannot be merged' })

  const time = now()
  const patch = { state: 'merged', mergedAt: time, mergedById: person.id, updatedAt: time, ...made } as const
  const merged = world.mergeRequests.update(row.id, patch)
  recordState(deed, project, { type: 'MergeRequest', row: merged }, 'merged')
  recordActivity(deed, project, { type: 'MergeRequest', row: merged }, 'merged')
  settleTodos(world, person.id, { type: 'MergeRequest', row: merged })
  tellMergeRequest(deed, project, merged, 'merge', {
    state_id: { previous: 1, current: 3 },
    updated_at: { previous: stamp(row.updatedAt), current: stamp(time) },
  })
  if (row.targetBranch === project.defaultBranch) closeIssues(deed, project, merged)
  const updates = [{ ref: `refs/heads/${row.targetBranch}`, before: target, after: made.mergeCommitSha }]
  if (options.removeSourceBranch ?? row.removeSourceBranch) {
    const ref = `refs/heads/${row.sourceBranch}`
    const { code } = await world.git.try(repositoryOf(world, project), ['update-ref', '-d', ref, source])
    if (code === 0) updates.push({ ref, before: source, after: none })
  }
  await afterPush(deed, project, updates)
}

/** Whether someone may merge into a branch. */
export function mayMerge(world: World, person: Person | undefined, project: Project, branch: string): boolean {
  const protection = protectionOf(world, project, branch)
  const level = protection === undefined ? roles.developer : protection.mergeLevel
  return level > 0 && role(world, person, project) >= level
}

async function commitMerge(
  { world, person }: Deed,
  project: Project,
  row: MergeRequest,
  options: MergeOptions,
  source: string,
  target: string,
): Promise<{ mergeCommitSha: string; squashCommitSha: string | null } | undefined> {
  const tree = await mergedTree(world, project, target, source)
  if (tree === undefined) return undefined
  const repository = repositoryOf(world, project)
  const identity = ['-c', `user.name=${person.name}`, '-c', `user.email=${person.username}@sandbox.invalid`]
  const commit = (parents: readonly string[], message: string) =>
    world.git.run(
      repository,
      [...identity, 'commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'],
      message,
    )
  const squash = options.squash ?? row.squash
  const squashed = squash ? await commit([target], `${row.title}\n`) : null
  const message = options.message ?? mergeMessage(world, project, row)
  const merged = await commit([target, squashed ?? source], message)
  // With the old value, so that a push in between is not lost.
  const { code } = await world.git.try(repository, ['update-ref', `refs/heads/${row.targetBranch}`, merged, target])
  return code === 0 ? { mergeCommitSha: merged, squashCommitSha: squashed } : undefined
}

function mergeMessage(world: World, project: Project, row: MergeRequest): string {
  const closes = mentionedIssues(world, project, row.description ?? '').map((issue) => `#${issue.iid}`)
  return [
    `Merge branch '${row.sourceBranch}' into '${row.targetBranch}'`,
    row.title,
    ...(closes.length === 0 ? [] : [`Closes ${closes.join(' and ')}`]),
    `See merge request ${fullPath(project)}!${row.iid}\n`,
  ].join('\n\n')
}

function closeIssues(deed: Deed, project: Project, row: MergeRequest): void {
  for (const issue of mentionedIssues(deed.world, project, row.description ?? '')) {
    changeNoteable(deed, project, { type: 'Issue', row: issue }, { stateEvent: 'close' })
  }
}

/** The commits of a merge request, newest first. */
export function mergeRequestCommits(world: World, project: Project, row: MergeRequest) {
  return commits(world, project, [`^${row.diffRefs.base}`, row.diffRefs.head])
}
