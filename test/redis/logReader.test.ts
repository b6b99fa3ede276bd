import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createLogbook } from '../../src/redis/logbook.ts'
import { createLogReader } from '../../src/redis/logReader.ts'
import { createNews } from '../../src/redis/news.ts'
import { createRoom } from '../../src/redis/room.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.quit())

const KB64 = 64 * 1024

function books(budget?: number) {
  const prefix = `{reader-${randomBytes(6).toString('hex')}}`
  const logbook = createLogbook(redis, prefix, budget)
  return { prefix, logbook, reader: createLogReader(redis, prefix, logbook) }
}

async function all(pieces: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const found: Buffer[] = []
  for await (const piece of pieces) found.push(piece)
  return found
}

test('of a task without a log everything is empty', async () => {
  const { reader } = books()
  expect(await reader.facts('1-n1')).toEqual({ size: 0, lines: 0, cut: false })
  expect(await reader.lines('1-n1')).toEqual({ size: 0, lines: 0, chunkBytes: KB64, newlines: [] })
  expect(await all(reader.stream('1-n1', 0, 99))).toEqual([])
})

test('the index says how many newlines are before each chunk, however the log was written', async () => {
  const piece = fc.record({ length: fc.nat({ max: 100_000 }), every: fc.integer({ min: 1, max: 5000 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.nat({ max: 300_000 }), async (pieces, budget) => {
      const { logbook, reader } = books(budget)
      let raw = 0
      for (const { length, every } of pieces) {
        const bytes = Buffer.from(Array.from({ length }, (_, at) => (at % every === every - 1 ? 10 : 120)))
        await logbook.append('1-n1', 1, raw, raw + length, bytes)
        raw += length
      }
      const stored = await logbook.read('1-n1', 0, Number.POSITIVE_INFINITY)
      const newlinesBefore = (end: number) => stored.subarray(0, end).filter((byte) => byte === 10).length
      const chunks = Math.ceil(stored.length / KB64)
      expect(await reader.lines('1-n1')).toEqual({
        size: stored.length,
        lines: newlinesBefore(stored.length),
        chunkBytes: KB64,
        newlines: Array.from({ length: chunks }, (_, number) => newlinesBefore(number * KB64)),
      })
      expect(await reader.facts('1-n1')).toMatchObject({ size: stored.length, cut: raw > budget })
    }),
    { numRuns: 40 },
  )
})

test('a log that had to make room keeps its index', async () => {
  const { prefix, reader } = books()
  const room = createRoom(redis, prefix, 1000)
  const logbook = createLogbook(redis, prefix, undefined, room)
  await logbook.append('1-n1', 1, 0, 900, Buffer.alloc(900, '\n'))
  await logbook.append('1-n2', 1, 0, 900, Buffer.alloc(900, 'x'))
  const text = String(await logbook.read('1-n1', 0, 9999))
  expect(text).toBe('\nlog cut here\n')
  expect(await reader.lines('1-n1')).toEqual({ size: text.length, lines: 2, chunkBytes: KB64, newlines: [0] })
  expect(await reader.facts('1-n1')).toEqual({ size: text.length, lines: 2, cut: true })
})

test('a range is given in pieces that are never large, byte for byte', async () => {
  const { logbook, reader } = books()
  const stored = randomBytes(1_000_003)
  await logbook.append('1-n1', 1, 0, stored.length, stored)
  for (const [from, to] of [
    [0, stored.length],
    [1, 2],
    [KB64 - 1, 5 * KB64 + 1],
    [999_999, Number.POSITIVE_INFINITY],
    [stored.length, stored.length + 1],
  ] as const) {
    const pieces = await all(reader.stream('1-n1', from, to))
    expect(Math.max(0, ...pieces.map(({ length }) => length))).toBeLessThanOrEqual(4 * KB64)
    expect(Buffer.concat(pieces).equals(stored.subarray(from, to))).toBe(true)
  }
})

test('what grows and what changes is heard, and after a break that something may have been missed', async () => {
  const { prefix, logbook } = books()
  const connection = new Redis(inject('redisUrl'), { connectionName: prefix })
  const heard: string[] = []
  const listen = createNews(connection, prefix, `${prefix}:changes`)
  const stop = listen({
    changed: (id) => heard.push(`changed ${id}`),
    logged: (id) => heard.push(`logged ${id}`),
    all: () => heard.push('all'),
  })
  await expect.poll(() => heard).toEqual(['all'])
  await logbook.append('1-n1', 1, 0, 1, Buffer.from('x'))
  await redis.publish(`${prefix}:changes`, '1-n2')
  await expect.poll(() => heard.slice(1)).toEqual(['logged 1-n1', 'changed 1-n2'])
  connection.disconnect(true)
  await expect.poll(() => heard.slice(3), { timeout: 10_000 }).toEqual(['all'])
  await redis.publish(`${prefix}:changes`, '1-n3')
  await expect.poll(() => heard.slice(4)).toEqual(['changed 1-n3'])
  stop()
  connection.disconnect()
})
