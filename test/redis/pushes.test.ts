import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createPushes } from '../../src/redis/pushes.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.quit())

const commit = (n: number) => String(n).padStart(40, '0')
const move = (before: number, after: number) => ({ branch: 'agent/1-n1', before: commit(before), after: commit(after) })

test('pushes are kept in their order, each once, and learn later whether they rewrote the branch', async () => {
  const prefix = `{pushes-${randomBytes(6).toString('hex')}}`
  const pushes = createPushes(redis, prefix)
  expect(await pushes.of('1-n1')).toEqual([])
  for (const push of [move(0, 1), move(1, 2), move(0, 1), move(2, 3)]) await pushes.record('1-n1', push)
  await pushes.record('1-n1', { ...move(1, 2), rewritten: true })
  expect(await pushes.of('1-n1')).toEqual([move(0, 1), { ...move(1, 2), rewritten: true }, move(2, 3)])
  expect(await redis.ttl(`${prefix}:pushes:1-n1`)).toBeGreaterThan(29 * 24 * 3600)
})

test('a run that pushes without end fills no memory', async () => {
  const pushes = createPushes(redis, `{pushes-${randomBytes(6).toString('hex')}}`)
  for (let n = 0; n < 210; n++) await pushes.record('1-n1', move(n, n + 1))
  const kept = await pushes.of('1-n1')
  expect(kept).toHaveLength(200)
  expect(kept.at(-1)).toEqual(move(199, 200))
})
