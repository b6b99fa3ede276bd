/** What the run is doing now, told to the door: of each phase the newest only, at most five times a second, and never waited for. */

import type { Door } from './door.ts'
import type { Activity, Phase } from './protocol.ts'
import { pause } from './wait.ts'

/** `phase` where one begins. */
export type Tell = (text: string, phase?: Phase) => void

const BETWEEN = 200
/** A quiet run repeats itself this often: a sign of life, and the way it learns that its attempt is over. */
const BEAT = 20_000

/** A teller that nothing depends on: a line that does not get through is overtaken by the next. Ends with `signal`. */
export function newTeller(door: Door, signal: AbortSignal, beat: number = BEAT): Tell {
  /** What was told last, and what was not told yet: one for each phase, however short it was. */
  let told: Activity | undefined
  let untold: readonly Activity[] = []
  let phase: Phase | undefined
  let changed = new AbortController()
  const talk = async () => {
    while (!signal.aborted) {
      const [next, ...later] = untold
      untold = later
      told = next ?? told
      const headers = { 'content-type': 'application/json' }
      if (told !== undefined) await door.once('PUT', '/v1/activity', { headers, body: JSON.stringify(told) }, signal)
      await pause(told === undefined ? 0 : Math.min(BETWEEN, beat), signal)
      if (untold.length === 0) await pause(beat, AbortSignal.any([signal, changed.signal]))
    }
  }
  void talk()
  return (text, begun) => {
    const last = untold.at(-1)
    const isSame = last !== undefined && (begun === undefined || begun === phase)
    phase = begun ?? phase
    const activity = { text, ...(phase === undefined ? {} : { phase }) }
    untold = [...(isSame ? untold.slice(0, -1) : untold), activity]
    changed.abort()
    changed = new AbortController()
  }
}
