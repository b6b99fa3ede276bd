/** What the run is doing now, told to the door: the newest only, at most five times a second, and never waited for. */

import type { Door } from './door.ts'
import type { Activity } from './protocol.ts'
import { pause } from './wait.ts'

export type Tell = (text: string) => void

const BETWEEN = 200
/** A quiet run repeats itself this often: a sign of life, and the way it learns that its attempt is over. */
const BEAT = 20_000

/** A teller that nothing depends on: a line that does not get through is overtaken by the next. Ends with `signal`. */
export function newTeller(door: Door, signal: AbortSignal, beat: number = BEAT): Tell {
  let text: string | undefined
  let changed = new AbortController()
  const talk = async () => {
    while (!signal.aborted) {
      const told = text
      const activity: Activity = { text: told ?? '' }
      const headers = { 'content-type': 'application/json' }
      if (told !== undefined)
        await door.once('PUT', '/v1/activity', { headers, body: JSON.stringify(activity) }, signal)
      await pause(told === undefined ? 0 : Math.min(BETWEEN, beat), signal)
      if (text === told) await pause(beat, AbortSignal.any([signal, changed.signal]))
    }
  }
  void talk()
  return (now) => {
    text = now
    changed.abort()
    changed = new AbortController()
  }
}
