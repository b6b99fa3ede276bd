/** A workspace that is ready: the clone, what belongs to it and is fetched besides, and who may steer (README.md, clause 7). */

import { type Clone, cannotClone, cloneBranch } from './clone.ts'
import { type Failed, isFailed } from './failed.ts'
import type { Git } from './git.ts'
import { fetchLfs } from './lfs.ts'
import type { Request } from './protocol.ts'
import { type Steered, steerByBase } from './steer.ts'
import { fetchSubmodules, type Submodule } from './submodules.ts'
import type { Surroundings } from './surroundings.ts'

export type Workspace = Clone & {
  readonly submodules: readonly Submodule[]
  /** What is the base's in the work tree while the agent works, though not on the branch. */
  readonly steered: Steered
}

/** Makes it, and tells in the log what took how long. */
export async function prepareWorkspace(
  around: Surroundings,
  request: Request,
  git: Git,
  signal: AbortSignal,
): Promise<Workspace | Failed> {
  const { start, log } = around
  const fetching = { log, signal }
  const times: string[] = []
  let since = performance.now()
  const time = (part: string) => {
    const now = performance.now()
    times.push(`${part} ${((now - since) / 1000).toFixed(1)} s`)
    since = now
  }

  const clone = await cloneBranch(start, request, git, fetching)
  if (isFailed(clone)) return clone
  time('clone')
  const submodules = await fetchSubmodules(around, request, git, fetching)
  if (isFailed(submodules)) return submodules
  if (submodules.length > 0) time('submodules')
  const lfs = await fetchLfs(around, git, fetching)
  if (isFailed(lfs)) return lfs
  if (lfs) time('LFS')
  const steered = request.steeredBy === 'base' ? await steerByBase(around, clone, git, signal) : new Map()
  if (isFailed(steered)) return steered
  if (signal.aborted) return cannotClone({ said: '' }, signal)
  log.line(`the workspace is ready: ${times.join(', ')}`)
  return { ...clone, submodules, steered }
}
