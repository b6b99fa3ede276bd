/** After the agent: the base's instructions are taken out of our own index again, before it becomes a commit. */

import { type Entry, readIndexEntries, readTreeEntries, writeIndexInfo } from './entries.ts'
import type { Git } from './git.ts'
import type { Start } from './given.ts'
import { ownGitEnvironment } from './ownGit.ts'
import type { Steered } from './steer.ts'

/** The index that the next tree is written from, on top of the commit `head`. */
export type Writing = {
  readonly start: Start
  readonly git: Git
  readonly head: string
  readonly signal: AbortSignal
}

/**
 * A file that is as it was laid, and that the agent's own commits did not touch, is the branch's again. What the agent changed
 * itself stays.
 */
export async function unsteer({ start, git, head, signal }: Writing, steered: Steered): Promise<void> {
  if (steered.size === 0) return
  const how = { env: ownGitEnvironment(start), cwd: start.places.repo, signal, capture: true }
  const now = readIndexEntries((await git(['ls-files', '--stage', '-z'], how)).output)
  const committed = readTreeEntries((await git(['ls-tree', '-r', '-z', head], how)).output)
  const restored = [...steered].flatMap(([path, { own, laid }]): [string, Entry | undefined][] =>
    now.get(path) === laid && committed.get(path) === own ? [[path, own]] : [],
  )
  await git(['update-index', '-z', '--replace', '--index-info'], { ...how, input: writeIndexInfo(restored, head) })
}
