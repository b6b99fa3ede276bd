/**
 * What agents remember, for the tasks that go on with theirs. Keys, below the prefix: `session:<first task>:<agent>` (hash of
 * `version` and `bytes`) says which one holds; `session:<first task>:<agent>:<version>` are its bytes, a list of chunks.
 */

import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { BOOKS, type Room } from './room.ts'

/** A session's name: the first task of its chain, and the agent, since no agent reads another's. */
export type SessionName = { readonly first: string; readonly agent: string }

export type Session = {
  readonly bytes: number
  /** Throws when it is gone before it was read to its end. */
  chunks(): AsyncGenerator<Buffer>
}

export type Sessions = ReturnType<typeof createSessions>

const CHUNK = 512 * 1024
/** Seconds for which chunks are kept that belong to nothing (yet, or any more): who reads the old session reads it to its end. */
const LOOSE = 600

/** ARGV: prefix, name, version, bytes, the task that wrote it, seconds to keep, seconds the old one is kept. */
const KEEP = `${BOOKS}
local key = ARGV[1] .. ':' .. ARGV[2]
if redis.call('expire', key .. ':' .. ARGV[3], ARGV[6]) == 0 then return 0 end
local old = redis.call('hget', key, 'version')
if old then redis.call('expire', key .. ':' .. old, ARGV[7]) end
redis.call('hset', key, 'version', ARGV[3], 'bytes', ARGV[4])
redis.call('expire', key, ARGV[6])
keep(ARGV[1], ARGV[2], tonumber(ARGV[4]), ARGV[5])
return 1`

/** ARGV: prefix, name, seconds to keep. */
const OPEN = `${BOOKS}
local key = ARGV[1] .. ':' .. ARGV[2]
local session = redis.call('hmget', key, 'version', 'bytes')
if not session[1] or redis.call('expire', key .. ':' .. session[1], ARGV[3]) == 0 then return nil end
redis.call('expire', key, ARGV[3])
redis.call('zadd', ARGV[1] .. ':kept', 'XX', string.format('%d', now()), ARGV[2])
return session`

export function createSessions(redis: Redis, prefix: string, room: Room) {
  const nameOf = ({ first, agent }: SessionName) => `session:${first}:${agent}`
  const keyOf = (name: SessionName) => `${prefix}:${nameOf(name)}`

  return {
    async exists(name: SessionName): Promise<boolean> {
      return (await redis.exists(keyOf(name))) === 1
    },
    /** To read it is to use it: it is kept as long again. */
    async open(name: SessionName): Promise<Session | undefined> {
      const found = (await redis.eval(OPEN, 1, keyOf(name), prefix, nameOf(name), room.sessionKept)) as
        | [string, string]
        | null
      if (found === null) return undefined
      const key = `${keyOf(name)}:${found[0]}`
      const bytes = Number(found[1])
      return {
        bytes,
        async *chunks() {
          for (let at = 0, left = bytes; left > 0; at++) {
            const chunk = await redis.lindexBuffer(key, at)
            if (chunk === null) throw new Error(`the session ${nameOf(name)} is gone`)
            left -= chunk.length
            yield chunk
          }
        },
      }
    },
    /**
     * Keeps these bytes instead of what was kept under the name, once they are all there; when `bytes` throws, the old ones
     * stay. `by` is the task that wrote them. `no room`: what others keep leaves no place for them.
     */
    async save(name: SessionName, by: string, bytes: AsyncIterable<Buffer>): Promise<'kept' | 'no room'> {
      const version = randomUUID()
      const key = `${keyOf(name)}:${version}`
      let size = 0
      const add = async (parts: readonly Buffer[]) => {
        if (parts.length === 0) return
        const chunk = Buffer.concat(parts)
        size += chunk.length
        await redis.multi().rpush(key, chunk).expire(key, LOOSE).exec()
      }
      try {
        let parts: Buffer[] = []
        let waiting = 0
        for await (const part of bytes) {
          parts.push(part)
          waiting += part.length
          if (waiting < CHUNK) continue
          await add(parts)
          parts = []
          waiting = 0
        }
        await add(parts)
        if (await room.make(size)) {
          const args = [prefix, nameOf(name), version, size, by, room.sessionKept, LOOSE]
          if ((await redis.eval(KEEP, 1, keyOf(name), ...args)) !== 1)
            throw new Error(`the session ${nameOf(name)} took too long`)
          return 'kept'
        }
      } catch (error) {
        await redis.unlink(key)
        throw error
      }
      await redis.unlink(key)
      return 'no room'
    },
  }
}
