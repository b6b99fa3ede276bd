/**
 * What a repository has for an agent's own program, out of its way while the agent runs and in its place again before anything
 * is committed (README.md, clause 11).
 */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Places } from './given.ts'

/** `paths` are relative to the clone. The answer brings them back; where the agent has put something else, that stays. */
export function hide({ root, repo }: Places, paths: readonly string[]): () => void {
  const away = join(root, 'hidden')
  const hidden = paths.filter((path) => lstatSync(join(repo, path), { throwIfNoEntry: false }) !== undefined)
  if (hidden.length > 0) overlook(repo, hidden)
  for (const path of hidden) move(join(repo, path), join(away, path))
  return () => {
    // A folder that the agent removed as a whole is not made again for these.
    for (const path of existsSync(repo) ? hidden : []) {
      const [from, to] = [join(away, path), join(repo, path)]
      const there = lstatSync(to, { throwIfNoEntry: false })
      if (there === undefined) move(from, to)
      else if (there.isDirectory() && lstatSync(from).isDirectory()) {
        cpSync(from, to, { recursive: true, force: false, verbatimSymlinks: true })
      }
    }
    rmSync(away, { recursive: true, force: true })
  }
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  renameSync(from, to)
}

/** So that the agent's git does not take them for deleted. Where this fails, they are only shown as deleted for a while. */
function overlook(repo: string, paths: readonly string[]): void {
  // Set-up ran the repository's programs: whatever they wrote into `.git` is not to be run by this git, with our environment.
  const env = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
  const settings = ['safe.directory=*', 'core.fsmonitor=false', 'core.hooksPath=/dev/null'].flatMap((one) => [
    '-c',
    one,
  ])
  const git = (args: readonly string[], input?: Buffer) =>
    spawnSync('git', [...settings, ...args], { cwd: repo, env, input })
  const known = git(['--literal-pathspecs', 'ls-files', '-z', '--', ...paths]).stdout
  git(['update-index', '-z', '--skip-worktree', '--stdin'], known)
}
