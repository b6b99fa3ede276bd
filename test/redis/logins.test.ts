import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createLogins } from '../../src/redis/logins.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())

const DEV = { id: 3, username: 'developer', name: 'Dev Developer' }
const REP = { id: 4, username: 'reporter', name: 'Rory Reporter' }

function onItsOwn() {
  const prefix = `{logins-${randomUUID()}}`
  return { prefix, logins: createLogins(redis, prefix) }
}

test('a login is somebody for eight hours, and of them only id, user name and name are kept', async () => {
  const { prefix, logins } = onItsOwn()
  const id = await logins.open({ ...DEV, ...{ email: 'dev@example.com' } })
  expect(await logins.find(id)).toEqual(DEV)
  expect(await redis.get(`${prefix}:login:${id}`)).not.toContain('dev@example.com')
  expect(await redis.ttl(`${prefix}:login:${id}`)).toBeGreaterThan(8 * 3600 - 10)
  expect(await logins.find('somebody-else')).toBeUndefined()
})

test('one is ended alone; all of a person are ended together, and nobody else is', async () => {
  const { prefix, logins } = onItsOwn()
  const [one, two, three, other] = [
    await logins.open(DEV),
    await logins.open(DEV),
    await logins.open(DEV),
    await logins.open(REP),
  ]
  await logins.end(one, DEV)
  expect([await logins.find(one), await logins.find(two)]).toEqual([undefined, DEV])
  expect(await logins.endAll(DEV)).toBe(2)
  expect([await logins.find(two), await logins.find(three), await logins.find(other)]).toEqual([
    undefined,
    undefined,
    REP,
  ])
  expect(await redis.keys(`${prefix.replace(/[{}]/g, '?')}:*`)).toHaveLength(2)
})

test('of those that ended by themselves nothing is left behind', async () => {
  const { prefix, logins } = onItsOwn()
  await redis.zadd(`${prefix}:logins:${DEV.id}`, Date.now() - 1, 'ended')
  const id = await logins.open(DEV)
  expect(await redis.zrange(`${prefix}:logins:${DEV.id}`, '0', '-1')).toEqual([id])
  expect(await redis.ttl(`${prefix}:logins:${DEV.id}`)).toBeGreaterThan(8 * 3600 - 10)
})

test('what was begun is taken once, and forgotten after ten minutes', async () => {
  const { prefix, logins } = onItsOwn()
  const begun = { state: 's', nonce: 'n', verifier: 'v', to: '/tasks/1-n2' }
  const id = await logins.begin(begun)
  const ttl = await redis.ttl(`${prefix}:login-begun:${id}`)
  expect(ttl).toBeGreaterThan(590)
  expect(ttl).toBeLessThanOrEqual(600)
  expect(await Promise.all([logins.take(id), logins.take(id)])).toEqual([begun, undefined])
})
