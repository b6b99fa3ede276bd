/** A ready clone: the work branch where it exists, else a new one from the base (README.md, clause 7). */

import { rm } from 'node:fs/promises'
import type { Ended } from './child.ts'
import { DISK_FULL, type Failed, isFailed, saysDiskFull } from './failed.ts'
import { doorUrl, type Git } from './git.ts'
import type { Start } from './given.ts'
import type { Log } from './log.ts'
import type { Request } from './protocol.ts'
import { pause } from './wait.ts'

/** Where the run starts, as commit ids. */
export type Workspace = {
  /** The newest commit of the work branch, or of the base. What the agent changes is measured against it. */
  readonly start: string
  /** The base's newest commit; missing when the base is gone and the work branch goes on without it. */
  readonly base?: string
  /** The default branch's newest commit: set-up comes from there. */
  readonly defaultBranch?: string
}

const TRIES = 3
const BETWEEN_TRIES = [1000, 4000]
/** The longest pause while the door, or GitLab behind it (503), is away: that is tried for as long as the step may take. */
const LONGEST_PAUSE = 10_000
const AWAY =
  /Failed to connect|Could not connect|Could not resolve|Connection (?:refused|reset|timed out)|Empty reply|returned error: 503/i

/** Clones, with three tries for the network, into `places.repo`. */
export async function cloneWorkspace(
  start: Start,
  request: Request,
  git: Git,
  log: Log,
  signal: AbortSignal,
): Promise<Workspace | Failed> {
  const { repo } = start.places
  const url = doorUrl(start)
  const wanted = [...new Set([request.branch, request.base, request.defaultBranch])]

  const listed = await tries(log, signal, () => git(['ls-remote', url, ...wanted.map(ref)], { signal, capture: true }))
  if (isFailed(listed)) return listed
  const heads = new Map(
    listed.output
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([id, name]) => [name ?? '', id ?? '']),
  )
  const from = [request.branch, request.base].find((name) => heads.has(ref(name)))
  const tip = from === undefined ? undefined : heads.get(ref(from))
  if (from === undefined || tip === undefined) {
    return {
      failed: 'clone-failed',
      message: `The branch \`${request.base}\` does not exist in ${request.project}. Name one that does, or push a first commit.`,
    }
  }

  const cloned = await tries(log, signal, async () => {
    // What a try that was cut off has left is in the way of the next.
    await rm(repo, { recursive: true, force: true })
    return git(
      ['clone', '--quiet', '--filter=blob:none', '--single-branch', '--template=', '--branch', from, '--', url, repo],
      {
        signal,
      },
    )
  })
  if (isFailed(cloned)) return cloned
  const others = wanted.filter((name) => name !== from && heads.has(ref(name)))
  if (others.length > 0) {
    const specs = others.map((name) => `+${ref(name)}:refs/remotes/origin/${name}`)
    const fetched = await tries(log, signal, () =>
      git(['fetch', '--quiet', '--no-tags', '--filter=blob:none', 'origin', ...specs], { cwd: repo, signal }),
    )
    if (isFailed(fetched)) return fetched
  }
  // The branch may have moved since it was listed: what was checked out counts.
  const head = await git(['rev-parse', '--verify', 'HEAD'], { cwd: repo, signal, capture: true })
  const begin = head.output.trim()
  if (head.code !== 0) return explain(head, signal)
  if (from !== request.branch) {
    const switched = await git(['switch', '--quiet', '--no-track', '-c', request.branch], { cwd: repo, signal })
    if (switched.code !== 0) return explain(switched, signal)
  }
  log.line(
    `${from} at ${begin.slice(0, 12)}${from === request.branch ? ', continued' : `, on the new branch ${request.branch}`}`,
  )
  const base = from === request.base ? begin : heads.get(ref(request.base))
  const defaultBranch = from === request.defaultBranch ? begin : heads.get(ref(request.defaultBranch))
  return {
    start: begin,
    ...(base === undefined ? {} : { base }),
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
  }
}

function ref(branch: string): string {
  return `refs/heads/${branch}`
}

async function tries(log: Log, signal: AbortSignal, run: () => Promise<Ended>): Promise<Ended | Failed> {
  for (let n = 1; ; n += 1) {
    const ended = await run()
    if (ended.code === 0) return ended
    const away = AWAY.test(ended.said)
    if (signal.aborted || saysDiskFull(ended.said) || (n >= TRIES && !away)) return explain(ended, signal)
    log.line(away ? 'the door is away; it is tried again' : `that was try ${n} of ${TRIES}`)
    await pause(BETWEEN_TRIES[n - 1] ?? LONGEST_PAUSE, signal)
  }
}

function explain(ended: Ended, signal: AbortSignal): Failed {
  if (saysDiskFull(ended.said)) return DISK_FULL
  const message = signal.aborted
    ? 'Cloning took longer than it may.'
    : `The repository could not be cloned:\n${ended.said.slice(-1000)}`
  return { failed: 'clone-failed', message }
}
