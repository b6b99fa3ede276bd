/**
 * `agent-setup.sh`, or what the request names instead, from the default branch whatever branch is worked on: who may change what runs before the agent is
 * who may change the default branch (README.md, clause 9).
 */

import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runChild } from './child.ts'
import { committedFile } from './committedFile.ts'
import { setupEnvironment } from './environment.ts'
import { DISK_FULL, type Failed, saysDiskFull } from './failed.ts'
import type { Git } from './git.ts'
import type { Start } from './given.ts'
import type { Log } from './log.ts'
import type { Workspace } from './workspace.ts'

/** Where it is, if nothing else is said. */
export const SCRIPT = 'agent-setup.sh'

export type Setup = { readonly path: string; readonly text: string }

/** The script as the default branch has it, or undefined where it has none. Fetches that one file where it is missing. */
export async function findSetup(
  path: string,
  workspace: Pick<Workspace, 'defaultBranch'>,
  git: Git,
  repo: string,
  signal: AbortSignal,
): Promise<Setup | undefined | Failed> {
  const commit = workspace.defaultBranch
  if (commit === undefined) return undefined
  const text = await committedFile(git, repo, commit, path, signal)
  if (text === undefined) return undefined
  if (typeof text === 'string') return { path, text }
  return { failed: 'setup-failed', message: `${path} could not be fetched:\n${text.said}` }
}

/** Runs the script with bash in the clone; undefined when it went well. */
export async function runSetup(
  start: Start,
  { path, text }: Setup,
  log: Log,
  signal: AbortSignal,
): Promise<Failed | undefined> {
  const copy = join(start.places.tmp, basename(path))
  writeFileSync(copy, text, { mode: 0o700 })
  const ended = await runChild('bash', [copy], {
    cwd: start.places.repo,
    env: setupEnvironment(start),
    log,
    signal,
  })
  if (ended.code === 0 && !ended.cut) return undefined
  if (saysDiskFull(ended.said)) return DISK_FULL
  const how = ended.cut ? 'was stopped: it took longer than it may' : `ended with ${ended.code ?? 'a signal'}`
  return { failed: 'setup-failed', message: `${path} ${how}. The last it said:\n${ended.said}` }
}
