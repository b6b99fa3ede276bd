/** The position of a diff thread → the lines it is about, with the part of the diff around them. Pure. */

import type { Lines } from '../tasks/prompt.ts'
import type { Position } from './discussion.ts'

type FileDiff = { readonly old_path: string; readonly new_path: string; readonly diff: string }

/** Lines of the diff before and behind. */
const AROUND = 8

export function linesOf(position: Position, diffs: readonly FileDiff[]): Lines | undefined {
  const side = position.new_line == null ? 'old' : 'new'
  const path = (side === 'new' ? position.new_path : position.old_path) ?? position.new_path ?? undefined
  const last = (side === 'new' ? position.new_line : position.old_line) ?? undefined
  if (path === undefined || last === undefined) return undefined
  const start = position.line_range?.start
  const from = (side === 'new' ? start?.new_line : start?.old_line) ?? last
  const file = diffs.find((diff) => (side === 'new' ? diff.new_path : diff.old_path) === path)
  return {
    path,
    side,
    from: Math.min(from, last),
    to: Math.max(from, last),
    hunk: hunkAround(file?.diff ?? '', side, Math.min(from, last), Math.max(from, last)),
  }
}

/** The lines of a unified diff from a little before `from` to a little behind `to`, empty where they are not in it. */
function hunkAround(diff: string, side: Lines['side'], from: number, to: number): string {
  const numbers = { old: 0, new: 0 }
  const kept: string[] = []
  for (const line of diff.split('\n')) {
    const head = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line)
    if (head !== null) {
      numbers.old = Number(head[1])
      numbers.new = Number(head[2])
      continue
    }
    if (numbers[side] >= from - AROUND && numbers[side] <= to + AROUND && line !== '') kept.push(line)
    if (!line.startsWith('+')) numbers.old += 1
    if (!line.startsWith('-')) numbers.new += 1
  }
  return kept.join('\n')
}
