import type { MergeRequest, Project } from './entities.ts'
import { branchTip, lastCommit, mergeBase, repositoryOf } from './gitFacts.ts'
import type { World } from './world.ts'

/** What git says about a merge request. */
export type GitView = Pick<MergeRequest, 'lastCommit' | 'diffRefs' | 'changesCount' | 'conflicts'>

/** What git says about bringing one branch into another; undefined when one of them does not exist. */
export async function gitViewOf(
  world: World,
  project: Project,
  source: string,
  target: string,
): Promise<GitView | undefined> {
  const head = await branchTip(world, project, source)
  const start = await branchTip(world, project, target)
  if (head === undefined || start === undefined) return undefined
  const base = (await mergeBase(world, project, start, head)) ?? start
  const repository = repositoryOf(world, project)
  const names = await world.git.run(repository, ['diff', '--name-only', '-M', base, head, '--'])
  return {
    lastCommit: await lastCommit(world, project, head),
    diffRefs: { base, head, start },
    changesCount: names === '' ? 0 : names.split('\n').length,
    conflicts: (await mergedTree(world, project, start, head)) === undefined,
  }
}

/** The tree that a merge of two commits has; undefined when they conflict. */
export async function mergedTree(
  world: World,
  project: Project,
  ours: string,
  theirs: string,
): Promise<string | undefined> {
  const args = ['merge-tree', '--write-tree', '--allow-unrelated-histories', ours, theirs]
  const { code, stdout, stderr } = await world.git.try(repositoryOf(world, project), args)
  if (code > 1) throw new Error(`git merge-tree ended with ${code}: ${stderr}`)
  return code === 0 ? stdout.toString('utf8').split('\n')[0] : undefined
}
