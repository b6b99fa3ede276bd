/** What changes, as it changes: one subscription of this process, for whoever listens. */

import type { Redis } from 'ioredis'
import { GROWN } from './logbook.ts'

/** `all`: something may have been missed, so everything may have changed. */
export type NewsListener = {
  changed(id: string): void
  logged(id: string): void
  all(): void
}

export type News = ReturnType<typeof createNews>

/** `redis` is a connection for this alone: one that subscribes can do nothing else. `changes` is the store's channel. */
export function createNews(redis: Redis, prefix: string, changes: string) {
  const grown = `${prefix}:${GROWN}`
  const listeners = new Set<NewsListener>()
  redis.on('message', (channel: string, id: string) => {
    for (const listener of listeners) {
      if (channel === grown) listener.logged(id)
      else listener.changed(id)
    }
  })
  /** Once it is subscribed again after a break: what was said meanwhile nobody repeats. */
  const subscribe = async (): Promise<void> => {
    await redis.subscribe(changes, grown)
    for (const listener of listeners) listener.all()
  }
  // Redis away is told by the connection itself, and then it comes back ready.
  const begin = (): void => void subscribe().catch(() => {})
  redis.on('ready', begin)
  if (redis.status === 'ready') begin()
  return (listener: NewsListener): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
}
