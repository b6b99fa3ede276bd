import { diffsBetween, type FileDiff } from './diffs.ts'
import type { Project } from './entities.ts'
import type { World } from './world.ts'

/** One line of a diff, with its numbers on both sides; a hunk's head has none. */
export type DiffLine = {
  readonly kind: 'hunk' | 'added' | 'removed' | 'same' | 'remark'
  readonly old: number | undefined
  readonly new: number | undefined
  readonly text: string
}

/** The lines of a diff that begins with its first hunk. */
export function linesOf(diff: string): DiffLine[] {
  let [old, next] = [0, 0]
  return diff
    .split('\n')
    .slice(0, -1)
    .map((text): DiffLine => {
      const [, from, to] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(text) ?? []
      if (from !== undefined && to !== undefined) {
        old = Number(from)
        next = Number(to)
        return { kind: 'hunk', old: undefined, new: undefined, text }
      }
      const line = text.slice(1)
      if (text.startsWith('+')) return { kind: 'added', old: undefined, new: next++, text: line }
      if (text.startsWith('-')) return { kind: 'removed', old: old++, new: undefined, text: line }
      if (text.startsWith('\\')) return { kind: 'remark', old: undefined, new: undefined, text: text.slice(2) }
      return { kind: 'same', old: old++, new: next++, text: line }
    })
}

/** How many lines a diff adds and removes. */
export function countsOf(diff: string): { readonly added: number; readonly removed: number } {
  const lines = linesOf(diff)
  const count = (kind: DiffLine['kind']) => lines.filter((line) => line.kind === kind).length
  return { added: count('added'), removed: count('removed') }
}

/** Between two commits nothing ever changes, and a page that is looked at asks again and again. */
export type Diffs = (project: Project, from: string, to: string) => Promise<readonly FileDiff[]>

const kept = 50

/** The diffs of a world, the newest of them remembered. */
export function rememberedDiffs(world: World): Diffs {
  const known = new Map<string, Promise<readonly FileDiff[]>>()
  return (project, from, to) => {
    const key = `${project.id} ${from} ${to}`
    const found = known.get(key) ?? diffsBetween(world, project, from, to)
    known.delete(key)
    known.set(key, found)
    found.catch(() => known.delete(key))
    const [oldest] = known.keys()
    if (known.size > kept && oldest !== undefined) known.delete(oldest)
    return found
  }
}
