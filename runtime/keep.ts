/** After the agent: commit and push, also of unfinished work; after a stop in what is left of the grace period. */

import { rmSync } from 'node:fs'
import type { Ending } from './agents/agent.ts'
import { measure } from './change.ts'
import { DISK_FULL, type Failed, isFailed, isFull } from './failed.ts'
import type { Git } from './git.ts'
import { uploadLfs } from './lfs.ts'
import { subjectOf } from './message.ts'
import { logPatch } from './patch.ts'
import type { Pushed, Request } from './protocol.ts'
import { push } from './push.ts'
import { save } from './save.ts'
import type { Surroundings } from './surroundings.ts'
import { graceAfter, within } from './wait.ts'
import type { Workspace } from './workspace.ts'

export type Kept = {
  readonly pushed?: Pushed
  readonly failed?: Failed
  readonly title?: string
}

/** Milliseconds for a commit; and once a stop was asked for, until the commit, the upload of LFS files and the push are over. */
const COMMIT_LIMIT = 300_000
const COMMIT_GRACE = 30_000
const LFS_GRACE = 50_000
const PUSH_GRACE = 65_000

/** Nothing changed: neither `pushed` nor `failed`. */
export async function keep(
  around: Surroundings,
  request: Request,
  workspace: Workspace,
  git: Git,
  ending: Ending,
): Promise<Kept> {
  const { start, log, tell, stop, warn } = around
  if (request.mode === 'plan') tell('checks that nothing was changed')
  else tell('commits', 'push')
  // The agent is gone and its temporary files with it: on a full disk they are the room that the commit needs.
  if (isFull(start.places.root)) rmSync(start.places.tmp, { recursive: true, force: true })
  const subject = subjectOf(ending.title ?? '') || subjectOf(request.subject)
  const saved = await save({
    start,
    request,
    git,
    workspace,
    subject: ending.failure === undefined ? subject : `${subject} (unfinished)`,
    signal: within(COMMIT_LIMIT, graceAfter(stop.signal, COMMIT_GRACE)),
  })
  if (request.mode === 'plan') {
    const isChanged = !isFailed(saved) && saved.commit !== undefined
    if (isChanged) warn('A plan changes nothing: what the agent changed all the same is not kept.')
    return {}
  }
  if (isFailed(saved)) return { failed: isFull(start.places.root) ? DISK_FULL : saved }
  for (const warning of saved.warnings) warn(warning)
  const title = saved.title === undefined ? {} : { title: saved.title }
  if (saved.commit === undefined) return title

  tell(`pushes ${request.branch}`)
  const signal = within(request.limits.push * 1000, graceAfter(stop.signal, PUSH_GRACE))
  // Large files that do not get through leave time for the commit.
  const uploading = within(request.limits.push * 700, graceAfter(stop.signal, LFS_GRACE), signal)
  await uploadLfs(around, workspace, git, saved.commit, uploading)
  const landed = await push({ start, git, log, branch: request.branch, signal }, saved.commit)
  if (isFailed(landed)) {
    await logPatch(around, git, workspace.start, saved.commit)
    return { ...title, failed: landed }
  }
  const { branch, commit, warning } = landed
  if (warning !== undefined) warn(warning)
  log.line(`pushed ${commit.slice(0, 12)} to ${branch}`)
  const change = await measure(git, start.places.git, workspace.base ?? workspace.start, commit, signal)
  return { ...title, pushed: { branch, commit, ...change } }
}
