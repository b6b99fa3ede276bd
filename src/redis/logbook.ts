/** A task's log: what its attempts wrote, masked, in chunks that are found by their number alone. */

import type { Redis } from 'ioredis'

/** `offset`: the raw byte of this attempt's output that is wanted next. */
export type Appended = { readonly ok: boolean; readonly offset: number }

export type Logbook = ReturnType<typeof createLogbook>

const CHUNK = 64 * 1024
/** What one read asks of Redis at a time, so that a long log does not hold it up. In chunks. */
const BATCH = 64
/** Masked bytes that one task may keep: 64 MB (house.md, Storage). */
const BUDGET = 64 * 1024 * 1024
/** A log that ended before its attempt did says so, in its last line. */
const CUT = '\nlog cut here\n'

/**
 * KEYS[1] the log: a hash of `attempt`, `raw` (bytes of this attempt's output that are in), `size` (bytes stored), `cut`,
 * and the chunks by their numbers. ARGV: attempt, rawFrom, rawTo, bytes, chunk size, budget, the cut line.
 * Bytes and offset change together, so a repeated or late append changes nothing (reliability.md I3).
 */
const APPEND = `
local log = redis.call('hmget', KEYS[1], 'attempt', 'raw', 'size', 'cut')
local attempt, raw, size = tonumber(log[1] or 0), tonumber(log[2] or 0), tonumber(log[3] or 0)
local from, to, bytes = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
if tonumber(ARGV[1]) < attempt then return {0, 0} end
if tonumber(ARGV[1]) > attempt then raw = 0 end
if from ~= raw then return {0, raw} end
local room = tonumber(ARGV[6]) - size
if log[4] then
  bytes = ''
elseif #bytes > room then
  bytes = string.sub(bytes, 1, room) .. ARGV[7]
  redis.call('hset', KEYS[1], 'cut', 1)
end
local chunk = tonumber(ARGV[5])
local at = 1
while at <= #bytes do
  local number = string.format('%d', math.floor(size / chunk))
  local free = chunk - size % chunk
  local part = string.sub(bytes, at, at + free - 1)
  if free < chunk then part = redis.call('hget', KEYS[1], number) .. part end
  redis.call('hset', KEYS[1], number, part)
  local taken = math.min(free, #bytes - at + 1)
  at = at + taken
  size = size + taken
end
redis.call('hset', KEYS[1], 'attempt', ARGV[1], 'raw', ARGV[3], 'size', string.format('%d', size))
return {1, to}`

/**
 * The logs of all tasks on one Redis. `prefix` stands before every key; `budget` is what one task may keep, in masked bytes:
 * what is beyond is counted, and not stored.
 */
export function createLogbook(redis: Redis, prefix: string, budget = BUDGET) {
  const key = (task: string) => `${prefix}:log:${task}`

  /** Bytes stored, of all attempts together. */
  async function size(task: string): Promise<number> {
    return Number((await redis.hget(key(task), 'size')) ?? 0)
  }

  return {
    size,
    /**
     * Puts the masked form of the attempt's raw bytes `rawFrom` to `rawTo` (exclusive) at the log's end, if `rawFrom` is the
     * byte that is wanted next; otherwise changes nothing and tells that byte. A new attempt begins at raw 0 and continues
     * the log; an old one is told 0 and can add nothing any more.
     */
    async append(task: string, attempt: number, rawFrom: number, rawTo: number, masked: Buffer): Promise<Appended> {
      const args = [attempt, rawFrom, rawTo, masked, CHUNK, budget, CUT]
      const [ok, offset] = (await redis.eval(APPEND, 1, key(task), ...args)) as [number, number]
      return { ok: ok === 1, offset }
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
      await redis.unlink(key(task))
    },
  }
}
