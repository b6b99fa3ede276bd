/** An HTML tag in Markdown → where it ends, and what of it is seen. */

import type { Find } from './search.ts'

export type Tag = {
  /** Behind it. */
  readonly end: number
  readonly name: string
  /** What is left of it: no attributes but where a link or a picture leads. */
  readonly shown: string
}

/** Elements that GitLab renders. A tag with any other name is not seen, so its name could say anything. */
const RENDERED = new Set(
  'a abbr b blockquote br caption code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary sup table tbody td tfoot th thead tr tt ul var video audio'.split(
    ' ',
  ),
)

/** More attributes than this are read as one that never ends. */
const ATTRIBUTES = 100

/** How a tag is read. */
export type Reading = {
  /** As Markdown has it inside a paragraph, where `a <b` is text; otherwise as a browser has it inside a block of HTML. */
  readonly strict: boolean
  /** Where the paragraph or the block ends. */
  readonly limit: number
  /** Whether a name that no browser knows is a placeholder, as in `/users/<id>`: its writer meant it to be read. */
  readonly placeholders: boolean
}

export function readTag(
  text: string,
  at: number,
  { strict, limit, placeholders }: Reading,
  find: Find,
): Tag | undefined {
  const name = /<\/?([a-z][^\s/>]{0,99})/iy
  name.lastIndex = at
  const found = name.exec(text)
  if (found === null) return undefined
  const [opening, word = ''] = found
  if (strict && !/^[a-z][a-z0-9-]*$/i.test(word)) return undefined
  const behind = at + opening.length
  const read = strict ? strictEnd(text, behind, limit, find) : looseEnd(text, behind, limit, find)
  if (read === undefined) return undefined
  const lower = word.toLowerCase()
  const whole = text.slice(at, read.end)
  // `<br />`: there is nothing to take out.
  if (RENDERED.has(lower) ? /^<\/?\w+\s*\/?>$/.test(whole) : placeholders && /^<\/?[\w -]{1,60}>$/.test(whole)) {
    return { end: read.end, name: lower, shown: whole }
  }
  if (read.kept === undefined || !RENDERED.has(lower)) return { end: read.end, name: lower, shown: '' }
  return { end: read.end, name: lower, shown: `<${opening.startsWith('</') ? '/' : ''}${lower}${read.kept}>` }
}

/** `kept`: its attributes, as far as they are shown; `undefined` for a tag that does not end. */
type End = { readonly end: number; readonly kept: string | undefined }

/** https://spec.commonmark.org/0.31.2/#raw-html */
function strictEnd(text: string, from: number, limit: number, find: Find): End | undefined {
  let kept = ''
  let at = from
  const close = /\s*\/?>/y
  const name = /\s+([a-z_:][\w.:-]{0,199})(\s*=\s*)?/iy
  const bare = /[^\s"'=<>`]+/y
  for (let count = 0; count <= ATTRIBUTES; count++) {
    close.lastIndex = at
    if (close.test(text)) return close.lastIndex <= limit ? { end: close.lastIndex, kept } : undefined
    name.lastIndex = at
    const attribute = name.exec(text)
    if (attribute === null || name.lastIndex > limit) return undefined
    at = name.lastIndex
    if (attribute[2] === undefined) continue
    const quote = text[at]
    let value: string
    if (quote === '"' || quote === "'") {
      const end = find(quote, at + 1)
      if (end === -1 || end > limit) return undefined
      value = text.slice(at + 1, end)
      at = end + 1
    } else {
      bare.lastIndex = at
      value = bare.exec(text)?.[0] ?? ''
      if (value === '') return undefined
      at += value.length
    }
    kept += keep(attribute[1] ?? '', value)
  }
  return { end: limit, kept: undefined }
}

/**
 * https://html.spec.whatwg.org/multipage/parsing.html#before-attribute-name-state and what follows it. Behind the block what Markdown makes
 * of the next one ends a tag, but not a value in quotes: that may go on to wherever the next quote stands, and is taken to go on to the end.
 */
function looseEnd(text: string, from: number, limit: number, find: Find): End {
  let kept = ''
  let at = from
  const space = /[\s/]*/y
  const name = /[^\s/>][^\s/>=]*(\s*=\s*)?/y
  const bare = /[^\s>]*/y
  for (let count = 0; count <= ATTRIBUTES; count++) {
    space.lastIndex = at
    space.test(text)
    at = space.lastIndex
    if (text[at] === '>' && at < limit) return { end: at + 1, kept }
    name.lastIndex = at
    const attribute = name.exec(text)
    if (attribute === null || at >= limit) break
    at = name.lastIndex
    if (attribute[1] === undefined) continue
    const quote = text[at]
    let value: string
    if (quote === '"' || quote === "'") {
      const end = find(quote, at + 1)
      if (end === -1 || end > limit) return { end: text.length, kept: undefined }
      value = text.slice(at + 1, end)
      at = end + 1
    } else {
      bare.lastIndex = at
      value = bare.exec(text)?.[0] ?? ''
      at += value.length
    }
    kept += keep(attribute[0].replace(/[\s=]+$/, ''), value)
  }
  return { end: limit, kept: undefined }
}

function keep(name: string, value: string): string {
  if (!/^(?:href|src)$/i.test(name) || !/^(?:https?:\/\/|[./#\w])[^\s"'<>`]{0,500}$/.test(value)) return ''
  return /^(?:data|javascript):/i.test(value) ? '' : ` ${name.toLowerCase()}="${value}"`
}
