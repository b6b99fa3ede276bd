import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test, vi } from 'vitest'
import { LARGEST_SESSION } from '../../runtime/protocol.ts'
import type { DoorNeeds } from '../../src/door/app.ts'
import { createRoom } from '../../src/redis/room.ts'
import { createSessions } from '../../src/redis/sessions.ts'
import { openDoor, TASK } from './openDoor.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.quit())

const MB = 1024 * 1024
const GZIP = { 'content-type': 'application/gzip' }

/** A door with real sessions, room for so many bytes. */
async function withSessions(most = 200 * MB, needs: Partial<DoorNeeds> = {}) {
  const prefix = `{door-${randomBytes(6).toString('hex')}}`
  const sessions = createSessions(redis, prefix, createRoom(redis, prefix, most))
  const name = { first: TASK, agent: 'claude' }
  const door = await openDoor({
    sessions: { open: () => sessions.open(name), save: (task, bytes) => sessions.save(name, task, bytes) },
    ...needs,
  })
  return {
    ...door,
    put: (body: RequestInit['body'], headers: Record<string, string> = {}) =>
      door.call('/v1/session', { method: 'PUT', headers: { ...GZIP, ...headers }, body: body ?? null }),
    get: () => door.call('/v1/session'),
    keys: async () => (await redis.keys(`${prefix}:session:*`)).sort(),
  }
}

test('a session is kept, given back, and replaced', async () => {
  await using door = await withSessions()
  expect((await door.get()).status).toBe(404)
  const [first, second] = [randomBytes(3 * MB), randomBytes(100)]
  expect((await door.put(first)).status).toBe(204)
  const answer = await door.get()
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/gzip'])
  expect(Buffer.from(await answer.arrayBuffer()).equals(first)).toBe(true)
  expect((await door.put(second)).status).toBe(204)
  expect(Buffer.from(await (await door.get()).arrayBuffer()).equals(second)).toBe(true)
})

test('the largest session is kept', async () => {
  await using door = await withSessions()
  const bytes = randomBytes(LARGEST_SESSION)
  expect((await door.put(bytes)).status).toBe(204)
  expect(Buffer.from(await (await door.get()).arrayBuffer()).equals(bytes)).toBe(true)
})

const WORDS = 'A session may have at most 20 MB, compressed; this one is not kept.'

test('a larger one is refused in words before it is read, when it says how large it is', async () => {
  await using door = await withSessions()
  const answer = await new Promise<[number | undefined, string]>((resolve, reject) => {
    const call = request(`${door.url}/v1/session`, {
      method: 'PUT',
      headers: { ...GZIP, authorization: `Bearer ${door.credential}`, 'content-length': LARGEST_SESSION + 1 },
    })
    call.on('error', reject).on('response', async (res) => {
      resolve([res.statusCode, (await Array.fromAsync(res)).join('')])
      call.destroy()
    })
    // Nothing of the body is ever sent.
    call.flushHeaders()
  })
  expect(answer).toEqual([413, JSON.stringify({ error: WORDS })])
})

test('a larger one that does not say so is refused on its way, and the old one stays', async () => {
  await using door = await withSessions()
  await door.put(Buffer.from('old'))
  const keys = await door.keys()
  const answer = await new Promise<[number | undefined, string]>((resolve, reject) => {
    const headers = { ...GZIP, authorization: `Bearer ${door.credential}` }
    const call = request(`${door.url}/v1/session`, { method: 'PUT', headers })
    call
      .on('error', reject)
      .on('response', async (res) => resolve([res.statusCode, (await Array.fromAsync(res)).join('')]))
    for (let sent = 0; sent < LARGEST_SESSION + 2 * MB; sent += MB) call.write(randomBytes(MB))
    call.end()
  })
  expect(answer).toEqual([413, JSON.stringify({ error: WORDS })])
  expect(await (await door.get()).text()).toBe('old')
  expect(await door.keys()).toEqual(keys)
})

test('what is no session is refused', async () => {
  await using door = await withSessions()
  expect((await door.put(Buffer.from('x'), { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await door.put(Buffer.from('x'), { 'content-encoding': 'gzip' })).status).toBe(415)
  expect((await door.put(Buffer.alloc(0))).status).toBe(400)
  expect((await door.get()).status).toBe(404)
})

test('when the container goes in the middle, the old one stays', async () => {
  await using door = await withSessions()
  await door.put(Buffer.from('old'))
  const keys = await door.keys()
  const headers = { ...GZIP, authorization: `Bearer ${door.credential}` }
  const call = request(`${door.url}/v1/session`, { method: 'PUT', headers }).on('error', () => {})
  call.write(randomBytes(MB))
  await vi.waitFor(async () => expect((await door.keys()).length).toBe(keys.length + 1), 5000)
  call.destroy()
  await vi.waitFor(async () => expect(await door.keys()).toEqual(keys), 5000)
  expect(await (await door.get()).text()).toBe('old')
  expect(door.logged).toEqual([])
})

test('an attempt that ended while its session was on its way does not replace the old one', async () => {
  const answers: ('current' | 'over')[] = ['current', 'current', 'current', 'over']
  await using door = await withSessions(200 * MB, { standing: async () => answers.shift() ?? 'current' })
  await door.put(Buffer.from('old'))
  expect((await door.put(Buffer.from('late'))).status).toBe(401)
  expect(await (await door.get()).text()).toBe('old')
})

test('where there is no room it is said, and the old one stays', async () => {
  await using door = await withSessions(MB)
  await door.put(Buffer.from('old'))
  const answer = await door.put(randomBytes(MB + 1))
  expect(answer.status).toBe(413)
  expect(await answer.json()).toEqual({
    error: 'There is no room for this session; it is not kept.',
  })
  expect(await (await door.get()).text()).toBe('old')
})
