/** The working folder as a git tree: everything that is not ignored. */

import { accessSync, constants, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { cannotCommit, type Failed } from './failed.ts'
import { settleLinks } from './gitlinks.ts'
import { list } from './names.ts'
import { ownGitEnvironment } from './ownGit.ts'
import { unsteer, type Writing } from './unsteer.ts'
import type { Workspace } from './workspace.ts'

export type Tree = { readonly tree: string; readonly warnings: readonly string[] }

/**
 * Writes the tree on top of `head`'s, without what lay there and was not the agent's work. `update-index` is fed with names instead of `git add`: it runs no `git status` in
 * submodules (whose own configuration could name a program to run) and passes over foreign repositories.
 */
export async function writeTree(writing: Writing, workspace: Workspace): Promise<Tree | Failed> {
  const { start, git, head, signal } = writing
  const { repo } = start.places
  const warnings: string[] = []
  const run = (args: string[], input?: string) =>
    git(args, {
      env: ownGitEnvironment(start),
      cwd: repo,
      signal,
      capture: true,
      ...(input === undefined ? {} : { input }),
    })
  const names = async (...options: string[]) =>
    (await run(['ls-files', '-z', ...options])).output.split('\0').filter((name) => name !== '')
  const update = (paths: readonly string[]) =>
    run(['update-index', '-z', '--add', '--remove', '--replace', '--stdin'], paths.map((path) => `${path}\0`).join(''))

  await run(['read-tree', head])
  const known = await names()
  const others = await names('--others', '--exclude-standard')
  const foreign = others.filter((name) => name.endsWith('/'))
  if (foreign.length > 0) warnings.push(`Not committed, as they are repositories of their own: ${list(foreign)}.`)
  const paths = [...known, ...others.filter((name) => !name.endsWith('/'))]
  let updated = await update(paths)
  if (updated.code !== 0) {
    const unfit = new Set(paths.filter((path) => !isCommittable(join(repo, path))))
    if (unfit.size > 0) warnings.push(`Not committed, as they cannot be read: ${list([...unfit])}.`)
    updated = await update(paths.filter((path) => !unfit.has(path)))
  }
  if (updated.code !== 0) return cannotCommit(updated)
  warnings.push(...(await unsteer(writing, workspace.steered)))
  warnings.push(...(await settleLinks(writing, workspace.submodules)))
  const written = await run(['write-tree'])
  return written.code === 0 ? { tree: written.output.trim(), warnings } : cannotCommit(written)
}

/** Whether git can take this in: not a pipe or a socket, not a file that we may not read. What is gone can be. */
function isCommittable(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined || stat.isSymbolicLink() || stat.isDirectory()) return true
  if (!stat.isFile()) return false
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}
