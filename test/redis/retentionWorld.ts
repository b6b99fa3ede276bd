/** Records as a run leaves them, and the retention that lets them go. */

import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, inject } from 'vitest'
import { createLogbook } from '../../src/redis/logbook.ts'
import { createMasks } from '../../src/redis/masks.ts'
import { createPhases } from '../../src/redis/phases.ts'
import { createPushes } from '../../src/redis/pushes.ts'
import { createRetention } from '../../src/redis/retention.ts'
import { createRoom } from '../../src/redis/room.ts'
import { createSessions } from '../../src/redis/sessions.ts'
import { createSpending } from '../../src/redis/spending.ts'
import { createStore } from '../../src/redis/store.ts'
import { createTaskList } from '../../src/redis/taskList.ts'
import type { Task } from '../../src/tasks/task.ts'

export const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())

export const DAY = 24 * 3600 * 1000
export const NOW = Date.now()
export const LONG_AGO = NOW - 100 * DAY
export const LIMIT = NOW - 90 * DAY
export const MOST = 1000
const USE = { turns: 1, input: 1, cacheRead: 0, cacheWrite: 0, output: 1, microUsd: 5, estimated: 0 }

export function aWorld() {
  const prefix = `{retention-${randomUUID()}}`
  const room = createRoom(redis, prefix, 1_000_000)
  const store = createStore(redis, prefix)
  const logbook = createLogbook(redis, prefix, undefined, room)
  const sessions = createSessions(redis, prefix, room)
  const beside = {
    pushes: createPushes(redis, prefix),
    spending: createSpending(redis, prefix),
    phases: createPhases(redis, prefix),
    masks: createMasks(redis, prefix),
  }
  const world = {
    prefix,
    store,
    logbook,
    sessions,
    list: createTaskList(redis, prefix),
    retention: createRetention(redis, prefix),
    total: async () => Number(await redis.get(`${prefix}:kept:total`)),
    remember: (task: Task) =>
      sessions.save(
        task,
        task.id,
        (async function* () {
          yield Buffer.from('remembered')
        })(),
      ),
    write: (id: string) => logbook.append(id, 1, 0, 5, Buffer.from('a log')),
    /** A task that has left everything that one can. */
    async left(task: Task): Promise<Task> {
      await store.create(task)
      await world.write(task.id)
      await world.remember(task)
      await store.askStop(task.id, { at: 1 })
      await store.allow(task.id, 5)
      await store.saidDoing(task.id, 'reads')
      await store.leaveHidden(task.id, 3)
      await beside.pushes.record(task.id, { branch: 'b', before: '0', after: '1' })
      await beside.spending.add(task.id, USE)
      for (const attempt of [1, 2]) {
        await store.leaveOutcome(task.id, attempt, { result: 'unchanged', warnings: [] })
        await beside.masks.add(task.id, attempt, 'sealed')
      }
      await beside.phases.tell(task.id, 2, 'agent')
      return task
    },
    over: (task: Task) => store.update(task, (newest) => ({ ...newest, ...OVER })),
    async old(task: Task): Promise<Task> {
      return world.over(await world.left(task))
    },
    /** Every key, and every name or value in it, that has this text in it; but what goes by itself within ten minutes. */
    async named(text: string): Promise<string[]> {
      const keys = await Array.fromAsync(redis.scanStream({ match: `${prefix}*`, count: 1000 }))
      const found: string[] = []
      // SCAN names them in any order, and some twice.
      for (const key of [...new Set(keys.flat() as string[])].sort()) {
        const seconds = await redis.ttl(key)
        if (seconds > 0 && seconds <= 600) continue
        if (key.includes(text)) found.push(key)
        else
          found.push(...(await valuesOf(key)).filter((value) => value.includes(text)).map((value) => `${key} ${value}`))
      }
      return found
    },
  }
  return world
}

/** What makes a task one that was over long ago. */
export const OVER: Partial<Task> = {
  state: 'succeeded',
  end: { is: 'succeeded', outcome: { result: 'unchanged', warnings: [] } },
  endedAt: LONG_AGO,
  attempt: 2,
  cleaned: true,
  reply: { note: 2 },
  status: { note: 1, state: 'succeeded', shows: {}, at: 1, edits: 0 },
}
export const OLD = { createdAt: LONG_AGO, askedAt: LONG_AGO }

async function valuesOf(key: string): Promise<string[]> {
  switch (await redis.type(key)) {
    case 'zset':
      return redis.zrange(key, '0', '-1')
    case 'set':
      return redis.smembers(key)
    case 'hash':
      return Object.entries(await redis.hgetall(key)).flat()
    case 'list':
      return redis.lrange(key, '0', '-1')
    case 'string':
      return [(await redis.get(key)) ?? '']
    default:
      return []
  }
}
