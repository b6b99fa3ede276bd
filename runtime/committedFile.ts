/** A plain file as a commit has it, whatever lies in the work tree. */

import type { Git } from './git.ts'

/** Its text; undefined where the commit has none; what git said where it could not be fetched. */
export async function committedFile(
  git: Git,
  repo: string,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined | { readonly said: string }> {
  const there = await git(['ls-tree', commit, '--', path], { cwd: repo, signal, capture: true })
  if (there.code !== 0) return { said: there.said }
  if (!/^100(644|755) blob /.test(there.output)) return undefined
  const shown = await git(['cat-file', 'blob', `${commit}:${path}`], { cwd: repo, signal, capture: true })
  return shown.code === 0 ? shown.output : { said: shown.said }
}
