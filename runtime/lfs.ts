/**
 * Git LFS: large files that the repository holds only pointers to. They come and go through the door, whatever the repository's
 * `.lfsconfig` says; our settings stand in git's own configuration, which git-lfs puts first (README.md, clause 7).
 */

import type { Ended } from './child.ts'
import { cannotClone } from './clone.ts'
import { type Failed, saysDiskFull } from './failed.ts'
import { type Fetching, tries } from './fetching.ts'
import type { Git } from './git.ts'
import { hasLfs, lfsSettings } from './lfsSettings.ts'
import { ownGitEnvironment } from './ownGit.ts'
import type { Surroundings } from './surroundings.ts'
import type { Workspace } from './workspace.ts'

/** Another try would end the same way. */
function isRefused({ said }: Ended): boolean {
  return /Authorization error|returned error: 40[134]/.test(said)
}

async function usesLfs(git: Git, commit: string, at: Parameters<Git>[1]): Promise<boolean> {
  const args = ['grep', '--quiet', '-e', 'filter=lfs', commit, '--', ':(glob)**/.gitattributes']
  return (await git(args, at)).code === 0
}

/** Puts the contents of LFS files into the fresh clone. Answers whether it has any. */
export async function fetchLfs(
  { start, tell, warn }: Surroundings,
  git: Git,
  fetching: Fetching,
): Promise<boolean | Failed> {
  const { signal } = fetching
  const at = { cwd: start.places.repo, signal }
  if (!(await usesLfs(git, 'HEAD', at))) return false
  if (!hasLfs(start)) {
    warn(
      'This repository keeps files in Git LFS, and the image has no `git-lfs`: the agent saw pointers in their place.',
    )
    return false
  }
  tell('fetches LFS files')
  for (const [key, value] of Object.entries(lfsSettings(start))) await git(['config', key, value], at)
  const pulled = await tries({ ...fetching, isFinal: isRefused }, () => git(['lfs', 'pull'], at))
  if (pulled.code !== 0 && (signal.aborted || saysDiskFull(pulled.said))) return cannotClone(pulled, signal)
  if (pulled.code !== 0)
    warn(`LFS files are missing, the agent saw pointers in their place:\n${pulled.said.slice(-500)}`)
  return true
}

/** Uploads what the commits since the start keep in LFS, before they are pushed. */
export async function uploadLfs(
  { start, log, tell, warn }: Surroundings,
  workspace: Workspace,
  git: Git,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  const at = { env: ownGitEnvironment(start), cwd: start.places.repo, signal }
  if (!hasLfs(start) || !(await usesLfs(git, commit, at))) return
  tell('uploads LFS files')
  // What git-lfs takes for known to the other side, so that it looks at the new commits only.
  await git(['update-ref', `refs/remotes/origin/${workspace.from}`, workspace.start], at)
  await git(['update-ref', UPLOADED, commit], at)
  const pushed = await tries({ log, signal, isFinal: isRefused }, () => git(['lfs', 'push', 'origin', UPLOADED], at))
  if (pushed.code !== 0) warn(`LFS files could not be uploaded:\n${pushed.said.slice(-500)}`)
}

const UPLOADED = 'refs/heads/errand-upload'
