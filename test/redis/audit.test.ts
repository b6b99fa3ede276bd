import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createAudit } from '../../src/redis/audit.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.quit())

const prefixOf = () => `{audit-${randomBytes(6).toString('hex')}}`

test('records come back in their order, each with its time, and a later reading goes on where one ended', async () => {
  const audit = createAudit(redis, prefixOf(), 400)
  const before = Date.now()
  await audit.record({ deed: 'asked', by: 'developer', person: 5, level: 30, task: '1-n7', project: 'demo/shop' })
  await audit.record({ deed: 'pushed', task: '1-n7', branch: 'agent/1-n7', before: '0', after: 'a1' })
  const all = await Array.fromAsync(audit.read(0))
  expect(all).toEqual([
    {
      id: expect.any(String),
      at: expect.any(String),
      deed: 'asked',
      by: 'developer',
      person: 5,
      level: 30,
      task: '1-n7',
      project: 'demo/shop',
    },
    {
      id: expect.any(String),
      at: expect.any(String),
      deed: 'pushed',
      task: '1-n7',
      branch: 'agent/1-n7',
      before: '0',
      after: 'a1',
    },
  ])
  expect(Date.parse(all[0]?.at ?? '')).toBeGreaterThanOrEqual(before - 1000)
  expect(await Array.fromAsync(audit.read(0, all[0]?.id))).toEqual(all.slice(1))
  expect(await Array.fromAsync(audit.read(Date.now() + 60_000))).toEqual([])
})

test('a long trail is read whole', async () => {
  const audit = createAudit(redis, prefixOf(), 400)
  await Promise.all(Array.from({ length: 2500 }, (_, n) => audit.record({ deed: 'asked', task: `1-n${n}` })))
  expect(await Array.fromAsync(audit.read(0))).toHaveLength(2500)
})

test('what is older than it is kept for goes', async () => {
  const prefix = prefixOf()
  const day = 24 * 3600 * 1000
  for (let n = 0; n < 300; n++)
    await redis.xadd(`${prefix}:audit`, `${Date.now() - 10 * day + n}-0`, 'json', '{"deed":"asked"}')
  const audit = createAudit(redis, prefix, 5)
  await audit.record({ deed: 'asked', task: '1-n1' })
  expect(await audit.forget()).toBe(300)
  expect(await Array.fromAsync(audit.read(0))).toMatchObject([{ task: '1-n1' }])
  expect(await audit.forget()).toBe(0)
})

test('of more than are kept the oldest go', async () => {
  const audit = createAudit(redis, prefixOf(), 400, 1000)
  await Promise.all(Array.from({ length: 1200 }, (_, n) => audit.record({ deed: 'asked', task: `1-n${n}` })))
  expect(await audit.forget()).toBe(200)
  expect(await Array.fromAsync(audit.read(0))).toHaveLength(1000)
})
