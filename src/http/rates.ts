/** How much each person may ask for within a minute, whichever process they ask. */

import { type IRateLimiterStoreOptions, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Person } from '../tasks/task.ts'
import type { ApiNeeds } from './apiNeeds.ts'

/** Points in a minute: a task asked for, or an order, is one; so is a page that is read. */
const A_MINUTE = { ask: 30, read: 600 } as const

/** `redis` is the connection of whoever makes this; what it cannot do is thrown. */
export function createRates(redis: IRateLimiterStoreOptions['storeClient'], prefix: string): ApiNeeds['take'] {
  const limiter = (kind: keyof typeof A_MINUTE) =>
    new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `${prefix}:rate:${kind}`,
      points: A_MINUTE[kind],
      duration: 60,
      rejectIfRedisNotReady: true,
    })
  const limiters = { ask: limiter('ask'), read: limiter('read') }
  return async (kind, { id }: Person, points) => {
    try {
      await limiters[kind].consume(id, points)
      return undefined
    } catch (error) {
      // It throws what is no error where there is nothing left.
      if (error instanceof RateLimiterRes) return { wait: error.msBeforeNext / 1000 }
      throw error
    }
  }
}
