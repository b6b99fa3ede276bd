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
  expect(await audit.forget()).toEqual({ old: 300, surplus: 0 })
  expect(await Array.fromAsync(audit.read(0))).toMatchObject([{ task: '1-n1' }])
  expect(await audit.forget()).toEqual({ old: 0, surplus: 0 })
})

test('of more than are kept the oldest go, by the hundred', async () => {
  const audit = createAudit(redis, prefixOf(), 400, 1000)
  for (let n = 0; n < 1250; n++) await audit.record({ deed: 'asked', task: `1-n${n}` })
  const { old, surplus } = await audit.forget()
  expect(old).toBe(0)
  expect(surplus).toBeGreaterThan(100)
  expect(surplus).toBeLessThanOrEqual(250)
  const left = await Array.fromAsync(audit.read(0))
  expect(left).toHaveLength(1250 - surplus)
  expect([left[0]?.task, left.at(-1)?.task]).toEqual([`1-n${surplus}`, '1-n1249'])
  expect(await audit.forget()).toEqual({ old: 0, surplus: 0 })
})

test('a refusal is recorded once per person, place and reason within the hour', async () => {
  const prefix = prefixOf()
  const audit = createAudit(redis, prefix, 400)
  const refuse = (person: number, what: string, place: string) =>
    audit.recordRefusal({ deed: 'refused', person, what, task: place }, place)
  for (let n = 0; n < 3; n++) {
    for (const person of [5, 6])
      for (const place of ['1:issue:1', '1:issue:2']) {
        await refuse(person, 'role', place)
        await refuse(person, 'not-a-member', place)
      }
    await refuse(5, 'not-yours', '1:issue:1')
  }
  const recorded = (await Array.fromAsync(audit.read(0))).map(({ person, what, task }) => `${person} ${what} ${task}`)
  expect(recorded).toEqual([
    '5 role 1:issue:1',
    '5 not-a-member 1:issue:1',
    '5 role 1:issue:2',
    '6 role 1:issue:1',
    '6 not-a-member 1:issue:1',
    '6 role 1:issue:2',
    '5 not-yours 1:issue:1',
  ])
  const marks = (await Array.fromAsync(redis.scanStream({ match: `${prefix}:refusal:*`, count: 1000 }))).flat()
  expect(marks).toHaveLength(7)
  for (const mark of marks as string[]) {
    const seconds = await redis.ttl(mark)
    expect(seconds, mark).toBeGreaterThan(3500)
    expect(seconds, mark).toBeLessThanOrEqual(3600)
    await redis.del(mark)
  }
  await refuse(5, 'role', '1:issue:1')
  expect(await Array.fromAsync(audit.read(0)), 'and in the next hour again').toHaveLength(8)
})
