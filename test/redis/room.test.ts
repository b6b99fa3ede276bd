import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { startRedis } from '../../src/local/redis.ts'
import { createLogbook } from '../../src/redis/logbook.ts'
import { createRoom } from '../../src/redis/room.ts'
import { createSessions } from '../../src/redis/sessions.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.quit())

const KB = 1024

function together(most: number) {
  const prefix = `{room-${randomBytes(6).toString('hex')}}`
  const room = createRoom(redis, prefix, most)
  const logbook = createLogbook(redis, prefix, 64 * KB * KB, room)
  const sessions = createSessions(redis, prefix, room)
  return {
    prefix,
    logbook,
    sessions,
    total: async () => Number(await redis.get(`${prefix}:kept:total`)),
    unfinished: (id: string) => redis.zadd(`${prefix}:unfinished`, 1, id),
    async save(first: string, bytes: number) {
      await sessions.save(
        { first, agent: 'claude' },
        first,
        (async function* () {
          yield randomBytes(bytes)
        })(),
      )
    },
    write: (task: string, from: number, bytes: number) =>
      logbook.append(task, 1, from, from + bytes, Buffer.alloc(bytes, 'x')),
    text: async (task: string) => String(await logbook.read(task, 0, Number.POSITIVE_INFINITY)),
  }
}

test('logs and sessions share their room: the oldest of finished tasks goes first, and says so', async () => {
  const { logbook, sessions, total, unfinished, save, write, text } = together(100 * KB)
  await write('1-n1', 0, 40 * KB)
  await unfinished('1-n2')
  await write('1-n2', 0, 20 * KB)
  await save('1-n3', 30 * KB)
  expect(await total()).toBe(90 * KB)
  expect(await write('1-n2', 20 * KB, 15 * KB)).toEqual({ ok: true, offset: 35 * KB })
  expect(await text('1-n1')).toBe('\nlog cut here\n')
  expect(await sessions.exists({ first: '1-n3', agent: 'claude' })).toBe(true)
  expect(await total()).toBe(65 * KB)
  // A byte that comes late is counted, and not stored.
  expect(await write('1-n1', 40 * KB, 1)).toEqual({ ok: true, offset: 40 * KB + 1 })
  expect(await text('1-n1')).toBe('\nlog cut here\n')
  await logbook.remove('1-n2')
  expect(await total()).toBe(30 * KB)
})

test('where nothing is left to go, the log that grows is cut', async () => {
  const { total, unfinished, write, text } = together(100 * KB)
  for (const id of ['1-n1', '1-n2']) await unfinished(id)
  await write('1-n1', 0, 60 * KB)
  expect(await write('1-n2', 0, 50 * KB)).toEqual({ ok: true, offset: 50 * KB })
  expect(await text('1-n2')).toBe(`${'x'.repeat(40 * KB)}\nlog cut here\n`)
  expect((await text('1-n1')).length).toBe(60 * KB)
  expect(await total()).toBeLessThan(101 * KB)
})

test('of each log it is counted how many places were masked', async () => {
  const { logbook } = together(100 * KB)
  await logbook.append('1-n1', 1, 0, 4, Buffer.from('a'), 2)
  await logbook.append('1-n1', 1, 0, 4, Buffer.from('a'), 2)
  await logbook.append('1-n1', 1, 4, 8, Buffer.from('b'), 3)
  expect(await logbook.maskedPlaces('1-n1')).toBe(5)
  expect(await logbook.maskedPlaces('1-n2')).toBe(0)
})

test("half of Redis' own limit is what there is; without a limit it is what was configured", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'errand-room-'))
  const server = await startRedis(inject('redisServer'), folder)
  const own = new Redis(server.url)
  try {
    expect(await createRoom(own, '{room}', 77).most()).toBe(77)
    await own.config('SET', 'maxmemory', '64mb')
    expect(await createRoom(own, '{room}', 77).most()).toBe(32 * KB * KB)
  } finally {
    own.disconnect()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
})
