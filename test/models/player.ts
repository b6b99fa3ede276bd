/** Which step of a script a request gets. */

import { type Asked, isFault, type Script, type Step } from './script.ts'

/** Plays one script. */
export type Player = (asked: Asked) => Step | undefined

/** The steps for requests as they come; undefined where the script is over. Remembers faults, and in `sequence` the place. */
export function newPlayer({ steps, mode = 'turn', side = 'Scripted' }: Script): Player {
  const met = new Map<number, number>()
  let place = 0
  const take = (from: number): Step | undefined => {
    for (let at = from; at < steps.length; at++) {
      const step = steps[at]
      if (step === undefined || !isFault(step)) return step
      const count = met.get(at) ?? 0
      if (step.times === 'always' || count < (step.times ?? 1)) {
        met.set(at, count + 1)
        return step
      }
    }
    return undefined
  }
  return (asked) => {
    if (asked.tools.length === 0) return { text: side, usage: { input: 10, output: 2 } }
    if (mode === 'turn') return take(firstOf(steps, asked.answers))
    const step = take(place)
    if (step !== undefined && !isFault(step)) place = steps.indexOf(step, place) + 1
    return step
  }
}

/** Where the n-th answer's part of the script begins: at the faults before it. */
function firstOf(steps: readonly Step[], answers: number): number {
  let seen = 0
  for (let at = 0; at < steps.length; at++) {
    if (seen === answers) return at
    const step = steps[at]
    if (step !== undefined && !isFault(step)) seen += 1
  }
  return steps.length
}
