/** A comment's Markdown → the command in it, if there is one. */

import { parseMarkdown } from './markdown.ts'

export const ORDERS = ['help', 'status', 'stop'] as const
export type OrderWord = (typeof ORDERS)[number]

export type Command =
  | { readonly command: 'prompt'; readonly prompt: string }
  | { readonly command: 'too-long'; readonly bytes: number; readonly limit: number }
  | { readonly command: OrderWord }
  | { readonly command: 'misspelt'; readonly word: string; readonly nearest?: OrderWord }

/** 100 KB: what a person writes by hand stays far below, and a prompt still fits every agent's standard input. */
export const PROMPT_LIMIT = 100 * 1024

/** A command that begins after this many characters of a comment is not looked for: parsing stays cheap for hostile text. */
const SEARCHED = 128 * 1024

/** Words that will be orders; alone they must not start an agent on a prompt of one word. */
const RESERVED = ['retry', 'plan', 'go', 'budget', 'model']

/**
 * The command of a comment. `trigger` begins it, as `/agent` does, at the start of a line of the comment's own text:
 * in a quote, in code, in an HTML comment or in the middle of a line it is no command. The first one wins; what
 * follows, later `/agent` lines included, belongs to its prompt.
 */
export function parseCommand(text: string, trigger: string): Command | undefined {
  const start = findTrigger(text.slice(0, SEARCHED), trigger)
  return start === undefined ? undefined : parseRest(text.slice(start + trigger.length).trim())
}

function findTrigger(text: string, trigger: string): number | undefined {
  const found = triggerLines(text, trigger)
  if (found.length === 0) return undefined
  for (const node of parseMarkdown(text).children) {
    if (node.type !== 'paragraph') continue
    const inert = node.children.filter(({ type }) => type === 'inlineCode' || type === 'html').map(range)
    const [from, to] = range(node)
    const first = found.find((at) => at >= from && at < to && !inert.some(([a, b]) => at >= a && at < b))
    if (first !== undefined) return first
  }
  return undefined
}

/** Where the trigger stands first on a line (up to three spaces before it are still a paragraph) and is a whole word. */
function triggerLines(text: string, trigger: string): readonly number[] {
  const found: number[] = []
  let line = 0
  while (line < text.length) {
    let at = line
    while (at < line + 4 && text[at] === ' ') at++
    const after = text[at + trigger.length]
    const whole = after === undefined || /\s/.test(after)
    if (whole && text.slice(at, at + trigger.length).toLowerCase() === trigger.toLowerCase()) found.push(at)
    const end = text.indexOf('\n', line)
    if (end === -1) break
    line = end + 1
  }
  return found
}

function range(node: {
  position?: { start: { offset?: number | undefined }; end: { offset?: number | undefined } } | undefined
}): readonly [number, number] {
  return [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]
}

/** It is an order only if it is the whole rest; `/agent stop the flaky test` is a prompt. */
function parseRest(rest: string): Command {
  if (rest === '') return { command: 'help' }
  const word = rest.toLowerCase()
  const order = ORDERS.find((known) => known === word)
  if (order !== undefined) return { command: order }
  if (RESERVED.includes(word)) return { command: 'misspelt', word: rest }
  if (/^[a-z]+$/.test(word)) {
    const nearest = ORDERS.find((known) => distance(known, word) <= 2)
    if (nearest !== undefined) return { command: 'misspelt', word: rest, nearest }
  }
  const bytes = Buffer.byteLength(rest)
  if (bytes > PROMPT_LIMIT) return { command: 'too-long', bytes, limit: PROMPT_LIMIT }
  return { command: 'prompt', prompt: rest }
}

/** Levenshtein distance, for short words. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const above = row
    row = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const replace = (above[j] ?? 0) + (letter === other ? 0 : 1)
      row.push(Math.min(replace, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}
