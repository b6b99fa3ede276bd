/** Finds every form of the known secrets in one pass over the bytes, whatever they are: the automaton of Aho and Corasick. */

import type { Finding } from './finding.ts'
import { formsOf } from './secretForms.ts'

/**
 * A state stands for the longest end of what was read that some form begins with. State 0: nothing. What follows a state
 * is a list, not a row of a table: forms are long and share little, so a table would be a hundred times larger.
 */
type Automaton = {
  /** The state after state 0, for each byte. */
  readonly begin: Int32Array
  /** The byte with which the state is entered. */
  readonly byte: Uint8Array
  /** The first of the states that follow it, and the next of those that follow the same one; 0 for none. */
  readonly child: Int32Array
  readonly sibling: Int32Array
  /** The state of the longest shorter end. */
  readonly shorter: Int32Array
  /** How many bytes of a form the state holds. */
  readonly depth: Int32Array
  /** The longest form that is complete in the state, in bytes; 0 for none. */
  readonly complete: Int32Array
}

/** Overlapping findings become one; beyond this many bytes one ends, so that what is undecided stays bounded. */
const LONGEST = 64 * 1024

/** States of the automata that are kept, some 21 bytes each; the one in use is kept whatever its size. */
const MOST_KEPT = 1_000_000

let kept: readonly { readonly secrets: readonly string[]; readonly automaton: Automaton }[] = []

/** The automaton for these secrets. Each run has some of its own, and they are asked for with every line: the latest are kept. */
function automatonFor(secrets: readonly string[]): Automaton {
  const known = kept.find(
    (one) => one.secrets.length === secrets.length && secrets.every((s, i) => s === one.secrets[i]),
  )
  const newest = known ?? { secrets: [...secrets], automaton: build([...new Set(secrets)].flatMap(formsOf)) }
  if (newest !== kept[0]) {
    let states = 0
    kept = [newest, ...kept.filter((one) => one !== known)].filter(({ automaton }, i) => {
      states += automaton.byte.length
      return i === 0 || states <= MOST_KEPT
    })
  }
  return newest.automaton
}

/** A search through these bytes: for a byte to start from, the first place where secrets stand; places that overlap are one. */
export function searchKnownSecrets(bytes: Buffer, secrets: readonly string[], end: boolean): (from: number) => Finding {
  const automaton = automatonFor(secrets)
  const { begin, depth, complete } = automaton
  return (from) => {
    let state = 0
    let low = bytes.length
    let start = -1
    let stop = -1
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      state = state === 0 ? (begin[byte] as number) : follow(automaton, state, byte)
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

/** The state after this byte. Every step to a shorter end takes back one that a byte has made: linear over all bytes together. */
function follow({ begin, byte: bytes, child, sibling, shorter }: Automaton, from: number, byte: number): number {
  let state = from
  while (state !== 0) {
    let next = child[state] as number
    while (next !== 0 && bytes[next] !== byte) next = sibling[next] as number
    if (next !== 0) return next
    state = shorter[state] as number
  }
  return begin[byte] as number
}

function build(forms: readonly Buffer[]): Automaton {
  const states = 1 + forms.reduce((sum, form) => sum + form.length, 0)
  const automaton: Automaton = {
    begin: new Int32Array(256),
    byte: new Uint8Array(states),
    child: new Int32Array(states),
    sibling: new Int32Array(states),
    shorter: new Int32Array(states),
    depth: new Int32Array(states),
    complete: new Int32Array(states),
  }
  const { begin, byte, child, sibling, depth, complete } = automaton
  let used = 1
  for (const form of forms) {
    let state = 0
    for (const value of form) {
      let next = (state === 0 ? begin[value] : child[state]) as number
      while (next !== 0 && byte[next] !== value) next = sibling[next] as number
      if (next === 0) {
        next = used++
        byte[next] = value
        depth[next] = (depth[state] as number) + 1
        if (state === 0) begin[value] = next
        else {
          sibling[next] = child[state] as number
          child[state] = next
        }
      }
      state = next
    }
    complete[state] = form.length
  }
  link(automaton)
  return automaton
}

/** Tells each state, level by level, its longest shorter end, and what is complete there. */
function link(automaton: Automaton): void {
  const { begin, byte, child, sibling, shorter, complete } = automaton
  const queue = [...begin].filter((state) => state > 0)
  for (const state of queue) {
    const fallback = shorter[state] as number
    complete[state] = Math.max(complete[state] as number, complete[fallback] as number)
    for (let next = child[state] as number; next !== 0; next = sibling[next] as number) {
      shorter[next] = follow(automaton, fallback, byte[next] as number)
      queue.push(next)
    }
  }
}
