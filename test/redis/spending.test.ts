import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createSpending, type Use } from '../../src/redis/spending.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())
let prefixes = 0
const prefix = () => `{spending-${process.pid}-${prefixes++}}`

const USE: Use = { turns: 1, input: 100, cacheRead: 1000, cacheWrite: 10, output: 5, microUsd: 1234, estimated: 0 }
const NOTHING = { turns: 0, inputTokens: 0, outputTokens: 0, costUsd: 0, estimated: 0 }

test('a task that has used nothing has spent nothing', async () => {
  expect(await createSpending(redis, prefix()).of('42-n1337')).toEqual(NOTHING)
})

test('calls add up, each task for itself', async () => {
  const spending = createSpending(redis, prefix())
  await spending.add('42-n1337', USE)
  await spending.add('42-n1337', { ...USE, turns: 0, estimated: 1 })
  await spending.add('42-n1', { ...USE, microUsd: 20_000_000 })
  expect(await spending.of('42-n1337')).toEqual({
    turns: 1,
    inputTokens: 2220,
    outputTokens: 10,
    costUsd: 0.002468,
    estimated: 1,
  })
  expect((await spending.of('42-n1')).costUsd).toBe(20)
})

test('calls that end at the same time are all counted', async () => {
  const key = prefix()
  const doors = [createSpending(redis, key), createSpending(redis, key)]
  await Promise.all(Array.from({ length: 100 }, (_, n) => doors[n % 2]?.add('42-n1337', USE)))
  expect(await doors[0]?.of('42-n1337')).toMatchObject({ turns: 100, outputTokens: 500, costUsd: 0.1234 })
})

test('the first refusal stays, and is no use', async () => {
  const spending = createSpending(redis, prefix())
  await spending.refuse('42-n1337', 'turns-spent')
  await spending.refuse('42-n1337', 'budget-spent')
  expect(await spending.of('42-n1337')).toEqual({ ...NOTHING, refused: 'turns-spent' })
  await spending.add('42-n1337', USE)
  expect(await spending.of('42-n1337')).toMatchObject({ turns: 1, refused: 'turns-spent' })
})

test('it is kept for thirty days after the last call', async () => {
  const key = prefix()
  const spending = createSpending(redis, key)
  await spending.add('42-n1', USE)
  await spending.refuse('42-n2', 'budget-spent')
  for (const task of ['42-n1', '42-n2']) {
    const left = await redis.ttl(`${key}:spent:${task}`)
    expect(left).toBeGreaterThan(30 * 24 * 3600 - 60)
    expect(left).toBeLessThanOrEqual(30 * 24 * 3600)
  }
})
