/** Finds every form of the known secrets in one pass over the bytes, whatever they are: the automaton of Aho and Corasick. */

import type { Finding } from './finding.ts'
import { formsOf } from './secretForms.ts'

/** A state stands for the longest end of what was read that some form begins with. State 0: nothing. */
type Automaton = {
  /** A column for every byte that occurs in a form; column 0 for all others. */
  readonly columns: Uint8Array
  readonly width: number
  /** The next state, at `state * width + column`. */
  readonly next: Int32Array
  /** How many bytes of a form the state holds. */
  readonly depth: Int32Array
  /** The longest form that is complete in the state, in bytes; 0 for none. */
  readonly complete: Int32Array
}

/** Overlapping findings become one; beyond this many bytes one ends, so that what is undecided stays bounded. */
const LONGEST = 64 * 1024

let latest: { readonly secrets: readonly string[]; readonly automaton: Automaton } | undefined

/** The automaton for these secrets. Secrets change seldom and are asked for with every line, so the latest is kept. */
function automatonFor(secrets: readonly string[]): Automaton {
  const same =
    latest !== undefined &&
    latest.secrets.length === secrets.length &&
    secrets.every((s, i) => s === latest?.secrets[i])
  if (latest === undefined || !same) latest = { secrets: [...secrets], automaton: build(secrets.flatMap(formsOf)) }
  return latest.automaton
}

/** A search through these bytes: for a byte to start from, the first place where secrets stand; places that overlap are one. */
export function searchKnownSecrets(bytes: Buffer, secrets: readonly string[], end: boolean): (from: number) => Finding {
  const { columns, width, next, depth, complete } = automatonFor(secrets)
  return (from) => {
    let state = 0
    let low = bytes.length
    let start = -1
    let stop = -1
    for (let at = from; at < bytes.length; at++) {
      state = next[state * width + (columns[bytes[at] as number] as number)] as number
      /** No form that is complete here or later begins before this. */
      const begun = at + 1 - (depth[state] as number)
      if (start >= 0 && begun >= stop) return { low, start, stop }
      const length = complete[state] as number
      if (start >= 0 || length > 0) low = Math.min(low, begun)
      if (length > 0) {
        start = start < 0 ? at + 1 - length : Math.min(start, at + 1 - length)
        stop = at + 1
        if (stop - start > LONGEST) return { low, start, stop }
      }
    }
    if (start >= 0) return end ? { low, start, stop } : { low }
    return { low: end ? bytes.length : bytes.length - (depth[state] as number) }
  }
}

function build(forms: readonly Buffer[]): Automaton {
  const columns = new Uint8Array(256)
  let width = 1
  for (const form of forms) {
    for (const byte of form) if (columns[byte] === 0) columns[byte] = width++
  }
  const states = 1 + forms.reduce((sum, form) => sum + form.length, 0)
  const next = new Int32Array(states * width)
  const depth = new Int32Array(states)
  const complete = new Int32Array(states)
  let used = 1
  for (const form of forms) {
    let state = 0
    for (const byte of form) {
      const edge = state * width + (columns[byte] as number)
      if (next[edge] === 0) {
        depth[used] = (depth[state] as number) + 1
        next[edge] = used++
      }
      state = next[edge] as number
    }
    complete[state] = form.length
  }
  link(next, width, complete, used)
  return { columns, width, next, depth, complete }
}

/** Gives each state, level by level, the transitions it lacks: those of the longest shorter end of what it holds. */
function link(next: Int32Array, width: number, complete: Int32Array, used: number): void {
  const shorter = new Int32Array(used)
  const queue = [...next.subarray(0, width)].filter((state) => state > 0)
  for (const state of queue) {
    const fallback = shorter[state] as number
    complete[state] = Math.max(complete[state] as number, complete[fallback] as number)
    for (let column = 0; column < width; column++) {
      const child = next[state * width + column] as number
      const other = next[fallback * width + column] as number
      if (child === 0) next[state * width + column] = other
      else {
        shorter[child] = other
        queue.push(child)
      }
    }
  }
}
