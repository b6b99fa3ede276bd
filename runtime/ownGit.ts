/**
 * A git directory of our own for the commit and the push, which only borrows the clone's objects: whatever the agent wrote
 * into `.git` (configuration, hooks, attributes, grafts, a file instead of a folder) is not read.
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from './environment.ts'
import { cannotCommit, type Failed } from './failed.ts'
import { doorUrl, type Git } from './git.ts'
import type { Start } from './given.ts'

/** What points git at it. */
export function ownGitEnvironment({ places }: Start): Environment {
  return { GIT_DIR: places.git, GIT_WORK_TREE: places.repo }
}

/** Makes it anew. It knows our settings, the clone's objects, and the door for objects that are missing. */
export async function makeOwnGit(
  start: Start,
  git: Git,
  objectFormat: 'sha1' | 'sha256',
  signal: AbortSignal,
): Promise<Failed | undefined> {
  const { git: folder, repo } = start.places
  rmSync(folder, { recursive: true, force: true })
  const made = await git(['init', '--quiet', '--bare', '--template=', `--object-format=${objectFormat}`, folder], {
    signal,
  })
  if (made.code !== 0) return cannotCommit(made)
  mkdirSync(join(folder, 'objects', 'info'), { recursive: true })
  writeFileSync(join(folder, 'objects', 'info', 'alternates'), `${join(repo, '.git', 'objects')}\n`)
  writeFileSync(
    join(folder, 'config'),
    CONFIG.replace('URL', () => JSON.stringify(doorUrl(start))),
    { flag: 'a' },
  )
  return undefined
}

/** Added to what `init` wrote. The URL's quotes and escapes are JSON's, which git's are a part of. */
const CONFIG = `[core]
\tbare = false
\trepositoryFormatVersion = 1
[extensions]
\tpartialClone = origin
[remote "origin"]
\turl = URL
\tpromisor = true
\tpartialCloneFilter = blob:none
`
