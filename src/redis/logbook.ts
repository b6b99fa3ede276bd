/** A task's log: what its attempts wrote, masked, in chunks that are found by their number alone. */

import type { Redis } from 'ioredis'
import { BOOKS, CUT, type Room } from './room.ts'

/** `offset`: the raw byte of this attempt's output that is wanted next. */
export type Appended = { readonly ok: boolean; readonly offset: number }

export type Logbook = ReturnType<typeof createLogbook>

/** Bytes of each chunk but the last. */
export const CHUNK = 64 * 1024
/** What one read asks of Redis at a time, so that a long log does not hold it up. In chunks. */
const BATCH = 64
/** The channel, below the prefix, on which the tasks are named whose log has grown. */
export const GROWN = 'grown'
/** Masked bytes that one task may keep: 64 MB (house.md, Storage). */
const BUDGET = 64 * 1024 * 1024
/**
 * KEYS[1] the log: a hash of `attempt`, `raw` (bytes of this attempt's output that are in), `size` (bytes stored), `lines` (newlines
 * stored), `masked` (places), `cut`, the chunks by their numbers, and by `n<number>` the newlines before each. KEYS[2]: the channel
 * on which a log that has grown is named. ARGV: attempt, rawFrom, rawTo, bytes, chunk size, budget, the cut line,
 * prefix, task, places masked, what all may take together (-1: anything), whether this is the last try to find room.
 * Bytes and offset change together, so a repeated or late append changes nothing (reliability.md I3). {2} when room is missing.
 */
const APPEND = `${BOOKS}
local log = redis.call('hmget', KEYS[1], 'attempt', 'raw', 'size', 'cut', 'lines')
local attempt, raw, size = tonumber(log[1] or 0), tonumber(log[2] or 0), tonumber(log[3] or 0)
local from, to, bytes = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
if tonumber(ARGV[1]) < attempt then return {0, 0} end
if tonumber(ARGV[1]) > attempt then raw = 0 end
if from ~= raw then return {0, raw} end
local room = tonumber(ARGV[6]) - size
local most = tonumber(ARGV[11])
if most >= 0 and not log[4] then
  local free = most - total(ARGV[8])
  if #bytes > free and ARGV[12] == '0' then return {2, raw} end
  room = math.min(room, math.max(free, 0))
end
if log[4] then
  bytes = ''
elseif #bytes > room then
  bytes = string.sub(bytes, 1, room) .. ARGV[7]
  redis.call('hset', KEYS[1], 'cut', 1)
end
local chunk, lines = tonumber(ARGV[5]), tonumber(log[5] or 0)
local at = 1
while at <= #bytes do
  local number = string.format('%d', math.floor(size / chunk))
  local free = chunk - size % chunk
  local part = string.sub(bytes, at, at + free - 1)
  local _, newlines = string.gsub(part, '\\n', '')
  if free < chunk then part = redis.call('hget', KEYS[1], number) .. part
  else redis.call('hset', KEYS[1], 'n' .. number, lines) end
  lines = lines + newlines
  redis.call('hset', KEYS[1], number, part)
  local taken = math.min(free, #bytes - at + 1)
  at = at + taken
  size = size + taken
end
redis.call('hset', KEYS[1], 'attempt', ARGV[1], 'raw', ARGV[3], 'size', string.format('%d', size), 'lines', lines)
redis.call('hincrby', KEYS[1], 'masked', ARGV[10])
if #bytes > 0 then
  keep(ARGV[8], 'log:' .. ARGV[9], size, ARGV[9])
  redis.call('publish', KEYS[2], ARGV[9])
end
return {1, to}`

/** ARGV: prefix, task. */
const REMOVE = `${BOOKS}
redis.call('unlink', ARGV[1] .. ':log:' .. ARGV[2])
forget(ARGV[1], 'log:' .. ARGV[2])`

/**
 * The logs of all tasks on one Redis. `prefix` stands before every key; `budget` is what one task may keep, in masked bytes:
 * what is beyond is counted, and not stored. `room` is what all may keep; where it is not given, nobody asks.
 */
export function createLogbook(redis: Redis, prefix: string, budget = BUDGET, room?: Room) {
  const key = (task: string) => `${prefix}:log:${task}`
  const grown = `${prefix}:${GROWN}`

  /** Bytes stored, of all attempts together. */
  async function size(task: string): Promise<number> {
    return Number((await redis.hget(key(task), 'size')) ?? 0)
  }

  return {
    size,
    /**
     * Puts the masked form of the attempt's raw bytes `rawFrom` to `rawTo` (exclusive) at the log's end, if `rawFrom` is the
     * byte that is wanted next; otherwise changes nothing and tells that byte. A new attempt begins at raw 0 and continues
     * the log; an old one is told 0 and can add nothing any more. `places`: how many of them were masked. Where room is
     * missing, older logs and sessions go first; then this log is cut.
     */
    async append(
      task: string,
      attempt: number,
      rawFrom: number,
      rawTo: number,
      masked: Buffer,
      places = 0,
    ): Promise<Appended> {
      const most = room === undefined ? -1 : await room.most()
      const args = [attempt, rawFrom, rawTo, masked, CHUNK, budget, CUT, prefix, task, places, most]
      const add = async (last: 0 | 1) =>
        (await redis.eval(APPEND, 2, key(task), grown, ...args, last)) as [number, number]
      const first = await add(0)
      if (first[0] === 2) await room?.make(masked.length)
      const [ok, offset] = first[0] === 2 ? await add(1) : first
      return { ok: ok === 1, offset }
    },
    /** How many places of the task's log were masked, of all attempts together. */
    async maskedPlaces(task: string): Promise<number> {
      return Number((await redis.hget(key(task), 'masked')) ?? 0)
    },
    /** The stored bytes `from` to `to` (exclusive); what is not there is left out. */
    async read(task: string, from: number, to: number): Promise<Buffer> {
      const stop = Math.min(to, await size(task))
      if (from >= stop) return Buffer.alloc(0)
      const first = Math.floor(from / CHUNK)
      const numbers = Array.from({ length: Math.ceil(stop / CHUNK) - first }, (_, i) => String(first + i))
      const chunks: Buffer[] = []
      for (let at = 0; at < numbers.length; at += BATCH) {
        const batch = await redis.hmgetBuffer(key(task), ...numbers.slice(at, at + BATCH))
        // A log that is removed meanwhile ends where it was read to.
        chunks.push(...batch.map((chunk) => chunk ?? Buffer.alloc(0)))
      }
      return Buffer.concat(chunks).subarray(from - first * CHUNK, stop - first * CHUNK)
    },
    /** Forgets the log; in the background, as it may be large. */
    async remove(task: string): Promise<void> {
      await redis.eval(REMOVE, 1, key(task), prefix, task)
    },
  }
}
