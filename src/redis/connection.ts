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
