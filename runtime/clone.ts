/** The repository's one branch, cloned: the work branch where it exists, else a new one from the base (README.md, clause 7). */

import { rm } from 'node:fs/promises'
import type { Ended } from './child.ts'
import { DISK_FULL, type Failed, saysDiskFull } from './failed.ts'
import { type Fetching, tries } from './fetching.ts'
import { doorUrl, type Git } from './git.ts'
import type { Start } from './given.ts'
import type { Request } from './protocol.ts'
import { boundaries, deepen } from './shallow.ts'

/** Where the run starts, as commit ids. */
export type Clone = {
  /** The newest commit of the work branch, or of the base. What the agent changes is measured against it. */
  readonly start: string
  /** The branch that it is the newest commit of. */
  readonly from: string
  /** The base's newest commit; missing when the base is gone and the work branch goes on without it. */
  readonly base?: string
  /** The default branch's newest commit: set-up and tools come from there. */
  readonly defaultBranch?: string
  /** Where the history was cut off: the last commits that are here, without their parents. */
  readonly shallow: readonly string[]
  /** What was left out, and is fetched when it is needed. */
  readonly filter?: string
}

/** Clones into `places.repo`. */
export async function cloneBranch(
  start: Start,
  request: Request,
  git: Git,
  fetching: Fetching,
): Promise<Clone | Failed> {
  const { signal, log } = fetching
  const { repo } = start.places
  const url = doorUrl(start)
  const wanted = [...new Set([request.branch, request.base, request.defaultBranch])]
  const { filter, depth } = request.clone
  const shape = [
    ...(filter === undefined ? [] : [`--filter=${filter}`]),
    ...(depth === undefined ? [] : [`--depth=${depth}`]),
  ]

  const listed = await tries(fetching, () => git(['ls-remote', url, ...wanted.map(ref)], { signal, capture: true }))
  if (listed.code !== 0) return cannotClone(listed, signal)
  const heads = new Map(
    listed.output
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([id, name]) => [name ?? '', id ?? '']),
  )
  const from = [request.branch, request.base].find((name) => heads.has(ref(name)))
  if (from === undefined) {
    return {
      failed: 'clone-failed',
      message: `The branch \`${request.base}\` does not exist in ${request.project}. Name one that does, or push a first commit.`,
    }
  }

  const cloned = await tries(fetching, async () => {
    // What a try that was cut off has left is in the way of the next.
    await rm(repo, { recursive: true, force: true })
    return git(['clone', '--quiet', ...shape, '--single-branch', '--template=', '--branch', from, '--', url, repo], {
      signal,
    })
  })
  if (cloned.code !== 0) return cannotClone(cloned, signal)
  const others = wanted.filter((name) => name !== from && heads.has(ref(name)))
  if (others.length > 0) {
    const specs = others.map((name) => `+${ref(name)}:refs/remotes/origin/${name}`)
    const fetched = await tries(fetching, () =>
      git(['fetch', '--quiet', '--no-tags', ...shape, 'origin', ...specs], { cwd: repo, signal }),
    )
    if (fetched.code !== 0) return cannotClone(fetched, signal)
  }
  // The branches may have moved since they were listed: what is here counts.
  const newest = async (name: string) =>
    (await git(['rev-parse', '--verify', '--quiet', name], { cwd: repo, signal, capture: true })).output.trim()
  const head = await git(['rev-parse', '--verify', 'HEAD'], { cwd: repo, signal, capture: true })
  if (head.code !== 0) return cannotClone(head, signal)
  const begin = head.output.trim()
  const base = await newest(`refs/remotes/origin/${request.base}`)
  const defaultBranch = await newest(`refs/remotes/origin/${request.defaultBranch}`)
  if (from !== request.branch) {
    const switched = await git(['switch', '--quiet', '--no-track', '-c', request.branch], { cwd: repo, signal })
    if (switched.code !== 0) return cannotClone(switched, signal)
  }
  if (base !== '' && depth !== undefined) {
    const deepened = await deepen(repo, git, fetching, { base, commit: begin })
    if (deepened !== undefined) return cannotClone(deepened, signal)
  }
  log.line(
    `${from} at ${begin.slice(0, 12)}${from === request.branch ? ', continued' : `, on the new branch ${request.branch}`}`,
  )
  return {
    start: begin,
    from,
    shallow: boundaries(repo),
    ...(filter === undefined ? {} : { filter }),
    ...(base === '' ? {} : { base }),
    ...(defaultBranch === '' ? {} : { defaultBranch }),
  }
}

function ref(branch: string): string {
  return `refs/heads/${branch}`
}

/** The failure of the step, from the git that failed. */
export function cannotClone(ended: Pick<Ended, 'said'>, signal: AbortSignal): Failed {
  if (saysDiskFull(ended.said)) return DISK_FULL
  const message = signal.aborted
    ? 'Cloning took longer than it may.'
    : `The repository could not be cloned:\n${ended.said.slice(-1000)}`
  return { failed: 'clone-failed', message }
}
