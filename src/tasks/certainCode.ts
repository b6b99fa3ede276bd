/**
 * Where Markdown is code for certain: what looks like hidden text there is seen. GitLab's own reading of Markdown cannot be had here, and a
 * full parser needs the square of a hostile text's length; so wherever two readings are possible, it is not certain, and not code.
 */

import { readFence } from './codeFence.ts'

export type Range = { readonly from: number; readonly to: number }

export type Areas = {
  /** Code, in order. */
  readonly code: readonly Range[]
  /** What people do not see of code: what follows the language of a fence, comments of a diagram. */
  readonly unseen: readonly Range[]
  /** Blocks of HTML, in order: Markdown means nothing there. */
  readonly html: readonly Range[]
}

/** Marks of quotes and lists, and white space, before what a line says. */
export const MARKS = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*)*/

/** Elements that begin an HTML block, up to a blank line (https://spec.commonmark.org/0.31.2/#html-blocks, condition 6). */
const BLOCKS =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul'

/** What begins an HTML block, and the line that ends it; `undefined`: a blank line. */
const STARTS: readonly (readonly [begins: RegExp, ends: RegExp | undefined])[] = [
  [/^<!--/, /-->/],
  [/^<(?:pre|script|style|textarea)(?=[\s>]|$)/i, /<\/(?:pre|script|style|textarea)>/i],
  [/^<\?/, /\?>/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [/^<![a-z]/i, />/],
  [new RegExp(`^</?(?:${BLOCKS})(?=[\\s>/]|$)`, 'i'), undefined],
  // Any other tag; where the line before makes it part of a paragraph, it is none, so it is not certain.
  [/^<\/?[a-z][a-z0-9-]*(?:\s[^<>]*)?>/i, undefined],
]

type Html = { readonly ends: RegExp | undefined; readonly certain: boolean }

export function certainCode(text: string): Areas {
  const code: Range[] = []
  const unseen: Range[] = []
  const blocks: Range[] = []
  // Front matter, as GitLab takes it, may hold anything.
  let certain = !/^\s*(?:---|\+\+\+|;;;)/.test(text)
  let paired = true
  let html: Html | undefined
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline === -1 ? text.length : newline
    const line = text.slice(at, end)
    const marks = MARKS.exec(line)?.[0] ?? ''
    const said = line.slice(marks.length)
    if (line.trim() === '') {
      paired = true
      if (html?.ends === undefined) html = undefined
      else extend(blocks, at, end)
    } else if (html !== undefined) {
      extend(blocks, at, end)
      // What ends with its list or quote instead would leave the fence a fence.
      if (/^(?:```|~~~)/.test(said) && !html.certain) certain = false
      if (html.ends?.test(line) === true) html = undefined
    } else if (/^(?:```|~~~)/.test(said)) {
      const fence = certain ? readFence(text, at, marks, paired) : undefined
      if (fence !== undefined) {
        code.push({ from: at, to: fence.end })
        unseen.push(...fence.unseen)
        at = fence.end
        continue
      }
      certain &&= said.startsWith('```') && said.slice(3).replace(/^`+/, '').includes('`')
      paired = false
    } else {
      html = htmlFrom(said, marks)
      if (html !== undefined) blocks.push({ from: at, to: end })
      else if (certain && paired) {
        const found = inlineCode(line)
        for (const { from, to } of found.spans) code.push({ from: at + from, to: at + to })
        paired = found.paired
      }
      if (html?.ends?.test(said) === true) html = undefined
    }
    at = end + 1
  }
  return { code, unseen, html: blocks }
}

/** One line more of the last block. */
function extend(blocks: Range[], from: number, to: number): void {
  const last = blocks.pop()
  blocks.push({ from: last?.from ?? from, to })
}

function htmlFrom(said: string, marks: string): Html | undefined {
  const found = said.startsWith('<') ? STARTS.find(([begins]) => begins.test(said)) : undefined
  if (found === undefined) return undefined
  const [, ends] = found
  return { ends, certain: said.startsWith('<!--') && /^ {0,3}$/.test(marks) }
}

/**
 * Code spans that begin and end in this line, as long as every backtick before found its partner in its own line: then no other pairing
 * is possible. A bar may be the border of two cells, and a backslash or a tag may hold the backtick: not certain.
 */
function inlineCode(line: string): { readonly spans: readonly Range[]; readonly paired: boolean } {
  const runs = [...line.matchAll(/`+/g)].map(({ index, 0: run }) => ({ from: index, to: index + run.length }))
  const spans: Range[] = []
  /** The runs of each length, the last first. */
  const partners = Map.groupBy(runs.toReversed(), ({ from, to }) => to - from)
  for (let at = 0, next = 0; next < runs.length; ) {
    const open = runs[next] ?? { from: line.length, to: line.length }
    const alike = partners.get(open.to - open.from) ?? []
    while ((alike.at(-1)?.from ?? open.to) < open.to) alike.pop()
    const close = alike.at(-1)
    const before = line.slice(at, open.from).replace(/<[^<>`"']*>/g, '')
    if (close === undefined || /\\|<[a-z/!?]/i.test(before) || line.slice(open.from, close.to).includes('|')) {
      return { spans, paired: false }
    }
    spans.push({ from: open.from, to: close.to })
    at = close.to
    while ((runs[next]?.from ?? at) < at) next++
  }
  return { spans, paired: true }
}
