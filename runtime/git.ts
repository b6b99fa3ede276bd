/**
 * Our own git, made safe against the repository it works in (README.md, clause 8). It reads no configuration but what
 * stands here: no system, global or user file, no hooks, no file monitor, no transport but http(s), no redirects.
 */

import { type Ended, type How, runChild } from './child.ts'
import { allowed, doorGit, type Environment, identity } from './environment.ts'
import type { Start } from './given.ts'
import type { Log } from './log.ts'

export type Git = (
  args: readonly string[],
  options: Pick<How, 'signal' | 'input' | 'capture'> & { readonly cwd?: string; readonly env?: Environment },
) => Promise<Ended>

const SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.quotePath=false',
  // `diff --check` is asked for conflict markers alone.
  'core.whitespace=-blank-at-eol,-blank-at-eof,-space-before-tab',
  'protocol.file.allow=never',
  'http.followRedirects=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'push.recurseSubmodules=no',
  'commit.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'init.defaultBranch=main',
  'advice.detachedHead=false',
  // The workspace may be a volume that another user owns.
  'safe.directory=*',
].flatMap((setting) => ['-c', setting])

/** The door's git, as a remote's URL. */
export function doorUrl(start: Start): string {
  return `${start.door}/v1/git`
}

/** A git that writes into `log` and signs as `author`. */
export function openGit(start: Start, log: Log, author: { readonly name: string; readonly email: string }): Git {
  const env: Environment = {
    ...allowed(start),
    ...doorGit(start),
    ...identity(author),
    LC_ALL: 'C',
    HOME: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ALLOW_PROTOCOL: 'http:https',
    GIT_NO_REPLACE_OBJECTS: '1',
    // LFS files are fetched in one go, by `git lfs pull`, never by a checkout.
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_EDITOR: 'true',
    GIT_PAGER: 'cat',
    TMPDIR: start.places.root,
  }
  return (args, { cwd, env: extra, ...rest }) =>
    runChild('git', [...SETTINGS, ...args], { cwd: cwd ?? start.places.root, env: { ...env, ...extra }, log, ...rest })
}
