import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createLogbook } from '../../src/redis/logbook.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.quit())

const prefix = () => `{logbook-${randomBytes(6).toString('hex')}}`
const KB64 = 64 * 1024

test('what was appended is read back, byte for byte, over chunk borders', async () => {
  const logbook = createLogbook(redis, prefix())
  const all = randomBytes(3 * KB64 + 17)
  expect(await logbook.append('1-n1', 1, 0, 10, all.subarray(0, 10))).toEqual({ ok: true, offset: 10 })
  expect(await logbook.append('1-n1', 1, 10, 99, all.subarray(10))).toEqual({ ok: true, offset: 99 })
  expect(await logbook.size('1-n1')).toBe(all.length)
  for (const [from, to] of [
    [0, all.length],
    [0, 1],
    [KB64 - 1, KB64 + 1],
    [KB64, 2 * KB64],
    [5, Number.POSITIVE_INFINITY],
    [all.length, all.length + 5],
    [7, 3],
  ] as const) {
    expect((await logbook.read('1-n1', from, to)).equals(all.subarray(from, to)), `${from} to ${to}`).toBe(true)
  }
})

test('a repeated or early append changes nothing and is told the right byte', async () => {
  const logbook = createLogbook(redis, prefix())
  await logbook.append('1-n1', 1, 0, 5, Buffer.from('hello'))
  expect(await logbook.append('1-n1', 1, 0, 5, Buffer.from('hello'))).toEqual({ ok: false, offset: 5 })
  expect(await logbook.append('1-n1', 1, 6, 9, Buffer.from('far'))).toEqual({ ok: false, offset: 5 })
  expect(String(await logbook.read('1-n1', 0, 99))).toBe('hello')
})

test('a new attempt begins at 0 and continues the log; the old one can add nothing more', async () => {
  const logbook = createLogbook(redis, prefix())
  await logbook.append('1-n1', 1, 0, 5, Buffer.from('first'))
  expect(await logbook.append('1-n1', 2, 5, 9, Buffer.from('no'))).toEqual({ ok: false, offset: 0 })
  expect(await logbook.append('1-n1', 2, 0, 6, Buffer.from('second'))).toEqual({ ok: true, offset: 6 })
  expect((await logbook.append('1-n1', 1, 5, 9, Buffer.from('late'))).ok).toBe(false)
  expect(String(await logbook.read('1-n1', 0, 99))).toBe('firstsecond')
})

test('beyond the budget the log says that it is cut, once, and bytes are only counted', async () => {
  const logbook = createLogbook(redis, prefix(), 10)
  await logbook.append('1-n1', 1, 0, 8, Buffer.from('12345678'))
  expect(await logbook.append('1-n1', 1, 8, 14, Buffer.from('90abcd'))).toEqual({ ok: true, offset: 14 })
  expect(await logbook.append('1-n1', 1, 14, 15, Buffer.from('e'))).toEqual({ ok: true, offset: 15 })
  expect(await logbook.append('1-n1', 2, 0, 1, Buffer.from('f'))).toEqual({ ok: true, offset: 1 })
  expect(String(await logbook.read('1-n1', 0, 99))).toBe('1234567890\nlog cut here\n')
})

test('a log that fills its budget to the byte is not cut', async () => {
  const logbook = createLogbook(redis, prefix(), 8)
  await logbook.append('1-n1', 1, 0, 8, Buffer.from('12345678'))
  await logbook.append('1-n1', 1, 8, 9, Buffer.alloc(0))
  expect(String(await logbook.read('1-n1', 0, 99))).toBe('12345678')
})

test('a removed log is empty, and others stay', async () => {
  const logbook = createLogbook(redis, prefix())
  await logbook.append('1-n1', 1, 0, 5, Buffer.from('first'))
  await logbook.append('1-n2', 1, 0, 5, Buffer.from('other'))
  await logbook.remove('1-n1')
  expect(await logbook.size('1-n1')).toBe(0)
  expect(String(await logbook.read('1-n1', 0, 99))).toBe('')
  expect(String(await logbook.read('1-n2', 0, 99))).toBe('other')
  expect(await logbook.append('1-n1', 1, 0, 3, Buffer.from('new'))).toEqual({ ok: true, offset: 3 })
})

test('of two that append at the same byte at once, one is in', async () => {
  const logbook = createLogbook(redis, prefix())
  const both = await Promise.all(['a', 'b', 'c'].map((text) => logbook.append('1-n1', 1, 0, 1, Buffer.from(text))))
  expect(both.filter(({ ok }) => ok)).toHaveLength(1)
  expect(await logbook.size('1-n1')).toBe(1)
})

test('whatever is appended in whatever order, the log is what a plain list would hold', async () => {
  const step = fc.record({
    later: fc.nat({ max: 12 }).map((n) => (n === 12 ? 1 : 0)),
    shift: fc.constantFrom(0, 0, 0, 0, -1, 1, 1000),
    raw: fc.nat({ max: 1000 }),
    masked: fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.tuple(fc.nat({ max: 3 * KB64 }), fc.nat({ max: 255 })).map(([n, byte]) => new Uint8Array(n).fill(byte)),
    ),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 15 }),
      fc.nat({ max: 9 * KB64 }),
      fc.nat(),
      async (steps, budget, seed) => {
        const logbook = createLogbook(redis, prefix(), budget)
        let stored = Buffer.alloc(0)
        let cut = false
        let attempt = 1
        let raw = 0
        for (const { later, shift, raw: length, masked } of steps) {
          const wanted = later === 0 ? raw : 0
          const from = Math.max(0, wanted + shift)
          const answer = await logbook.append('7-n7', attempt + later, from, from + length, Buffer.from(masked))
          expect(answer).toEqual(
            from === wanted ? { ok: true, offset: wanted + length } : { ok: false, offset: wanted },
          )
          // Nothing of a refused append is remembered, not even its attempt.
          if (from !== wanted) continue
          attempt += later
          raw = wanted + length
          if (!cut && stored.length + masked.length > budget) {
            stored = Buffer.concat([
              stored,
              masked.subarray(0, budget - stored.length),
              Buffer.from('\nlog cut here\n'),
            ])
            cut = true
          } else if (!cut) stored = Buffer.concat([stored, masked])
        }
        expect(await logbook.size('7-n7')).toBe(stored.length)
        const from = seed % (stored.length + 1)
        expect((await logbook.read('7-n7', from, stored.length)).equals(stored.subarray(from))).toBe(true)
        expect((await logbook.read('7-n7', 0, from)).equals(stored.subarray(0, from))).toBe(true)
        await logbook.remove('7-n7')
      },
    ),
    { numRuns: 150 },
  )
})
