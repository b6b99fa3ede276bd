import { createHash } from 'node:crypto'
import { diffsBetween, type FileDiff } from './diffs.ts'
import type { Position, Project } from './entities.ts'
import { resolveCommit } from './gitFacts.ts'
import type { World } from './world.ts'

/** Lines come as text from forms; what is left out is null, as GitLab gives it back. */
export function numbered(position: Position): Position {
  const line = (value: unknown) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : (value ?? null))
  return {
    line_range: null,
    ...position,
    old_line: line(position.old_line),
    new_line: line(position.new_line),
  }
}

/**
 * The line code of a position: null for one on a whole file, undefined when there is no such line in the diff. The position may
 * be of any version: a stale one is neither refused nor corrected.
 */
export async function lineCodeOf(
  world: World,
  project: Project,
  position: Position,
): Promise<string | null | undefined> {
  const [base, head] = await Promise.all([
    commit(world, project, position.base_sha),
    commit(world, project, position.head_sha),
  ])
  if (base === undefined || head === undefined) return undefined
  const file = (await diffsBetween(world, project, base, head)).find(
    (diff) => diff.new_path === position.new_path && diff.old_path === (position.old_path ?? diff.old_path),
  )
  if (file === undefined) return undefined
  if (position.position_type !== 'text') return null
  const line = lineOf(file, position.old_line, position.new_line)
  if (line === undefined) return undefined
  return `${createHash('sha1').update(file.new_path).digest('hex')}_${line.old}_${line.new}`
}

function commit(world: World, project: Project, sha: unknown): Promise<string | undefined> {
  return typeof sha === 'string' ? resolveCommit(world, project, sha) : Promise.resolve(undefined)
}

/** Added lines are named by their new number, removed ones by their old, all others by both. */
function lineOf(file: FileDiff, old: unknown, fresh: unknown): { old: number; new: number } | undefined {
  let at = { old: 0, new: 0 }
  for (const text of file.diff.split('\n')) {
    const [, oldStart, newStart] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(text) ?? []
    if (oldStart !== undefined && newStart !== undefined) {
      at = { old: Number(oldStart), new: Number(newStart) }
      continue
    }
    const sign = text[0]
    if (sign === '+' && old === null && fresh === at.new) return at
    if (sign === '-' && fresh === null && old === at.old) return at
    if (sign === ' ' && old === at.old && fresh === at.new) return at
    if (sign === '+' || sign === ' ') at = { ...at, new: at.new + 1 }
    if (sign === '-' || sign === ' ') at = { ...at, old: at.old + 1 }
  }
  return undefined
}
