/**
 * What Markdown and HTML hide: comments, attributes, texts of pictures, titles of links, definitions that nothing refers to, entities of
 * invisible characters. Every place where such a thing could begin is read for itself, whether or not it lies in another one, and all that
 * is found is taken out: so no cleverly nested half of one can bring another one out of step.
 */

import { certainCode, MARKS, type Range } from './certainCode.ts'
import { invisibleEntityEnd } from './entity.ts'
import { type Cut, readAngle } from './hiddenHtml.ts'
import type { Shown } from './invisible.ts'
import { label, pictureTextEnd, readDefinition, readDestination } from './linkParts.ts'
import { finder } from './search.ts'

/** Characters of a line in which marks of quotes and lists are looked for. */
const MARKED = 200

/**
 * Quick for any text: each place is read no further than its paragraph, or to where the next one of its kind ends. `placeholders`: whether
 * `<name>` that no browser knows is left, as its writer meant it to be read.
 */
export function withoutHiddenMarkup(text: string, placeholders: boolean): Shown {
  const { code, html, unseen } = certainCode(text)
  const find = finder(text)
  const endOfParagraph = paragraphEnds(text)
  const labels = labelsIn(text)
  const cuts: Cut[] = unseen.map((range) => ({ ...range, shown: '' }))
  const codeAt = within(code)
  const blockAt = within(html)
  /** What begins before is read already: a footnote, and inside a block of HTML what a browser takes for one tag. */
  const read = { '[': 0, '<': 0 }
  let line = 0
  for (const { index: at, 0: mark } of text.matchAll(/\n|<|!\[|\]\(|\[|&/g)) {
    if (mark === '\n') line = at + 1
    if (mark === '\n' || codeAt(at) !== undefined) continue
    const block = blockAt(at)
    if (block === undefined && isEscaped(text, at)) continue
    const first = MARKS.exec(text.slice(line, Math.min(at, line + MARKED)))?.[0].length === at - line
    const paragraphEnd = endOfParagraph(at)
    let cut: Cut | undefined
    if (mark === '<') {
      if (block !== undefined && at < read['<'] && text[at + 1] !== '!') continue
      cut = readAngle(text, { at, block, first, paragraphEnd, placeholders }, find)
      if (block !== undefined) read['<'] = Math.max(read['<'], cut?.to ?? 0)
    } else if (mark === '[') {
      if (!first || at < read['[']) continue
      cut = readDefinition(text, at, paragraphEnd, labels, find)
      read['['] = cut?.to ?? 0
    } else if (mark === '](') cut = readDestination(text, at + 2, paragraphEnd, find)
    else {
      const from = mark === '&' ? at : at + 2
      const to = mark === '&' ? invisibleEntityEnd(text, at) : pictureTextEnd(text, from, paragraphEnd, labels, find)
      cut = to === undefined ? undefined : { from, to, shown: '' }
    }
    if (cut === undefined || text.slice(cut.from, cut.to) === cut.shown) continue
    cuts.push(cut)
    if (cut.to === text.length) break
  }
  return take(text, cuts)
}

/** Labels as they are used, and with a colon before them as they are defined. */
function labelsIn(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/\[([^[\]\n]{1,999})\](:?)/g)].map(([, name = '', colon = '']) => `${colon}${label(name)}`),
  )
}

function paragraphEnds(text: string): (at: number) => number {
  const ends = [...text.matchAll(/\n[ \t]*(?=\n)/g)].map(({ index }) => index)
  return (at) => {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    return ends[low] ?? text.length
  }
}

/** Asked in order, the range that holds a place. */
function within(ranges: readonly Range[]): (at: number) => Range | undefined {
  let next = 0
  return (at) => {
    while ((ranges[next]?.to ?? Number.POSITIVE_INFINITY) <= at) next++
    const range = ranges[next]
    return range !== undefined && range.from <= at ? range : undefined
  }
}

function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text[before - 1] === '\\') before--
  return (at - before) % 2 === 1
}

/** The text without the cuts; what one leaves of itself goes too if another one begins in it. */
function take(text: string, cuts: readonly Cut[]): Shown {
  const parts: string[] = []
  let hidden = 0
  let last = { from: 0, to: 0, shown: '' }
  const close = (next: number): void => {
    parts.push(last.shown, text.slice(last.to, next))
    hidden += [...text.slice(last.from, last.to)].length - [...last.shown].length
  }
  for (const cut of [...cuts].sort((a, b) => a.from - b.from)) {
    if (cut.from < last.to) last = { from: last.from, to: Math.max(last.to, cut.to), shown: '' }
    else {
      close(cut.from)
      last = cut
    }
  }
  close(text.length)
  return { text: parts.join(''), hidden }
}
