/** What becomes of a conversation when its records are let go. */

import { expect, test } from 'vitest'
import { connectRedis, PREFIX } from '../../src/redis/connection.ts'
import { createLedger } from '../../src/redis/ledger.ts'
import { createQueues } from '../../src/redis/queue.ts'
import { createRetention } from '../../src/redis/retention.ts'
import { dayOf } from '../../src/tasks/numbers.ts'
import { startWorld } from './world.ts'

test('a task is let go with all that a run left; told of again, it does not run again', async () => {
  await using world = await startWorld()
  const redis = connectRedis(world.redis.url, 'patient', () => {})
  using _ = { [Symbol.dispose]: () => redis.disconnect() }
  const retention = createRetention(redis, PREFIX)
  const task = await world.say('developer', '/agent add a health check')
  const status = await world.say('developer', '/agent status')
  await world.answer(status)
  await world.answer(task)
  await world.over(task)
  const keys = async () => ((await Array.fromAsync(redis.scanStream({ count: 1000 }))) as string[][]).flat()
  const named = async () => (await keys()).filter((key) => key.includes(task))
  expect((await named()).length).toBeGreaterThan(4)
  const soon = Date.now() + 60_000
  await world.until('its last look to be over', async () => {
    await retention.forgetEntries(soon, 1000)
    return (await named()).length === 0 ? true : undefined
  })
  expect(await world.store.exists(status)).toBe(false)
  for (const index of ['tasks', 'said', 'changed', 'kept', 'on:1:issue:1', 'unfinished', 'waiting', 'running'])
    expect(await redis.zrange(`${PREFIX}:${index}`, '0', '-1'), index).toEqual([])
  const today = dayOf(Date.now())
  expect(await createLedger(redis, PREFIX).rows(today, today), 'the numbers stay').toMatchObject([{ id: task }])

  const notes = async () => (await world.thread(task)).notes.length
  const before = await notes()
  const noteId = Number(task.split('-n')[1])
  const ignored = async () => /received_total\{outcome="ignored"\} (\d+)/.exec(await world.vitals.metrics.read())?.[1]
  const count = await ignored()
  await createQueues(redis, PREFIX).deliver('again', { kind: 'note', projectId: 1, on: 'issue', iid: 1, noteId })
  await world.until('it to be heard again', async () => ((await ignored()) === count ? undefined : true))
  expect(await world.store.exists(task)).toBe(false)
  expect(await notes()).toBe(before)
  expect(await world.mergeRequests()).toHaveLength(1)
})

test('the work that records would tell of can be gone on with all the same', async () => {
  await using world = await startWorld()
  const redis = connectRedis(world.redis.url, 'patient', () => {})
  using _ = { [Symbol.dispose]: () => redis.disconnect() }
  const task = await world.say('developer', '/agent add a health check')
  await world.answer(task)
  await world.over(task)
  const { id: discussion } = await world.thread(task)
  const retention = createRetention(redis, PREFIX)
  await world.until('it to be let go', async () =>
    (await retention.forgetEntries(Date.now() + 60_000, 10)) > 0 ? true : undefined,
  )
  const next = await world.say('developer', '/agent and a test', { on: 'issues', iid: 1, discussion })
  expect(await world.answer(next)).toContain('is ready for review')
  await world.over(next)
  expect((await world.mergeRequests()).map(({ source_branch }) => source_branch)).toEqual([`agent/${task}`])
})
