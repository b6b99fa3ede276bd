/** What stands on the branch, for the reply: how many commits, and which files with how many lines. */

import type { Git } from './git.ts'
import type { Pushed } from './protocol.ts'

/** More files than these are not named. */
const MOST_FILES = 200

/** Measures `commit` against the point where it left `base`. */
export async function measure(
  git: Git,
  gitDir: string,
  base: string,
  commit: string,
  signal: AbortSignal,
): Promise<Pick<Pushed, 'commits' | 'files'>> {
  const ask = (...args: string[]) => git(args, { env: { GIT_DIR: gitDir }, signal, capture: true })
  const fork = (await ask('merge-base', base, commit)).output.trim() || base
  const count = Number((await ask('rev-list', '--count', `${base}..${commit}`)).output)
  const stat = await ask('diff', '--numstat', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', fork, commit)
  return { commits: count, files: readNumstat(stat.output) }
}

/** `git diff --numstat -z --no-renames` → files. Binary files count no lines. Pure. */
export function readNumstat(output: string): Pushed['files'] {
  return output
    .split('\0')
    .filter((entry) => entry !== '')
    .slice(0, MOST_FILES)
    .map((entry) => {
      const [added = '', removed = '', ...path] = entry.split('\t')
      return { path: path.join('\t'), added: Number(added) || 0, removed: Number(removed) || 0 }
    })
}
