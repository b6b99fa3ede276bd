/**
 * After the agent: only the one repository can be pushed, so changes inside its submodules are named in a warning, and a submodule
 * never points at a commit that only this container had.
 */

import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readIndexEntries, writeIndexInfo } from './entries.ts'
import { ownGitEnvironment } from './ownGit.ts'
import type { Submodule } from './submodules.ts'
import type { Writing } from './unsteer.ts'

/** Puts links to unknown commits back in our own index; answers with the warnings. */
export async function settleLinks(writing: Writing, submodules: readonly Submodule[]): Promise<string[]> {
  if (submodules.length === 0) return []
  const { start, git, signal } = writing
  const how = { env: ownGitEnvironment(start), cwd: start.places.repo, signal, capture: true }
  const now = readIndexEntries((await git(['ls-files', '--stage', '-z'], how)).output)
  const back: [string, string][] = []
  const lost: Submodule[] = []
  for (const submodule of submodules) {
    const { path, commit, level } = submodule
    const link = level === 1 ? now.get(path) : `160000 ${commit}`
    // Removed, or something else in its place: that is the agent's change.
    if (!link?.startsWith('160000 ')) continue
    const at = link.slice('160000 '.length)
    if (at !== commit && !(await isKnown(writing, submodule, at))) {
      back.push([path, `160000 ${commit}`])
      lost.push(submodule)
    } else if (await isChanged(writing, submodule, at)) lost.push(submodule)
  }
  if (back.length > 0) {
    await git(['update-index', '-z', '--index-info'], { ...how, input: writeIndexInfo(back, writing.head) })
  }
  return lost.map(
    ({ path, project }) =>
      `What was changed inside the submodule \`${path}\` is not kept, since only this project is pushed. Ask for it in ${project}.`,
  )
}

/** A git directory for one question, since the submodule's own was the agent's to configure. */
async function makeProbe({ start, git, signal }: Writing, commit: string): Promise<string> {
  const folder = join(start.places.root, 'probe')
  rmSync(folder, { recursive: true, force: true })
  const format = commit.length === 64 ? 'sha256' : 'sha1'
  await git(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, folder], { signal })
  return folder
}

/** Whether the door's other side has the commit. */
async function isKnown(writing: Writing, { url }: Submodule, commit: string): Promise<boolean> {
  const env = { GIT_DIR: await makeProbe(writing, commit) }
  const args = ['fetch', '--quiet', '--no-tags', '--depth=1', '--filter=tree:0', url, commit]
  return (await writing.git(args, { env, signal: writing.signal })).code === 0
}

/** Whether the work tree differs from the commit. What cannot be told is not. */
async function isChanged(writing: Writing, { path, gitDir }: Submodule, commit: string): Promise<boolean> {
  const { start, git, signal } = writing
  const folder = join(start.places.repo, path)
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return false
  const probe = await makeProbe(writing, commit)
  mkdirSync(join(probe, 'objects', 'info'), { recursive: true })
  writeFileSync(join(probe, 'objects', 'info', 'alternates'), `${join(gitDir, 'objects')}\n`)
  const how = { env: { GIT_DIR: probe, GIT_WORK_TREE: folder }, cwd: folder, signal, capture: true }
  if ((await git(['read-tree', commit], how)).code !== 0) return false
  await git(['update-index', '-q', '--refresh'], how)
  if ((await git(['diff-files', '--quiet', '--ignore-submodules=all'], how)).code === 1) return true
  return (await git(['ls-files', '--others', '--exclude-standard'], how)).output !== ''
}
