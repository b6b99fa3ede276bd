import { Redis } from 'ioredis'
import { afterAll, expect, inject, test, vi } from 'vitest'
import { createWatermark } from '../../src/redis/watermark.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())
let prefixes = 0
const aWatermark = () => createWatermark(redis, `{watermark-${process.pid}-${prefixes++}}`)

test('a new Redis has none, and keeps what was written', async () => {
  const watermark = aWatermark()
  expect(await watermark.read()).toBeUndefined()
  await watermark.write(1_800_000_000_000)
  expect(await watermark.read()).toBe(1_800_000_000_000)
})

test('what was heard is not heard of again', async () => {
  const watermark = aWatermark()
  await watermark.hear('1-n1')
  await watermark.hear('1-n1')
  expect(await watermark.unheard(['1-n1', '1-n2'])).toEqual(new Set(['1-n2']))
  expect(await watermark.unheard([])).toEqual(new Set())
  expect([await watermark.countFound(), await watermark.countFound()]).toEqual([1, 2])
})

test('one has the turn, keeps it as long as it takes, and nobody has it before a period is over', async () => {
  const watermark = aWatermark()
  const period = 300
  const turn = await watermark.takeTurn(period)
  expect(turn).toBeDefined()
  const began = performance.now()
  let others = 0
  while (performance.now() - began < 3 * period)
    if ((await watermark.takeTurn(period)) !== undefined) others++
    else await new Promise((resolve) => setTimeout(resolve, 20))
  expect(others).toBe(0)
  const left = performance.now()
  turn?.[Symbol.dispose]()
  const next = await vi.waitFor(
    async () => {
      const taken = await watermark.takeTurn(period)
      expect(taken).toBeDefined()
      return taken
    },
    { timeout: 5000, interval: 10 },
  )
  next?.[Symbol.dispose]()
  // It was renewed every third of a period at least.
  expect(performance.now() - left).toBeGreaterThan(period / 2)
})
