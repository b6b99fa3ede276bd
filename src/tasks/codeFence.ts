/** A fenced code block of Markdown whose end is certain: only one reading of the lines is possible. */

import type { Range } from './certainCode.ts'

export type Fence = {
  /** Behind its last line. */
  readonly end: number
  readonly unseen: readonly Range[]
}

/** What a line must be to stand in the fence, and what would end it. */
type Rules = {
  readonly isInside: (line: string) => boolean
  readonly isClose: (line: string) => boolean
  /** Whether a line that is not inside ends the fence for certain, as it ends the list or the quote. */
  readonly endsWithout: boolean
  /** Pushed in that far it may be no fence, but part of a paragraph. */
  readonly mustClose?: boolean
}

/** Nobody needs more backticks, and a regular expression does not take any number. */
const LONGEST = 100

/**
 * The fence that opens in the line at `at`, behind `marks`. `paired`: no backtick before it in its paragraph waits for a partner.
 * `undefined` where it is not certain.
 */
export function readFence(text: string, at: number, marks: string, paired: boolean): Fence | undefined {
  const first = lineAt(text, at)
  const said = first.slice(marks.length)
  const [, ticks = '', info = ''] = /^(`{3,}(?!.*`)|~{3,})(.*)$/.exec(said) ?? []
  if (ticks === '' || ticks.length > LONGEST) return undefined
  const rules = rulesOf(marks, ticks, paired)
  if (rules === undefined) return undefined
  const language = /^\s*[\w+#.:-]{0,40}/.exec(info)?.[0] ?? ''
  const unseen: Range[] = []
  const told = at + marks.length + ticks.length + language.length
  if (told < at + first.length) unseen.push({ from: told, to: at + first.length })
  let from = at + first.length + 1
  for (; from < text.length; from += lineAt(text, from).length + 1) {
    const line = lineAt(text, from)
    // How wide a tab is depends on what is before it.
    if (marks !== '' && /^[ >]*\t/.test(line)) return undefined
    if (rules.isClose(line)) return { end: Math.min(text.length, from + line.length), unseen }
    if (!rules.isInside(line)) return rules.endsWithout ? { end: from, unseen } : undefined
    if (language.trim().toLowerCase() === 'mermaid' && /^[\s>]*%%/.test(line))
      unseen.push({ from, to: from + line.length })
  }
  return rules.mustClose ? undefined : { end: text.length, unseen }
}

function rulesOf(marks: string, ticks: string, paired: boolean): Rules | undefined {
  const close = new RegExp(`^${ticks[0]}{${ticks.length},}[ \\t]*$`)
  if (marks === '') {
    return {
      isInside: () => true,
      isClose: (line) => /^ {0,3}\S/.test(line) && close.test(line.trimStart()),
      endsWithout: true,
    }
  }
  if (/^(?:> {0,4})+$/.test(marks)) {
    const outer = `^ {0,3}(?:> {0,3}){${marks.split('>').length - 2}}>`
    const inside = new RegExp(outer)
    const end = new RegExp(`${outer} {0,4}${ticks[0]}{${ticks.length},}[ \\t]*$`)
    return { isInside: (line) => inside.test(line), isClose: (line) => end.test(line), endsWithout: true }
  }
  // One mark of a list: what stands in the item stands below its text. A list that begins with 2 does not end a paragraph.
  if (/^ {0,3}(?:[-*+]|1[.)]) {1,4}$/.test(marks)) {
    return {
      isInside: (line) => line.trim() === '' || indentOf(line) >= marks.length,
      isClose: (line) =>
        indentOf(line) >= marks.length && indentOf(line) <= marks.length + 3 && close.test(line.trimStart()),
      endsWithout: true,
    }
  }
  // Below a list's item, or only pushed in: the same, if the fence ends where it began, and nothing before it is further left.
  if (!/^ +$/.test(marks) || (marks.length > 3 && (!paired || !ticks.startsWith('`')))) return undefined
  const inner = marks.length > 3 ? new RegExp(`\`{${ticks.length},}`) : undefined
  return {
    isInside: (line) =>
      line.trim() === '' ||
      (indentOf(line) >= marks.length && !close.test(line.trimStart()) && inner?.test(line) !== true),
    isClose: (line) => indentOf(line) === marks.length && close.test(line.trimStart()),
    endsWithout: false,
    mustClose: marks.length > 3,
  }
}

function indentOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0
}

function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at)
  return text.slice(at, end === -1 ? text.length : end)
}
