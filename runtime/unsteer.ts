/** After the agent: the base's instructions are taken out of our own index again, before it becomes a commit. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
 * A file that is as it was laid is the branch's again; what the agent changed in it is put into the branch's. What its own
 * commits touched stays as it is. Answers with warnings.
 */
export async function unsteer(writing: Writing, steered: Steered): Promise<string[]> {
  if (steered.size === 0) return []
  const { start, git, head, signal } = writing
  const how = { env: ownGitEnvironment(start), cwd: start.places.repo, signal, capture: true }
  const now = readIndexEntries((await git(['ls-files', '--stage', '-z'], how)).output)
  const committed = readTreeEntries((await git(['ls-tree', '-r', '-z', head], how)).output)
  const warnings: string[] = []
  const restored: [string, Entry | undefined][] = []
  for (const [path, { own, laid }] of steered) {
    const agents = now.get(path)
    if (committed.get(path) !== own) continue
    if (agents === laid) restored.push([path, own])
    else if (agents !== undefined && own !== undefined && agents !== own) {
      const both = laid === undefined ? undefined : await merge(writing, { agents, laid, own })
      if (both !== undefined) restored.push([path, both])
      else warnings.push(`\`${path}\` is as the agent left it; what the branch had changed in it before is gone.`)
    }
  }
  await git(['update-index', '-z', '--replace', '--index-info'], { ...how, input: writeIndexInfo(restored, head) })
  return warnings
}

/** The agent's change of what was laid, in the branch's own; undefined where the two conflict, or are no text. */
async function merge(
  { start, git, signal }: Writing,
  sides: { readonly agents: Entry; readonly laid: Entry; readonly own: Entry },
): Promise<Entry | undefined> {
  const how = { env: ownGitEnvironment(start), cwd: start.places.root, signal, capture: true }
  const folder = join(start.places.root, 'sides')
  mkdirSync(folder, { recursive: true })
  try {
    for (const [side, entry] of Object.entries(sides)) {
      const [mode = '', id = ''] = entry.split(' ')
      const text = (await git(['cat-file', 'blob', id], how)).output
      if (!mode.startsWith('100') || text.includes('\ufffd')) return undefined
      writeFileSync(join(folder, side), text)
    }
    const files = ['agents', 'laid', 'own'].map((side) => join(folder, side))
    const merged = await git(['merge-file', '--stdout', '--quiet', ...files], how)
    if (merged.code !== 0) return undefined
    const kept = await git(['hash-object', '-w', '--stdin'], { ...how, input: merged.output })
    return kept.code === 0 ? `${sides.own.split(' ', 1)[0]} ${kept.output.trim()}` : undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
