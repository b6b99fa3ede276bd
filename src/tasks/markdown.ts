import type { Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'

/** Quotes and lists nested deeper than anybody writes: the parser needs the square of the depth, a minute for 100 KB of `>`. */
const DEPTH = 20

/** Parses hostile text in reasonable time; every position is as in the text given. */
export function parseMarkdown(text: string): Root {
  return fromMarkdown(text.split('\n').map(flatten).join('\n'))
}

/** Markers beyond the depth become letters: what stands that deep begins no line of the comment's own text. */
function flatten(line: string): string {
  let markers = 0
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] ?? ''
    if (letter === ' ' || letter === '\t') continue
    if (!/[>*+\-\d.)]/.test(letter)) return line
    markers += 1
    if (markers > DEPTH) return `${line.slice(0, at)}${line.slice(at).replace(/[>*+\-\d.)\s]/g, 'x')}`
  }
  return line
}
