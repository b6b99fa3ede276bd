/** The instructions that a repository has for agents, in its root. */

import { existsSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'

/** Those of `names` that are there, as paths: one of several that are the same file, and none that leads out of the clone. */
export function instructionsIn(repo: string, names: readonly string[]): string[] {
  const inside = `${realpathSync(repo)}${sep}`
  const found = new Map<string, string>()
  for (const path of names.map((name) => join(repo, name))) {
    const real = existsSync(path) ? realpathSync(path) : ''
    if (real.startsWith(inside) && !found.has(real)) found.set(real, path)
  }
  return [...found.values()]
}
