/**
 * One commit to the one branch: never forced, and tried again when the network fails. A branch that moved meanwhile is rebased
 * onto once; what conflicts, or is overtaken again, goes to a new branch beside it (README.md, clause 10).
 */

import { rmSync } from 'node:fs'
import type { Ended } from './child.ts'
import { DISK_FULL, type Failed, isFailed, saysDiskFull } from './failed.ts'
import { doorUrl, type Git } from './git.ts'
import type { Start } from './given.ts'
import type { Log } from './log.ts'
import { pause } from './wait.ts'

export type Push = {
  readonly start: Start
  readonly git: Git
  readonly log: Log
  readonly branch: string
  readonly signal: AbortSignal
}

const FIRST_WAIT = 1000
const LONGEST_WAIT = 20_000

/** What a push came to, from its exit code and what git said (with LC_ALL=C). Pure. */
export type PushResult = 'done' | 'moved' | 'refused' | 'network'

/** Sorts a push that ended. A refusal is an answer; only what may be different next time is tried again. */
export function readPush(code: number | null, output: string, said: string): PushResult {
  if (code === 0) return 'done'
  const text = `${output}\n${said}`
  if (/\((fetch first|non-fast-forward|stale info)\)|cannot lock ref|reference already exists/i.test(text))
    return 'moved'
  if (/^!.*\[(remote )?rejected\]/m.test(text)) return 'refused'
  if (/returned error: (429|5\d\d)/.test(text)) return 'network'
  if (/Authentication failed|could not read Username|returned error: 4\d\d/.test(text)) return 'refused'
  return 'network'
}

/** Where the work stands now: a different commit after a rebase, a different branch when it could not stand on the first. */
export type Landed = { readonly branch: string; readonly commit: string; readonly warning?: string }

export async function push(p: Push, commit: string): Promise<Landed | Failed> {
  const { branch } = p
  const first = await pushTo(p, commit, `refs/heads/${branch}`)
  if (first === 'done') return { branch, commit }
  if (first !== 'moved') return first
  p.log.line(`${branch} has moved; rebasing`)
  const rebased = await rebase(p, commit)
  if (isFailed(rebased)) return rebased
  if (rebased !== 'conflict') {
    const second = await pushTo(p, rebased, `refs/heads/${branch}`)
    if (second === 'done') return { branch, commit: rebased }
    if (second !== 'moved') return second
  }
  const why = rebased === 'conflict' ? "the agent's work conflicts with it" : 'once more while it was rebased'
  const beside = `${branch}-2`
  p.log.line(`${branch} cannot be pushed to; ${beside} it is`)
  const third = await pushTo(p, commit, `refs/heads/${beside}`)
  const said = `Somebody else pushed to \`${branch}\` meanwhile, ${rebased === 'conflict' ? 'and ' : ''}${why}`
  if (third === 'done') return { branch: beside, commit, warning: `${said}: the work is on \`${beside}\`.` }
  const message = third === 'moved' ? `\`${beside}\` exists already.` : third.message
  return { failed: third === 'moved' ? 'push-refused' : third.failed, message: `${said}. ${message}` }
}

/** Until it is there, the branch is found moved, or it cannot be. The branch beside is only created, never moved. */
async function pushTo(p: Push, commit: string, ref: string): Promise<'done' | 'moved' | Failed> {
  const isNew = ref !== `refs/heads/${p.branch}`
  const lease = isNew ? [`--force-with-lease=${ref}:`] : []
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    const ended = await p.git(['push', '--porcelain', ...lease, doorUrl(p.start), `${commit}:${ref}`], {
      env: { GIT_DIR: p.start.places.git },
      signal: p.signal,
      capture: true,
    })
    const result = readPush(ended.code, ended.output, ended.said)
    switch (result) {
      case 'done':
      case 'moved':
        return result
      case 'refused':
        return refused(ended)
      case 'network':
        if (saysDiskFull(ended.said)) return DISK_FULL
        if (p.signal.aborted) return unreachable(ended)
        p.log.line(`the push did not get through; again in ${wait / 1000} s`)
        await pause(wait, p.signal)
    }
  }
}

/** Puts the commits on top of the branch's newest, in a work tree of our own. Conflicts are a person's to solve. */
async function rebase({ start, git, branch, signal }: Push, commit: string): Promise<string | 'conflict' | Failed> {
  const { git: gitDir, rebase: folder } = start.places
  const env = { GIT_DIR: gitDir }
  const fetched = await git(
    ['fetch', '--quiet', '--no-tags', '--filter=blob:none', doorUrl(start), `+refs/heads/${branch}:refs/moved`],
    { env, signal },
  )
  if (fetched.code !== 0) return unreachable(fetched)
  rmSync(folder, { recursive: true, force: true })
  const laid = await git(['worktree', 'add', '--quiet', '--force', '--detach', folder, commit], { env, signal })
  if (laid.code !== 0) return unreachable(laid)
  const moved = await git(['rebase', '--quiet', 'refs/moved'], { cwd: folder, signal })
  if (moved.code !== 0) return signal.aborted ? unreachable(moved) : 'conflict'
  return (await git(['rev-parse', 'HEAD'], { cwd: folder, signal, capture: true })).output.trim()
}

function refused(ended: Ended): Failed {
  const reason = [...`${ended.said}\n${ended.output}`.matchAll(/^(remote: .*|!.*rejected.*|fatal: .*|error: .*)$/gm)]
  const text = reason.map((match) => match[0].trim()).join('\n')
  return { failed: 'push-refused', message: `The push was refused:\n${text || ended.said}` }
}

function unreachable(ended: Ended): Failed {
  return { failed: 'push-refused', message: `The push did not get through in time:\n${ended.said}` }
}
