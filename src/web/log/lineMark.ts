/** Who says a line of the log, by how it begins (runtime/README.md). Pure. */

const MARKS = [
  ['errand: ', 'own'],
  ['> ', 'does'],
  ['$ ', 'command'],
  ['| ', 'answer'],
  ['! ', 'failure'],
] as const

export type Mark = (typeof MARKS)[number][1] | 'plain'

/** The mark, and the words without it, or without the space that keeps somebody's words from looking marked. */
export function lineMark(line: string): { readonly mark: Mark; readonly words: string } {
  for (const [sign, mark] of MARKS) {
    // A marked line that is empty may have lost the space at its end.
    if (line.startsWith(sign) || line === sign.trimEnd()) return { mark, words: line.slice(sign.length) }
    if (line.startsWith(` ${sign}`)) return { mark: 'plain', words: line.slice(1) }
  }
  return { mark: 'plain', words: line }
}
