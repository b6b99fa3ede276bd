/**
 * Whether Markdown can be parsed while somebody waits: the parser takes the square of some marks' number, and a step of the stack for
 * each thing that stands inside another. Takes the text's length. Pure.
 */

/** Characters. */
const LONGEST = 10_000
const MOST_MARKS = 2000

const MARKS = /[>*_~[\]()<!`]/g
const LONG_RUN = /([>*_~[\]()<!`])\1{100}/
/** Quotes and lists inside each other, on one line. */
const DEEP = /^(?:[ \t]*(?:>|[*+-](?=[ \t])|\d{1,9}[.)](?=[ \t]))){21}/m

export function isTame(text: string): boolean {
  if (text.length > LONGEST || LONG_RUN.test(text) || DEEP.test(text)) return false
  let marks = 0
  for (const _ of text.matchAll(MARKS)) {
    marks += 1
    if (marks > MOST_MARKS) return false
  }
  return true
}
