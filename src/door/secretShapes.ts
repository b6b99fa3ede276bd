/** Finds what is a secret by its looks, whoever it belongs to: tokens of GitLab and of model providers, JWTs, private keys. */

import type { Finding } from './finding.ts'
import { base64At } from './secretForms.ts'

/** A literal beginning, then a run of some characters. */
type Shape = {
  readonly prefix: Buffer
  /** For each byte, whether the run may hold it. */
  readonly chars: readonly boolean[]
  /** The run's least length in bytes. */
  readonly least: number
  /** Where the secret in the whole run (prefix included) stops; 0 when it is none after all. Its cost must be bounded. */
  readonly judge?: (run: Buffer) => number
}

/** A run is followed for so many bytes, prefix included; a private key of 16384 bits fits. What is undecided is no longer than this. */
const LONGEST = 16 * 1024

const WORD = charset(/[A-Za-z0-9_-]/)
const DOTTED = charset(/[A-Za-z0-9_.-]/)
const BASE64 = charset(/[A-Za-z0-9+/=_-]/)

const SHAPES: readonly Shape[] = [
  ...['glpat-', 'glptt-', 'gloas-', 'gldt-', 'glrt-', 'glcbt-', 'glft-', 'glimt-', 'glagent-', 'glsoat-'].map(
    (prefix) => shape(prefix, DOTTED, 8),
  ),
  shape('sk-ant-', WORD, 8),
  // `task-…` and `disk-…` hold `sk-` too, but neither capitals nor digits in number.
  shape('sk-', WORD, 20, (run) => (/[A-Z]/.test(head(run, 48)) && /\d/.test(head(run, 48)) ? run.length : 0)),
  shape('AKIA', charset(/[A-Z0-9]/), 16),
  shape('ASIA', charset(/[A-Z0-9]/), 16),
  shape('eyJ', DOTTED, 20, judgeJwt),
  // A credential of this or another Errand (credential.ts), as it is, base64 wherever it may stand, hexadecimal.
  shape('errand.', DOTTED, 40, (run) =>
    /^errand\.[A-Za-z0-9-]{1,63}\.\d{1,9}\.[A-Za-z0-9_-]{43}/.test(head(run, 128)) ? run.length : 0,
  ),
  ...[0, 1, 2].map((before) => shape(base64At(Buffer.from('errand.'), before)[0], BASE64, 50)),
  shape('657272616e642e', charset(/[0-9A-Fa-f]/), 80),
  // The run takes in what may stand between a key's lines: line ends, also escaped ones, and a log's line prefixes and marks.
  shape('-----BEGIN ', charset(/[A-Za-z0-9+/=\s\\:,.|!>$-]/), 16, judgeKey),
]

/** For each byte, the shapes that begin with it. */
const BY_FIRST_BYTE = Array.from({ length: 256 }, (_, byte) => SHAPES.filter(({ prefix }) => prefix[0] === byte))

/**
 * A search through these bytes: for a byte to start from, which must never go back, the first place where something has
 * the looks of a secret. Linear over all calls together, since the ends of runs are remembered.
 */
export function searchSecretShapes(bytes: Buffer, end: boolean): (from: number) => Finding {
  /** Where the latest run of these characters ends: many beginnings may lie in one run. Prefixes are made of their run's characters. */
  const ends = new Map<readonly boolean[], number>()

  function runEnd(chars: readonly boolean[], from: number): number {
    const known = ends.get(chars) ?? 0
    if (known >= from) return known
    let at = from
    while (at < bytes.length && chars[bytes[at] as number] === true) at++
    ends.set(chars, at)
    return at
  }

  /** Where the shape that begins at `start` stops, 0 when there is none, `more` when only more bytes can tell. */
  function match({ prefix, chars, least, judge }: Shape, start: number): number | 'more' {
    for (let i = 1; i < prefix.length; i++) {
      if (start + i === bytes.length) return end ? 0 : 'more'
      if (bytes[start + i] !== prefix[i]) return 0
    }
    const stop = Math.min(runEnd(chars, start + prefix.length), start + LONGEST)
    if (stop === bytes.length && stop - start < LONGEST && !end) return 'more'
    if (stop - start - prefix.length < least) return 0
    const length = judge === undefined ? stop - start : judge(bytes.subarray(start, stop))
    return length === 0 ? 0 : start + length
  }

  return (from) => {
    for (let start = from; start < bytes.length; start++) {
      let stop = 0
      for (const candidate of BY_FIRST_BYTE[bytes[start] as number] as readonly Shape[]) {
        const found = match(candidate, start)
        if (found === 'more') return { low: start }
        stop = Math.max(stop, found)
      }
      if (stop > 0) return { low: start, start, stop }
    }
    return { low: bytes.length }
  }
}

/** Header and payload are JSON objects, so the second part begins as the first does. */
function judgeJwt(run: Buffer): number {
  const dot = run.subarray(0, 1024).indexOf('.')
  return dot > 0 && run.toString('latin1', dot, dot + 4) === '.eyJ' ? run.length : 0
}

/** To the end of the key's last line, or of the run where there is none: half a key is secret too. */
function judgeKey(run: Buffer): number {
  if (!head(run, 64).includes('PRIVATE KEY-----')) return 0
  const footer = run.indexOf('-----END ')
  const close = footer < 0 ? -1 : run.indexOf('-----', footer + '-----END '.length)
  return close < 0 ? run.length : close + '-----'.length
}

function shape(prefix: string, chars: readonly boolean[], least: number, judge?: Shape['judge']): Shape {
  return { prefix: Buffer.from(prefix), chars, least, ...(judge === undefined ? {} : { judge }) }
}

function charset(one: RegExp): readonly boolean[] {
  return Array.from({ length: 256 }, (_, byte) => byte < 128 && one.test(String.fromCharCode(byte)))
}

function head(run: Buffer, length: number): string {
  return run.toString('latin1', 0, length)
}
