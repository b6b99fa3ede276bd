/** Text of others inside Markdown of ours. */

/** A fence longer than any run of backticks inside cannot be closed by what it holds. */
export function fence(text: string, info = 'text'): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2)
  const ticks = '`'.repeat(longest + 1)
  return `${ticks}${info}\n${text}\n${ticks}`
}

export function quote(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}

/** At most so many characters, and how many are missing: of the end, or for a log of the beginning. */
export function cut(text: string, limit: number, keep: 'begin' | 'end' = 'begin'): string {
  if (text.length <= limit) return text
  const left = `[… ${text.length - limit} characters left out …]`
  return keep === 'begin' ? `${text.slice(0, limit)}\n${left}` : `${left}\n${text.slice(-limit)}`
}
