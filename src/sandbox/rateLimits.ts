import { Refusal } from './refusal.ts'

/** 429 in the application's own shape, which has no Retry-After; the limits are those of the world's faults. */
export type RateLimits = {
  /** Counts one use by a key; refuses it when the minute has seen `most` already. 0 is no limit. */
  check(key: string, most: number): void
}

/** Starts with nothing used. */
export function rateLimits(): RateLimits {
  const uses = new Map<string, number[]>()
  return {
    check: (key, most) => {
      if (most === 0) return
      const since = Date.now() - 60_000
      const recent = (uses.get(key) ?? []).filter((time) => time > since)
      if (recent.length >= most) throw tooMany()
      uses.set(key, [...recent, Date.now()])
    },
  }
}

/** `{"message":{"error":"This endpoint has been requested too many times. Try again later."}}` */
export function tooMany(): Refusal {
  const error = 'This endpoint has been requested too many times. Try again later.'
  return new Refusal(429, { message: { error } })
}
