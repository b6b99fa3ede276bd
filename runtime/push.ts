/** One commit to the one branch: never forced, rebased once when the branch moved, tried again when the network fails. */

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

/** Pushes; the answer is the commit that stands on the branch now, a different one after a rebase. */
export async function push(p: Push, commit: string): Promise<string | Failed> {
  let now = commit
  let rebased = false
  for (let wait = FIRST_WAIT; ; ) {
    const ended = await p.git(['push', '--porcelain', doorUrl(p.start), `${now}:refs/heads/${p.branch}`], {
      env: { GIT_DIR: p.start.places.git },
      signal: p.signal,
      capture: true,
    })
    switch (readPush(ended.code, ended.output, ended.said)) {
      case 'done':
        return now
      case 'moved': {
        if (rebased) return refused(ended)
        rebased = true
        const next = await rebase(p, now)
        if (isFailed(next)) return next
        now = next
        break
      }
      case 'refused':
        return refused(ended)
      case 'network':
        if (saysDiskFull(ended.said)) return DISK_FULL
        if (p.signal.aborted) return unreachable(ended)
        p.log.line(`the push did not get through; again in ${wait / 1000} s`)
        await pause(wait, p.signal)
        wait = Math.min(wait * 2, LONGEST_WAIT)
    }
  }
}

/** Puts the commits on top of the branch's newest, in a work tree of our own. Conflicts are a person's to solve. */
async function rebase({ start, git, log, branch, signal }: Push, commit: string): Promise<string | Failed> {
  log.line(`${branch} has moved; rebasing`)
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
  if (moved.code !== 0) {
    return {
      failed: 'push-refused',
      message: `Somebody else pushed to \`${branch}\` meanwhile, and the agent's work conflicts with it:\n${moved.said}`,
    }
  }
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
