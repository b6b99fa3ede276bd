/** Reads tasks' logs for people: facts, the index of lines, and ranges piece by piece, in memory that does not grow with the log. */

import type { Redis } from 'ioredis'
import { CHUNK, type Logbook } from './logbook.ts'

export type LogReader = ReturnType<typeof createLogReader>

/** Bytes that a piece has at most. */
const PIECE = 4 * CHUNK
/** Fields of the index that one call asks for. */
const BATCH = 512

export function createLogReader(redis: Redis, prefix: string, logbook: Pick<Logbook, 'size' | 'read'>) {
  const key = (task: string) => `${prefix}:log:${task}`

  async function facts(task: string): Promise<{ size: number; lines: number; cut: boolean }> {
    const [size, lines, cut] = await redis.hmget(key(task), 'size', 'lines', 'cut')
    return { size: Number(size ?? 0), lines: Number(lines ?? 0), cut: cut != null }
  }

  return {
    /** All zero for a task that has no log yet. `cut`: something of it was not kept. */
    facts,
    /** `newlines`: how many the log has before each of its chunks. */
    async lines(task: string): Promise<{ size: number; lines: number; chunkBytes: number; newlines: number[] }> {
      const { size, lines } = await facts(task)
      const fields = Array.from({ length: Math.ceil(size / CHUNK) }, (_, number) => `n${number}`)
      const newlines: number[] = []
      for (let at = 0; at < fields.length; at += BATCH) {
        const batch = await redis.hmget(key(task), ...fields.slice(at, at + BATCH))
        newlines.push(...batch.map(Number))
      }
      return { size, lines, chunkBytes: CHUNK, newlines }
    },
    /** The bytes `from` to `to` (exclusive) that are there, in pieces that end where a chunk does. */
    async *stream(task: string, from: number, to: number): AsyncGenerator<Buffer> {
      const stop = Math.min(to, await logbook.size(task))
      for (let at = from; at < stop; ) {
        const end = Math.min(stop, (Math.floor(at / PIECE) + 1) * PIECE)
        const piece = await logbook.read(task, at, end)
        // It was removed meanwhile: what is gone cannot be told.
        if (piece.length === 0) return
        yield piece
        at += piece.length
      }
    },
  }
}
