/** A comment's Markdown → the command in it, if there is one. */

import { parseMarkdown } from './markdown.ts'

export const ORDERS = ['help', 'status', 'stop'] as const
export type OrderWord = (typeof ORDERS)[number]

export type Command =
  | { readonly command: 'prompt'; readonly prompt: string }
  | { readonly command: 'too-long'; readonly bytes: number; readonly limit: number }
  | { readonly command: 'too-far'; readonly limit: number }
  | { readonly command: OrderWord }
  | { readonly command: 'misspelt'; readonly word: string; readonly nearest?: OrderWord }

/** 100 KB: what a person writes by hand stays far below, and a prompt still fits every agent's standard input. */
export const PROMPT_LIMIT = 100 * 1024

/**
 * A command that begins after this many characters of a comment is not taken, and its writer is told: hostile Markdown needs
 * the square of its length to be parsed, a second for this much.
 */
const SEARCHED = 8 * 1024
/** As much of a paragraph as is read behind a command, for what could have begun before it and ends behind it. */
const PARAGRAPH = 2 * 1024

/** Words that will be orders; alone they must not start an agent on a prompt of one word. */
const RESERVED = ['retry', 'plan', 'go', 'budget', 'model']

/**
 * The command of a comment. `trigger` begins it, as `/agent` does, at the start of a line of the comment's own text:
 * in a quote, in code, in an HTML comment or in the middle of a line it is no command. The first one wins; what
 * follows, later `/agent` lines included, belongs to its prompt.
 */
export function parseCommand(text: string, trigger: string): Command | undefined {
  const lines = triggerLines(text, trigger)
  const near = lines.filter((at) => at < SEARCHED)
  const start = findTrigger(text, near)
  if (start !== undefined) return parseRest(text.slice(start + trigger.length).trim())
  return lines.length > near.length ? { command: 'too-far', limit: SEARCHED } : undefined
}

/**
 * A line of the writer's own: in a paragraph, or in a heading that the line below underlines. A line behind a quote or a list
 * item that goes on without their marks is the writer's own too, whatever Markdown makes of it.
 */
function findTrigger(text: string, lines: readonly number[]): number | undefined {
  const last = lines.at(-1)
  if (last === undefined) return undefined
  const blank = text.slice(last, last + PARAGRAPH).search(/\n[ \t]*\r?\n/)
  const texts: Node[] = []
  const walk = (node: Node): void => {
    if (node.type === 'paragraph' || node.type === 'heading') texts.push(node)
    else for (const child of node.children ?? []) walk(child)
  }
  // What comes behind the last candidate's paragraph says nothing about it.
  walk(parseMarkdown(text.slice(0, last + (blank === -1 ? PARAGRAPH : blank))))
  return lines.find((at) =>
    texts.some((node) => holds(node, at) && !(node.children ?? []).some((part) => isInert(part) && holds(part, at))),
  )
}

type Node = {
  readonly type: string
  readonly position?: { start: { offset?: number | undefined }; end: { offset?: number | undefined } } | undefined
  readonly children?: readonly Node[]
}

function isInert({ type }: Node): boolean {
  return type === 'inlineCode' || type === 'html'
}

function holds({ position }: Node, at: number): boolean {
  return at >= (position?.start.offset ?? 0) && at < (position?.end.offset ?? 0)
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
