/** Shallow clones (git's `--depth`): where their history ends, and how it is made long enough to be measured. */

import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ended } from './child.ts'
import { type Fetching, tries } from './fetching.ts'
import type { Git } from './git.ts'

/** The commits whose parents are not here, as git's `shallow` file lists them; empty in a whole clone, and where it is no file. */
export function boundaries(repo: string): string[] {
  const file = join(repo, '.git', 'shallow')
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /^[0-9a-f]{40,64}$/.test(line))
}

/**
 * Fetches older commits until all is here that stands on `commit` since it left `base`: without them a merge has no common
 * ancestor, and neither commits nor files can be counted. Answers the git that failed.
 */
export async function deepen(
  repo: string,
  git: Git,
  fetching: Fetching,
  { base, commit }: { readonly base: string; readonly commit: string },
): Promise<Ended | undefined> {
  const { signal } = fetching
  for (const step of ['--deepen=100', '--deepen=1000', '--deepen=10000', '--unshallow']) {
    const ends = new Set(boundaries(repo))
    const between = await git(['rev-list', `${base}..${commit}`], { cwd: repo, signal, capture: true })
    if (between.code !== 0) return between
    if (!between.output.split('\n').some((one) => ends.has(one))) return undefined
    const fetched = await tries(fetching, () =>
      git(['fetch', '--quiet', '--no-tags', step, 'origin', base, commit], { cwd: repo, signal }),
    )
    if (fetched.code !== 0) return fetched
  }
  return undefined
}
