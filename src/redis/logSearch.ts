/** Looks for a text in the pieces of a log, line by line. Knows nothing of Redis. */

import { setImmediate as breathe } from 'node:timers/promises'

export type Match = {
  /** The newlines before it. */
  readonly line: number
  /** The byte at which the line begins. */
  readonly at: number
}

export type Matches = { readonly matches: readonly Match[]; readonly more: boolean }

/** A line that is longer is looked at in parts, which overlap by as much as may be looked for. */
const LONGEST = 1024 * 1024
const NEWLINE = 0x0a

/**
 * Literal, whatever the case; each line counts once. At most `limit` are told. Other work gets its turn between the pieces; an
 * aborted `signal` ends it with an error.
 */
export async function searchLog(
  pieces: AsyncIterable<Buffer>,
  text: string,
  limit: number,
  signal: AbortSignal,
): Promise<Matches> {
  const wanted = text.toLowerCase()
  const overlap = 4 * text.length
  const matches: Match[] = []
  let rest: Buffer = Buffer.alloc(0)
  /** Of the line that `rest` is of. */
  let line = 0
  let at = 0
  let found = false

  /** Notes the current line, once. */
  const note = (holds: boolean): void => {
    if (holds && !found) matches.push({ line, at })
    found ||= holds
  }
  const holds = (bytes: Buffer): boolean => bytes.toString('utf8').toLowerCase().includes(wanted)

  /** Every line that ends in here; most often none holds it, which is seen at once. */
  function take(lines: Buffer, start: number): void {
    const any = holds(lines)
    for (let from = 0; from < lines.length && matches.length <= limit; ) {
      const end = lines.indexOf(NEWLINE, from)
      if (any) note(holds(lines.subarray(from, end)))
      from = end + 1
      line += 1
      at = start + from
      found = false
    }
  }

  /** The byte at which `rest` begins. */
  let start = 0
  for await (const piece of pieces) {
    await breathe()
    signal.throwIfAborted()
    const all = Buffer.concat([rest, piece])
    const whole = all.lastIndexOf(NEWLINE) + 1
    if (whole > 0) take(all.subarray(0, whole), start)
    if (matches.length > limit) break
    rest = all.subarray(whole)
    start += whole
    if (rest.length > LONGEST) {
      note(holds(rest))
      const kept = rest.subarray(rest.length - overlap)
      start += rest.length - kept.length
      rest = kept
    }
  }
  if (matches.length <= limit && rest.length > 0) note(holds(rest))
  return { matches: matches.slice(0, limit), more: matches.length > limit }
}
