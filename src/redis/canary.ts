/**
 * Whether this process still does jobs. A worker can hang silently; so where it has done nothing for a while it is given a job that
 * does nothing. Whoever has waited longest for a job gets it, so that each of several processes gets its own.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { QUEUES, type QueueName } from './queue.ts'

/** Milliseconds without a job after which one is put into the queue, and after which something is wrong. */
const QUIET = 10_000
const SILENT = 60_000
/** Redis is away when it has not answered after so long. */
const PATIENCE = 3000

export type CanaryNeeds = {
  readonly redis: Pick<Redis, 'ping'>
  put(queue: QueueName): Promise<void>
  /** When this process last did a job of the queue. */
  doneAt(queue: QueueName): number
  now(): number
}

export function createCanary({ redis, put, doneAt, now }: CanaryNeeds) {
  /** Without Redis there are no jobs, and to start this process again would not help. */
  let awayAt = Number.NEGATIVE_INFINITY
  const silence = (queue: QueueName) => now() - Math.max(doneAt(queue), awayAt)
  const inTime = (work: Promise<unknown>) =>
    Promise.race([work.then(() => true).catch(() => false), sleep(PATIENCE, false, { ref: false })])

  return {
    /** To be done every ten seconds. */
    async beat(): Promise<void> {
      const quiet = QUEUES.filter((queue) => now() - doneAt(queue) >= QUIET)
      for (const work of [redis.ping(), ...quiet.map(put)]) if (!(await inTime(work))) awayAt = now()
    },
    /** In a sentence; undefined while jobs are done. */
    problem(): string | undefined {
      const dead = QUEUES.find((queue) => silence(queue) > SILENT)
      if (dead === undefined) return undefined
      const seconds = Math.round(silence(dead) / 1000)
      return `no job of the queue ${dead} was done for ${seconds} s, though Redis answers`
    },
  }
}
