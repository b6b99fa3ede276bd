/**
 * The room that logs and sessions share (house.md, Storage). Keys, below the prefix: `kept` names what is kept, by the
 * time of its last use; `kept:bytes` and `kept:by` tell how large each is and which task wrote it; `kept:total` is the sum.
 * Their scripts touch keys that they find in there: the braces of the prefix keep all of them on one node.
 */

import type { Redis } from 'ioredis'

export type Room = ReturnType<typeof createRoom>

/** Seconds for which a session is kept after its last use, where nothing else is said. */
const SESSION_KEPT = 30 * 24 * 3600

/** A log that ended before its attempt did says so, in its last line. */
export const CUT = '\nlog cut here\n'

/**
 * For the beginning of scripts. `keep` notes that this name (`log:…`, `session:…`) has so many bytes now, written by that
 * task; `forget` that it is gone. Time is Redis' own, in microseconds.
 */
export const BOOKS = `
local function now()
  local time = redis.call('time')
  return time[1] * 1000000 + time[2]
end
local function keep(prefix, name, bytes, by)
  local before = tonumber(redis.call('hget', prefix .. ':kept:bytes', name) or 0)
  redis.call('hset', prefix .. ':kept:bytes', name, string.format('%d', bytes))
  redis.call('hset', prefix .. ':kept:by', name, by)
  redis.call('zadd', prefix .. ':kept', string.format('%d', now()), name)
  redis.call('incrby', prefix .. ':kept:total', string.format('%d', bytes - before))
end
local function forget(prefix, name)
  local bytes = tonumber(redis.call('hget', prefix .. ':kept:bytes', name) or 0)
  redis.call('hdel', prefix .. ':kept:bytes', name)
  redis.call('hdel', prefix .. ':kept:by', name)
  redis.call('zrem', prefix .. ':kept', name)
  redis.call('decrby', prefix .. ':kept:total', string.format('%d', bytes))
end
local function total(prefix)
  return tonumber(redis.call('get', prefix .. ':kept:total') or 0)
end
`

/** ARGV: prefix, the most that may be kept, the bytes that are to come, the cut line, seconds a session is kept. */
const MAKE = `${BOOKS}
local prefix, most, coming = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local function fits() return total(prefix) + coming <= most end
local function isSession(name) return string.sub(name, 1, 8) == 'session:' end
local function drop(name)
  local key = prefix .. ':' .. name
  if isSession(name) then
    local version = redis.call('hget', key, 'version')
    redis.call('unlink', key)
    if version then redis.call('unlink', key .. ':' .. version) end
  else
    local log = redis.call('hmget', key, 'attempt', 'raw', 'masked')
    redis.call('unlink', key)
    redis.call('hset', key, 'attempt', log[1] or 0, 'raw', log[2] or 0, 'masked', log[3] or 0,
      'size', #ARGV[4], 'lines', 2, 'cut', 1, '0', ARGV[4], 'n0', 0)
  end
  forget(prefix, name)
end
-- Redis has removed them by itself; the books are told.
local old = string.format('%d', now() - tonumber(ARGV[5]) * 1000000)
for _, name in ipairs(redis.call('zrange', prefix .. ':kept', '-inf', old, 'byscore')) do
  if isSession(name) then drop(name) end
end
if fits() then return 1 end
if coming > most then return 0 end
local names = redis.call('zrange', prefix .. ':kept', 0, -1)
for _, name in ipairs(names) do
  local by = redis.call('hget', prefix .. ':kept:by', name)
  if not by or not redis.call('zscore', prefix .. ':unfinished', by) then
    drop(name)
    if fits() then return 1 end
  end
end
for _, name in ipairs(names) do
  if isSession(name) then
    drop(name)
    if fits() then return 1 end
  end
end
return 0`

/** Milliseconds for which Redis' own limit is not asked for again. */
const LIMIT_HOLDS = 60_000

/**
 * `otherwise`: the bytes that logs and sessions may take together where Redis itself has no limit. `sessionKept`: seconds for which a
 * session is kept after its last use.
 */
export function createRoom(redis: Redis, prefix: string, otherwise: number, sessionKept = SESSION_KEPT) {
  let limit: { readonly bytes: number; readonly until: number } | undefined

  /** Half of what Redis may use in all. Asked by INFO, which hosted ones allow; CONFIG often is not. */
  async function most(): Promise<number> {
    if (limit === undefined || limit.until < Date.now()) {
      const all = Number(/^maxmemory:(\d+)/m.exec(await redis.info('memory'))?.[1] ?? 0)
      limit = { bytes: all > 0 ? Math.floor(all / 2) : otherwise, until: Date.now() + LIMIT_HOLDS }
    }
    return limit.bytes
  }

  return {
    sessionKept,
    /** Bytes that logs and sessions may take together. */
    most,
    /**
     * Makes room for so many bytes: what finished tasks left goes, the oldest first, then sessions, the oldest first.
     * False when there is no room even so.
     */
    async make(bytes: number): Promise<boolean> {
      return (await redis.eval(MAKE, 1, `${prefix}:kept`, prefix, await most(), bytes, CUT, sessionKept)) === 1
    },
  }
}
