/** What is fetched through the door: with three tries, and for as long as it may take while the door is away. */

import type { Ended } from './child.ts'
import { saysDiskFull } from './failed.ts'
import type { Log } from './log.ts'
import { pause } from './wait.ts'

export type Fetching = {
  readonly log: Log
  readonly signal: AbortSignal
  /** Whether another try would end the same way. */
  readonly isFinal?: (ended: Ended) => boolean
}

const TRIES = 3
const BETWEEN_TRIES = [1000, 4000]
/** The longest pause while the door, or GitLab behind it (503), is away: that is tried for as long as the step may take. */
const LONGEST_PAUSE = 10_000
const AWAY =
  /Failed to connect|Could not connect|Could not resolve|Connection (?:refused|reset|timed out)|connection refused|Empty reply|returned error: 503|Service Unavailable/i

/** The first try that went well, or the last that did not. */
export async function tries({ log, signal, isFinal }: Fetching, run: () => Promise<Ended>): Promise<Ended> {
  for (let n = 1; ; n += 1) {
    const ended = await run()
    if (ended.code === 0 || signal.aborted || saysDiskFull(ended.said) || isFinal?.(ended)) return ended
    const away = AWAY.test(ended.said)
    if (n >= TRIES && !away) return ended
    log.line(away ? 'the door is away; it is tried again' : `that was try ${n} of ${TRIES}`)
    await pause(BETWEEN_TRIES[n - 1] ?? LONGEST_PAUSE, signal)
  }
}
