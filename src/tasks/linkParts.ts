/** The parts of a link that are not its text: where it leads, which is kept, and its title, which nobody sees. */

import type { Range } from './certainCode.ts'
import type { Find } from './search.ts'

type Part = Range & { readonly shown: string }

/** Labels are compared without regard to case and white space. */
export function label(name: string): string {
  return name.trim().replace(/\s+/g, ' ').toLowerCase()
}

/** A longer address says more than where it leads. */
const ADDRESS = 500

/** Behind `](`: up to before the closing parenthesis. `undefined` where it is no link. */
export function readDestination(text: string, from: number, limit: number, find: Find): Part | undefined {
  const start = behindSpace(text, from, limit)
  const address = readAddress(text, start, limit) ?? start
  const space = behindSpace(text, address, limit)
  const title = space > address || address === start ? readTitle(text, space, limit, find) : undefined
  const end = behindSpace(text, title ?? address, limit)
  if (text[end] === ')' && end < limit) return { from, to: end, shown: shorten(text.slice(start, address)) }
  // GitLab takes spaces in an address, as in `[x](a page)`.
  const spaced = /[^\n()]{0,2000}(?=\))/y
  spaced.lastIndex = from
  const [inner] = spaced.exec(text) ?? []
  if (inner === undefined) return undefined
  const [bare = ''] = /^[^"']*/.exec(inner) ?? []
  return { from, to: from + inner.length, shown: shorten(bare.trim()) }
}

/**
 * A definition, `[label]: address "title"`, at the start of a line. Where its label stands nowhere else it is seen nowhere, as `[//]: # (this)`;
 * otherwise the address is what is used of it. A footnote that nothing refers to is not seen either.
 */
export function readDefinition(
  text: string,
  at: number,
  limit: number,
  labels: ReadonlySet<string>,
  find: Find,
): Part | undefined {
  const opening = /\[((?:[^[\]\\]|\\.){1,999})\]:/sy
  opening.lastIndex = at
  const [whole, name = ''] = opening.exec(text) ?? []
  if (whole === undefined) return undefined
  const isUsed = labels.has(label(name))
  if (name.startsWith('^')) return isUsed ? undefined : { from: at, to: footnoteEnd(text, limit), shown: '' }
  const start = behindSpace(text, at + whole.length, limit)
  const address = readAddress(text, start, limit)
  if (address === undefined) return undefined
  const lineEnd = endOfLine(text, address)
  const space = behindSpace(text, address, limit)
  const title = space > address ? readTitle(text, space, limit, find) : undefined
  const titleEnd = title === undefined ? undefined : endOfLine(text, title)
  const end = titleEnd ?? lineEnd
  if (end === undefined) return undefined
  return { from: at, to: end, shown: isUsed ? `${whole} ${shorten(text.slice(start, address))}` : '' }
}

/** The address that begins here, with or without `<…>` around it. */
function readAddress(text: string, from: number, limit: number): number | undefined {
  if (text[from] === '<') {
    const angle = /<(?:[^<>\n\\]|\\.){0,2000}>/y
    angle.lastIndex = from
    return angle.test(text) && angle.lastIndex <= limit ? angle.lastIndex : undefined
  }
  let open = 0
  let at = from
  for (; at < limit && !/\s/.test(text[at] ?? ' '); at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '(') open += 1
    else if (text[at] === ')' && --open < 0) break
  }
  return at > from ? Math.min(at, limit) : undefined
}

const QUOTES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '(': ')' }

function readTitle(text: string, from: number, limit: number, find: Find): number | undefined {
  const quote = QUOTES[text[from] ?? '']
  if (quote === undefined) return undefined
  for (let at = find(quote, from + 1); at !== -1 && at < limit; at = text.indexOf(quote, at + 1)) {
    let before = at
    while (text[before - 1] === '\\') before--
    if ((at - before) % 2 === 0) return at + 1
  }
  return undefined
}

/** White space, of which one may be a line's end, and the marks of a quote behind that. */
function behindSpace(text: string, from: number, limit: number): number {
  const space = /[ \t]*(?:\n[ \t>]*)?/y
  space.lastIndex = from
  space.test(text)
  return Math.min(space.lastIndex, limit)
}

function endOfLine(text: string, from: number): number | undefined {
  const rest = /[ \t]*(?=\n|$)/y
  rest.lastIndex = from
  return rest.test(text) ? rest.lastIndex : undefined
}

/** A footnote goes on in paragraphs that are pushed in. */
function footnoteEnd(text: string, limit: number): number {
  const more = /(?:\s*\n(?: {2,}|\t)[^\n]*)+/y
  more.lastIndex = limit
  return more.test(text) ? more.lastIndex : limit
}

/** Words as an address are words that nobody sees. */
function shorten(address: string): string {
  if (/\s/.test(address)) return ''
  return address.length > ADDRESS ? `${address.slice(0, ADDRESS)}…` : address
}

/** Characters of a picture's text in which brackets are matched. */
const PICTURE_TEXT = 500

/** Where the text of a picture ends, if it is one: before `](`, `][`, or before a bracket of which the text is a label that is defined. */
export function pictureTextEnd(
  text: string,
  from: number,
  limit: number,
  labels: ReadonlySet<string>,
  find: Find,
): number | undefined {
  let open = 1
  let odd = false
  const last = Math.min(limit, from + PICTURE_TEXT)
  for (let at = from; at < last; at++) {
    const letter = text[at]
    if (letter === '\\') at++
    if (letter === '\\' || letter === '`' || letter === '<') odd = true
    if (letter === '[') open += 1
    if (letter !== ']' || --open > 0) continue
    if (text[at + 1] === '(' || text[at + 1] === '[') return at
    if (labels.has(`:${label(text.slice(from, at))}`)) return at
    if (!odd) return undefined
    break
  }
  // Code or a tag may hold the bracket that was counted.
  const next = ['](', ']['].map((end) => find(end, from)).filter((at) => at !== -1 && at < limit)
  return next.length === 0 ? undefined : Math.min(...next)
}
