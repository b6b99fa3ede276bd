import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createPhases } from '../../src/redis/phases.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())
let prefixes = 0
const newPrefix = () => `{phases-${process.pid}-${prefixes++}}`

test('the first time of each phase stays, in milliseconds of now', async () => {
  const phases = createPhases(redis, newPrefix())
  const before = Date.now()
  expect(await phases.tell('42-n1', 1, 'clone')).toBe(true)
  await phases.tell('42-n1', 1, 'agent')
  const times = await phases.of('42-n1', 1)
  expect(Object.keys(times).sort()).toEqual(['agent', 'clone'])
  for (const at of Object.values(times)) {
    expect(at).toBeGreaterThanOrEqual(before - 1)
    expect(at).toBeLessThanOrEqual(Date.now() + 1)
  }
  await new Promise((done) => setTimeout(done, 5))
  expect(await phases.tell('42-n1', 1, 'clone')).toBe(false)
  expect(await phases.of('42-n1', 1)).toEqual(times)
})

test('a newer attempt begins anew, and an older one is not heard any more', async () => {
  const phases = createPhases(redis, newPrefix())
  await phases.tell('42-n1', 1, 'clone')
  await phases.tell('42-n1', 2, 'setup')
  expect(await phases.tell('42-n1', 1, 'push')).toBe(false)
  expect(Object.keys(await phases.of('42-n1', 2))).toEqual(['setup'])
  expect(await phases.of('42-n1', 1)).toEqual({})
  expect(await phases.of('42-n2', 1)).toEqual({})
})

test('it is kept for thirty days after the last change', async () => {
  const prefix = newPrefix()
  await createPhases(redis, prefix).tell('42-n1', 1, 'clone')
  const left = await redis.ttl(`${prefix}:phases:42-n1`)
  expect(left).toBeGreaterThan(30 * 24 * 3600 - 60)
  expect(left).toBeLessThanOrEqual(30 * 24 * 3600)
})
