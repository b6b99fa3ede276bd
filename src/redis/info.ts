/** What a Redis says of itself, as far as somebody has to do something about it. */

import type { Redis } from 'ioredis'

export type RedisFacts = {
  readonly version: string
  readonly policy: string
  /** Whether every change is written to a file. */
  readonly appends: boolean
  /** Whether the whole is written now and then; undefined where it may not be asked. */
  readonly snapshots: boolean | undefined
  /** Why the last writing failed. */
  readonly failed: readonly string[]
  /** Bytes. */
  readonly used: number
  /** Bytes; undefined without a limit. */
  readonly most: number | undefined
  /** The GitLab whose tasks it holds, if any. */
  readonly gitlab: string | undefined
}

export async function readFacts(redis: Redis, prefix: string): Promise<RedisFacts> {
  const [text, save, gitlab] = await Promise.all([
    redis.info(),
    redis.config('GET', 'save').catch(() => undefined),
    redis.get(`${prefix}:gitlab`),
  ])
  const field = (name: string) => fieldOf(text, name)
  const failed = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status']
  return {
    version: field('redis_version'),
    policy: field('maxmemory_policy'),
    appends: field('aof_enabled') === '1',
    snapshots: Array.isArray(save) ? save[1] !== '' : undefined,
    failed: failed.filter((name) => field(name) === 'err'),
    ...memoryOf(text),
    gitlab: gitlab ?? undefined,
  }
}

/** How full it is, alone. */
export async function readMemory(redis: Redis): Promise<Pick<RedisFacts, 'used' | 'most'>> {
  return memoryOf(await redis.info('memory'))
}

function memoryOf(info: string): Pick<RedisFacts, 'used' | 'most'> {
  const most = Number(fieldOf(info, 'maxmemory'))
  return { used: Number(fieldOf(info, 'used_memory')), most: most > 0 ? most : undefined }
}

function fieldOf(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? ''
}
