import { Redis } from 'ioredis'

/** Everything we keep has this prefix; the braces keep it on one node of a Redis Cluster, so that scripts may touch several keys. */
export const PREFIX = '{errand}'

/**
 * - `fast`: fails within a second. GitLab waits for our answer to its webhook, and must get a 503 rather than silence.
 * - `patient`: waits for Redis to come back. Nobody is waiting, and nothing is lost by it.
 */
export type Profile = 'fast' | 'patient'

export function connectRedis(url: string, profile: Profile, onError: (error: Error) => void): Redis {
  const redis =
    profile === 'fast'
      ? new Redis(url, {
          connectTimeout: 2000,
          enableOfflineQueue: false,
          maxRetriesPerRequest: 1,
          commandTimeout: 900,
          retryStrategy: () => 500,
        })
      : new Redis(url, {
          connectTimeout: 2000,
          maxRetriesPerRequest: null,
          retryStrategy: (times) => Math.min(50 * 2 ** times, 2000),
        })
  // Of a connection that we ended ourselves, nobody wants to hear.
  redis.on('error', (error) => {
    if (redis.status !== 'end') onError(error)
  })
  return redis
}

/** Resolves when Redis answers, or after so many milliseconds: who comes then is told that it is away. */
export async function untilReady(redis: Redis, patience: number): Promise<void> {
  if (redis.status === 'ready') return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patience)
    redis.once('ready', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** What ioredis, and what stands on it, throw when Redis does not answer. */
const AWAY =
  /^(Connection is closed|Command timed out|Redis connection (lost|is not ready)|Stream isn't writeable|Reached the max retries|connect E|read E|write E)|ECONNREFUSED|ECONNRESET/

/** Whether an error says that Redis is away, and nothing else. */
export function isRedisAway(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'MaxRetriesPerRequestError' ||
      AWAY.test(error.message) ||
      /^(LOADING|MASTERDOWN|READONLY|OOM|MISCONF)/.test(error.message))
  )
}
