import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createRoom } from '../../src/redis/room.ts'
import { createSessions, type SessionName } from '../../src/redis/sessions.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.quit())

const KB = 1024
const NAME: SessionName = { first: '1-n1', agent: 'claude' }

/** Sessions on a prefix of their own, with room for so many bytes in all. */
function onItsOwn(most = 100 * KB * KB) {
  const prefix = `{sessions-${randomBytes(6).toString('hex')}}`
  const sessions = createSessions(redis, prefix, createRoom(redis, prefix, most))
  return {
    prefix,
    sessions,
    save: (bytes: Buffer, name = NAME, by = name.first) => sessions.save(name, by, inParts(bytes)),
    read: async (name = NAME) => {
      const session = await sessions.open(name)
      return session === undefined ? undefined : Buffer.concat(await Array.fromAsync(session.chunks()))
    },
    keys: () => redis.keys(`${prefix}:*`),
    total: async () => Number(await redis.get(`${prefix}:kept:total`)),
  }
}

async function* inParts(bytes: Buffer, size = 70_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test('a session is read back byte for byte, over chunk borders, and belongs to one chain and one agent', async () => {
  const { sessions, save, read, total } = onItsOwn()
  const bytes = randomBytes(3 * 512 * KB + 17)
  expect(await sessions.exists(NAME)).toBe(false)
  expect(await read()).toBeUndefined()
  expect(await save(bytes)).toBe('kept')
  expect(await sessions.exists(NAME)).toBe(true)
  expect((await sessions.open(NAME))?.bytes).toBe(bytes.length)
  expect((await read())?.equals(bytes)).toBe(true)
  expect(await read({ ...NAME, agent: 'codex' })).toBeUndefined()
  expect(await read({ ...NAME, first: '1-n2' })).toBeUndefined()
  expect(await total()).toBe(bytes.length)
})

test('who reads the old one while it is replaced reads it to its end', async () => {
  const { sessions, save, read } = onItsOwn()
  const [old, young] = [randomBytes(2 * 512 * KB), randomBytes(512 * KB)]
  await save(old)
  const reading = (await sessions.open(NAME))?.chunks()
  const seen = [(await reading?.next())?.value ?? Buffer.alloc(0)]
  await save(young)
  for await (const chunk of reading ?? []) seen.push(chunk)
  expect(Buffer.concat(seen).equals(old)).toBe(true)
  expect((await read())?.equals(young)).toBe(true)
})

test('what breaks off on its way in changes nothing, and leaves nothing', async () => {
  const { sessions, save, read, keys } = onItsOwn()
  await save(Buffer.from('old'))
  const before = (await keys()).sort()
  async function* broken() {
    yield randomBytes(600 * KB)
    throw new Error('the container has gone')
  }
  await expect(sessions.save(NAME, '1-n1', broken())).rejects.toThrow('the container has gone')
  expect(String(await read())).toBe('old')
  expect((await keys()).sort()).toEqual(before)
})

test('a session is kept for 30 days after its last use; what it replaced for minutes', async () => {
  const { prefix, save, read, keys } = onItsOwn()
  await save(Buffer.from('old'))
  await save(Buffer.from('young'))
  const data = (await keys()).filter((key) => key.startsWith(`${prefix}:session:1-n1:claude:`))
  const lives = (await Promise.all(data.map((key) => redis.ttl(key)))).sort((a, b) => a - b)
  expect(lives).toEqual([expect.closeTo(600, -1), expect.closeTo(30 * 24 * 3600, -1)])
  for (const key of await keys()) if (key.includes(':session:')) await redis.expire(key, 1000)
  await read()
  expect(await redis.ttl(`${prefix}:session:1-n1:claude`)).toBeGreaterThan(29 * 24 * 3600)
})

test('where room is missing, the oldest session that no unfinished task wrote goes first', async () => {
  const { prefix, save, read, total } = onItsOwn(100 * KB)
  const name = (n: number) => ({ first: `1-n${n}`, agent: 'claude' })
  await redis.zadd(`${prefix}:unfinished`, 1, '1-n1')
  for (const n of [1, 2, 3]) expect(await save(randomBytes(30 * KB), name(n))).toBe('kept')
  await read(name(2))
  expect(await save(randomBytes(30 * KB), name(4))).toBe('kept')
  expect(await read(name(3))).toBeUndefined()
  expect((await read(name(1)))?.length).toBe(30 * KB)
  expect((await read(name(2)))?.length).toBe(30 * KB)
  expect(await total()).toBe(90 * KB)
  // Only when that is not enough, one that is in use goes: its run starts fresh.
  expect(await save(randomBytes(99 * KB), name(5))).toBe('kept')
  expect(await read(name(1))).toBeUndefined()
  expect(await total()).toBe(99 * KB)
})

test('what there is no room for at all is refused, and leaves nothing of itself', async () => {
  const { sessions, save, keys } = onItsOwn(100 * KB)
  expect(await save(randomBytes(101 * KB))).toBe('no room')
  expect(await sessions.exists(NAME)).toBe(false)
  expect((await keys()).filter((key) => key.includes(':session:'))).toEqual([])
})

test('what Redis has let go after 30 days counts no more', async () => {
  const { prefix, save, total } = onItsOwn(100 * KB)
  await save(randomBytes(60 * KB))
  const [pointer, version] = [
    `${prefix}:session:1-n1:claude`,
    await redis.hget(`${prefix}:session:1-n1:claude`, 'version'),
  ]
  await redis.del(pointer, `${pointer}:${version}`)
  await redis.zadd(`${prefix}:kept`, (Date.now() - 31 * 24 * 3600 * 1000) * 1000, 'session:1-n1:claude')
  await save(randomBytes(10 * KB), { first: '1-n2', agent: 'claude' })
  expect(await total()).toBe(10 * KB)
})
