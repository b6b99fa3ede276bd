/** A comment's Markdown → the command in it, if there is one. */

import { type Command, parseWords } from './commandWords.ts'
import { parseMarkdown } from './markdown.ts'

export { type Command, ORDERS, type OrderWord, PROMPT_LIMIT } from './commandWords.ts'

/**
 * A command that begins after this many characters of a comment is not taken, and its writer is told: hostile Markdown needs
 * the square of its length to be parsed, a second for this much.
 */
const SEARCHED = 8 * 1024
/** As much of a paragraph as is read behind a command, for what could have begun before it and ends behind it. */
const PARAGRAPH = 2 * 1024

/**
 * The command of a comment. A trigger, `/agent` or `@errand-bot`, begins it at the start of a line of the comment's own text:
 * in a quote, in code, in an HTML comment or in the middle of a line it is no command, but talk about one. The first one wins; what
 * follows, later `/agent` lines included, belongs to its prompt.
 */
export function parseCommand(text: string, triggers: readonly string[]): Command | undefined {
  const lines = triggerLines(text, triggers)
  const near = lines.filter(({ at }) => at < SEARCHED)
  const start = findTrigger(text, near)
  if (start !== undefined) return parseWords(text.slice(start.end).replace(/^[,:]/, '').trim())
  return lines.length > near.length ? { command: 'too-far', limit: SEARCHED } : undefined
}

type Place = { readonly at: number; readonly end: number }

/**
 * A line of the writer's own: in a paragraph, or in a heading that the line below underlines. A line behind a quote or a list
 * item that goes on without their marks is the writer's own too, whatever Markdown makes of it.
 */
function findTrigger(text: string, places: readonly Place[]): Place | undefined {
  const last = places.at(-1)?.at
  if (last === undefined) return undefined
  const blank = text.slice(last, last + PARAGRAPH).search(/\n[ \t]*\r?\n/)
  const texts: Node[] = []
  const walk = (node: Node): void => {
    if (node.type === 'paragraph' || node.type === 'heading') texts.push(node)
    else for (const child of node.children ?? []) walk(child)
  }
  // What comes behind the last candidate's paragraph says nothing about it.
  walk(parseMarkdown(text.slice(0, last + (blank === -1 ? PARAGRAPH : blank))))
  return places.find(({ at }) =>
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

/** Not seen, and often copied along from a chat: a line still begins behind it. */
const UNSEEN = ' \u00a0\u200b\u2060\ufeff'

/** Where a trigger stands first on a line (up to three spaces before it are still a paragraph) and is a whole word. */
function triggerLines(text: string, triggers: readonly string[]): readonly Place[] {
  const found: Place[] = []
  for (let line = 0; line < text.length; ) {
    let at = line
    while (at < line + 4 && UNSEEN.includes(text[at] ?? '!')) at++
    const trigger = triggers.find((one) => text.slice(at, at + one.length).toLowerCase() === one.toLowerCase())
    if (trigger !== undefined) {
      const end = at + trigger.length
      if (/^(?:[,:]?\s|[,:]?$)/.test(text.slice(end, end + 2))) found.push({ at, end })
    }
    const newline = text.indexOf('\n', line)
    if (newline === -1) break
    line = newline + 1
  }
  return found
}
