/** After the agent: commit and push, also of unfinished work; after a stop in what is left of the grace period. */

import { rmSync } from 'node:fs'
import type { Tell } from './activity.ts'
import type { Ending } from './agents/agent.ts'
import { measure } from './change.ts'
import { DISK_FULL, type Failed, isFailed, isFull } from './failed.ts'
import type { Git } from './git.ts'
import type { Start } from './given.ts'
import type { Log } from './log.ts'
import { subjectOf } from './message.ts'
import type { Pushed, Request } from './protocol.ts'
import { push } from './push.ts'
import { save } from './save.ts'
import type { Stop } from './stop.ts'
import { graceAfter, within } from './wait.ts'
import type { Workspace } from './workspace.ts'

/** What a run needs of its surroundings. */
export type Surroundings = { readonly start: Start; readonly log: Log; readonly tell: Tell; readonly stop: Stop }

export type Kept = {
  readonly pushed?: Pushed
  readonly failed?: Failed
  readonly title?: string
  readonly warnings: readonly string[]
}

/** Milliseconds for a commit, and what is left for a commit, and for commit and push together, once a stop was asked for. */
const COMMIT_LIMIT = 300_000
const COMMIT_GRACE = 30_000
const PUSH_GRACE = 75_000

/** Nothing changed: neither `pushed` nor `failed`. */
export async function keep(
  { start, log, tell, stop }: Surroundings,
  request: Request,
  workspace: Workspace,
  git: Git,
  ending: Ending,
): Promise<Kept> {
  const { branch } = request
  tell('commits')
  // The agent is gone and its temporary files with it: on a full disk they are the room that the commit needs.
  if (isFull(start.places.root)) rmSync(start.places.tmp, { recursive: true, force: true })
  const subject = subjectOf(ending.title ?? '') || subjectOf(request.subject)
  const saved = await save({
    start,
    request,
    git,
    from: workspace.start,
    subject: ending.failure === undefined ? subject : `${subject} (unfinished)`,
    signal: within(COMMIT_LIMIT, graceAfter(stop.signal, COMMIT_GRACE)),
  })
  if (isFailed(saved)) return { failed: isFull(start.places.root) ? DISK_FULL : saved, warnings: [] }
  const { commit: made, ...told } = saved
  if (made === undefined) return told

  tell(`pushes ${branch}`)
  const signal = within(request.limits.push * 1000, graceAfter(stop.signal, PUSH_GRACE))
  const commit = await push({ start, git, log, branch, signal }, made)
  if (isFailed(commit)) return { ...told, failed: commit }
  log.line(`pushed ${commit.slice(0, 12)} to ${branch}`)
  const change = await measure(git, start.places.git, workspace.base ?? workspace.start, commit, signal)
  return { ...told, pushed: { branch, commit, ...change } }
}
