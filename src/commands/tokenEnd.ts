/** Watches the end of our token in GitLab come: in the log, in the numbers, and in the last week in status comments. */

import type { GitLab } from '../gitlab/client.ts'
import { daysLeft, endsSoon, type OwnToken, ownToken } from '../gitlab/ownToken.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'

/** Days before its end from which on the log warns, once a day. */
const WARNED = 30
const DAY = 24 * 3600 * 1000

export type TokenEnd = {
  /** To be done every hour: a token is replaced without a restart. Throws what GitLab failed with. */
  look(): Promise<void>
  /** What people are told now. */
  notice(): string | undefined
}

export function createTokenEnd(
  gitlab: Pick<GitLab, 'call'>,
  metrics: Metrics,
  log: Logger,
  now: () => number = Date.now,
): TokenEnd {
  let known: Pick<OwnToken, 'endsAt'> = { endsAt: undefined }
  let warnedAt = Number.NEGATIVE_INFINITY
  return {
    async look() {
      const token = await ownToken(gitlab)
      known = token === 'unknown' ? { endsAt: undefined } : token
      const { endsAt } = known
      metrics.tokenEnds(endsAt === undefined ? undefined : (endsAt - now()) / 1000)
      const days = daysLeft(known, now())
      if (days === undefined || days >= WARNED || now() - warnedAt < DAY) return
      warnedAt = now()
      const words = `the token in GITLAB_TOKEN ends in ${days} days: make a new one, and put it there; no restart is needed where GITLAB_TOKEN_FILE names a file`
      log.warn({ event: 'token-ends', days }, words)
    },
    notice: () => endsSoon(known, now()),
  }
}
