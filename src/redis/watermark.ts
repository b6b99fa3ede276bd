/** How far the sweep of GitLab has come, and what it need not look at again. */

import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'

/**
 * Keys, below the prefix: `sweep:watermark` up to when everything was found; `sweep:turn` whose turn it is; `sweep:heard` what has
 * reached us, with when (a sorted set); `sweep:found` how much of it no hook had brought, `sweep:foundAt` when that last was, and
 * `sweep:came` when a hook last brought something.
 */
export type Watermark = ReturnType<typeof createWatermark>

/** Milliseconds for which it is kept what has reached us: longer than any sweep looks back that is not the first after a failure. */
const KEPT = 48 * 3600 * 1000

/** KEYS: turn. ARGV: token, milliseconds. */
const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`

export function createWatermark(redis: Redis, prefix: string) {
  const key = (name: string) => `${prefix}:sweep:${name}`
  return {
    /**
     * Undefined where another process has had the turn within `milliseconds`: so many are a period, however many processes there are.
     * It is kept while it is held, and not given back: the next begins a period after the last moment of this.
     */
    async takeTurn(milliseconds: number): Promise<Disposable | undefined> {
      const token = randomUUID()
      if ((await redis.set(key('turn'), token, 'PX', milliseconds, 'NX')) === null) return undefined
      const renewal = setInterval(() => {
        // Not renewed, it ends: then two look at the same time, which only costs calls.
        redis.eval(RENEW, 1, key('turn'), token, milliseconds).catch(() => {})
      }, milliseconds / 3)
      return { [Symbol.dispose]: () => clearInterval(renewal) }
    },
    /** Milliseconds since 1970, by GitLab's clock; undefined of a Redis that is new or was emptied. */
    async read(): Promise<number | undefined> {
      const at = await redis.get(key('watermark'))
      return at === null ? undefined : Number(at)
    },
    async write(at: number): Promise<void> {
      await redis.set(key('watermark'), at)
      await redis.zremrangebyscore(key('heard'), 0, Date.now() - KEPT)
    },
    /** Which of these names have not reached us yet. */
    async unheard(names: readonly string[]): Promise<ReadonlySet<string>> {
      if (names.length === 0) return new Set()
      const scores = await redis.zmscore(key('heard'), ...names)
      return new Set(names.filter((_, index) => scores[index] == null))
    },
    async hear(name: string): Promise<void> {
      await redis.zadd(key('heard'), Date.now(), name)
    },
    /** Counts one more that no hook had brought, and gives how many those were. */
    async countFound(): Promise<number> {
      await redis.set(key('foundAt'), Date.now())
      return redis.incr(key('found'))
    },
    /** A hook has brought something. */
    async came(): Promise<void> {
      await redis.set(key('came'), Date.now())
    },
    /** When a hook last brought something, when something last had to be found without, and how often. Milliseconds since 1970. */
    async reach(): Promise<{ readonly came?: number; readonly found?: number; readonly count: number }> {
      const [came, found, count] = await redis.mget(key('came'), key('foundAt'), key('found'))
      return {
        ...(came == null ? {} : { came: Number(came) }),
        ...(found == null ? {} : { found: Number(found) }),
        count: Number(count ?? 0),
      }
    },
  }
}
