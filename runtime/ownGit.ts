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
import { hasLfs, lfsSettings } from './lfsSettings.ts'
import { boundaries } from './shallow.ts'
import type { Workspace } from './workspace.ts'

/** What points git at it. */
export function ownGitEnvironment({ places }: Start): Environment {
  return { GIT_DIR: places.git, GIT_WORK_TREE: places.repo }
}

/**
 * Makes it anew. It knows our settings, the clone's objects and where its history ends, LFS where the image has it, and the
 * door for objects that are missing.
 */
export async function makeOwnGit(
  start: Start,
  git: Git,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<Failed | undefined> {
  const { git: folder, repo } = start.places
  rmSync(folder, { recursive: true, force: true })
  const format = workspace.start.length === 64 ? 'sha256' : 'sha1'
  const made = await git(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, folder], { signal })
  if (made.code !== 0) return cannotCommit(made)
  mkdirSync(join(folder, 'objects', 'info'), { recursive: true })
  writeFileSync(join(folder, 'objects', 'info', 'alternates'), `${join(repo, '.git', 'objects')}\n`)
  // The agent may have fetched more, with ends of their own.
  const ends = [...new Set([...workspace.shallow, ...boundaries(repo)])]
  if (ends.length > 0) writeFileSync(join(folder, 'shallow'), `${ends.join('\n')}\n`)
  const settings = {
    'core.bare': 'false',
    'core.repositoryFormatVersion': '1',
    'extensions.partialClone': 'origin',
    'remote.origin.url': doorUrl(start),
    'remote.origin.promisor': 'true',
    ...(workspace.filter === undefined ? {} : { 'remote.origin.partialCloneFilter': workspace.filter }),
    ...(hasLfs(start) ? lfsSettings(start) : {}),
  }
  writeFileSync(join(folder, 'config'), Object.entries(settings).map(configLine).join(''), { flag: 'a' })
  return undefined
}

/** A setting as git's configuration file has it. The value's quotes and escapes are JSON's, which git's are a part of. */
function configLine([key, value]: readonly [string, string]): string {
  const [, section, subsection, name] = /^([^.]+)(?:\.(.+))?\.([^.]+)$/.exec(key) ?? []
  return `[${section}${subsection === undefined ? '' : ` "${subsection}"`}]\n\t${name} = ${JSON.stringify(value)}\n`
}
