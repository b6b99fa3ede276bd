/** The waits and limits that decide when the next thing is done, as the operator set them. */

import type { Config } from '../config.ts'
import type { Rules } from '../tasks/next.ts'
import { attemptTime } from './runs.ts'

export function rulesOf(config: Config): Rules {
  const [first, second, later] = config.pace.status
  const pending = config.kubernetes === undefined ? 0 : config.kubernetes.pendingLimit * 1000
  return {
    deadline: attemptTime(config) + pending,
    attempts: config.limits.attempts,
    finishing: config.pace.finishing * 1000,
    statusEvery: [first * 1000, second * 1000, later * 1000],
  }
}
