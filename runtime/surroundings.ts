/** What every step of a run has around it. */

import type { Tell } from './activity.ts'
import type { Door } from './door.ts'
import type { Start } from './given.ts'
import type { Log } from './log.ts'
import type { Stop } from './stop.ts'

export type Surroundings = {
  readonly start: Start
  readonly log: Log
  readonly tell: Tell
  readonly stop: Stop
  readonly door: Door
  /** A sentence that the author should read: into the log now, and into the outcome whatever comes of the run. */
  readonly warn: (sentence: string) => void
}
