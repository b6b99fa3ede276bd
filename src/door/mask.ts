/** Secrets out of what is shown to people: a stream of bytes, cut anywhere, or a text. */

import type { Finding } from './finding.ts'
import { searchKnownSecrets } from './knownSecrets.ts'
import { searchSecretShapes } from './secretShapes.ts'

export type Masked = {
  /** What the decided bytes read like without their secrets. */
  readonly masked: Buffer
  /** How many of the given bytes are decided. The others are to be given again, with what follows them. */
  readonly decided: number
  /** How many places were masked. */
  readonly count: number
}

const MARKER = Buffer.from('[masked]')

/** Secrets that overlap are masked as one place; beyond this many bytes the place ends, so that masking always moves on. */
const LONGEST = 64 * 1024

/**
 * Masks every form of the known secrets (secretForms.ts) and, unless `shapes` is false, what has the looks of a secret
 * (secretShapes.ts).
 *
 * What could still become a secret with more bytes stays undecided unless `end`; that is at most some 100 KiB more than the
 * longest secret, so a longer piece always moves on. However a stream is cut, if the undecided rest is given again each time,
 * the result is the same as in one piece. Time is linear in the bytes, whatever they are.
 */
export function mask(
  bytes: Buffer,
  secrets: readonly string[],
  { end, shapes = true }: { readonly end: boolean; readonly shapes?: boolean },
): Masked {
  const findKnown = searchKnownSecrets(bytes, secrets, end)
  const findShape = shapes ? searchSecretShapes(bytes, end) : (): Finding => ({ low: bytes.length })
  const pieces: Buffer[] = []
  let decided = 0
  let count = 0
  let known: Finding = { low: -1 }
  let shape: Finding = { low: -1 }
  for (;;) {
    // What was found ahead stands while a search from here would find the same.
    if (known.low < decided) known = findKnown(decided)
    if (shape.low < decided) shape = findShape(decided)
    const low = Math.min(known.low, shape.low)
    const start = Math.min(known.start ?? bytes.length, shape.start ?? bytes.length)
    let stop = Math.min(start + 1, bytes.length)
    while (stop > start && stop - start <= LONGEST) {
      if (isOpen(known, stop) || isOpen(shape, stop)) stop = start
      else if (known.start !== undefined && known.start < stop) {
        stop = Math.max(stop, known.stop)
        known = findKnown(known.stop)
      } else if (shape.start !== undefined && shape.start < stop) {
        stop = Math.max(stop, shape.stop)
        shape = findShape(shape.stop)
      } else break
    }
    if (stop === start) {
      pieces.push(bytes.subarray(decided, low))
      return { masked: Buffer.concat(pieces), decided: low, count }
    }
    pieces.push(bytes.subarray(decided, start), MARKER)
    decided = stop
    count++
  }
}

/** A text as people may see it, whole. */
export function maskText(text: string, secrets: readonly string[]): string {
  return mask(Buffer.from(text), secrets, { end: true }).masked.toString()
}

/** A text for the agent, without the secrets that are ours: what merely looks like one may be what it works on. */
export function maskKnown(text: string, secrets: readonly string[]): string {
  return mask(Buffer.from(text), secrets, { end: true, shapes: false }).masked.toString()
}

/** Whether something that is not certain yet could begin before `stop`. */
function isOpen(finding: Finding, stop: number): boolean {
  return finding.start === undefined && finding.low < stop
}
