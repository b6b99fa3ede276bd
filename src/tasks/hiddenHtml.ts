/** What begins with `<` in Markdown and is not seen: comments, declarations, tags, and elements with all that is in them. */

import type { Range } from './certainCode.ts'
import { readTag } from './htmlTag.ts'
import type { Find } from './search.ts'

/** Where the `<` stands. */
export type Angle = {
  readonly at: number
  /** The block of HTML that it is in. */
  readonly block: Range | undefined
  /** Whether it is the first of its line. */
  readonly first: boolean
  /** Where its paragraph ends. */
  readonly paragraphEnd: number
  readonly placeholders: boolean
}

export type Cut = Range & {
  /** What is left in its place. */
  readonly shown: string
}

/** Ends of what is no tag; a comment is ended by nothing else, and `<!-->` is whole. */
const DECLARATIONS: readonly (readonly [begins: RegExp, ends: string, skipped: number])[] = [
  [/<!--/y, '-->', 2],
  [/<\?/y, '?>', 2],
  [/<!\[CDATA\[/y, ']]>', 9],
  [/<![a-z]/iy, '>', 2],
]

/** Elements whose content is not seen either. */
const SWALLOWED = new Set('iframe math noembed noframes noscript plaintext script style svg template xmp'.split(' '))

export function readAngle(text: string, angle: Angle, find: Find): Cut | undefined {
  const { at, block, first, paragraphEnd, placeholders } = angle
  for (const [begins, ends, skipped] of DECLARATIONS) {
    begins.lastIndex = at
    if (!begins.test(text)) continue
    const end = find(ends, at + skipped)
    // Without an end it hides the rest, or inside a paragraph nothing: there it is text.
    if (block !== undefined || first) return { from: at, to: end === -1 ? text.length : end + ends.length, shown: '' }
    return end === -1 || end > paragraphEnd ? undefined : { from: at, to: end + ends.length, shown: '' }
  }
  const tag = readTag(text, at, { strict: block === undefined, limit: block?.to ?? paragraphEnd, placeholders }, find)
  if (tag === undefined) return undefined
  if (!SWALLOWED.has(tag.name) || text[at + 1] === '/') return { from: at, to: tag.end, shown: tag.shown }
  const close = find(new RegExp(`</${tag.name}(?=[\\s/>])`, 'gi'), tag.end)
  const end = close === -1 ? -1 : find('>', close)
  return { from: at, to: end === -1 ? text.length : end + 1, shown: '' }
}
