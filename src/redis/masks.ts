/** What else is to be masked for one attempt: `masks:<task>:<attempt>`, a list of texts that the door has sealed. */

import type { Redis } from 'ioredis'

/** Longer than any attempt lasts, in seconds. */
const KEPT = 7 * 24 * 3600

export function createMasks(redis: Redis, prefix: string) {
  const key = (task: string, attempt: number) => `${prefix}:masks:${task}:${attempt}`
  return {
    async add(task: string, attempt: number, sealed: string): Promise<void> {
      await redis.multi().rpush(key(task, attempt), sealed).expire(key(task, attempt), KEPT).exec()
    },
    async of(task: string, attempt: number): Promise<readonly string[]> {
      return redis.lrange(key(task, attempt), '0', '-1')
    },
  }
}
