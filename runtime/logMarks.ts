/** How a reader of the log tells who says a line (README.md, clause 6.5). Pure. */

/** Our own words · what the agent does · a command it runs · what a tool answered · a tool's failure. */
const MARKS = ['errand: ', '> ', '$ ', '| ', '! '] as const
export type Mark = (typeof MARKS)[number]

/** Every line of the text with the mark before it. */
export function marked(mark: Mark, text: string): string {
  return text
    .split('\n')
    .map((line) => `${mark}${line}`)
    .join('\n')
}

/** Words of the agent, or of anybody's program: where a line looks marked, a space before it says that it is not. */
export function unmarked(text: string): string {
  return text
    .split('\n')
    .map((line) => (MARKS.some((mark) => line.startsWith(mark)) ? ` ${line}` : line))
    .join('\n')
}
