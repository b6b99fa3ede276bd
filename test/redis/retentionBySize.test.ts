import { expect, test } from 'vitest'
import type { Answer } from '../../src/tasks/entry.ts'
import { aTask, THREAD } from '../tasks/aTask.ts'
import { aWorld, DAY, LIMIT, MOST, NOW, redis } from './retentionWorld.ts'

test('of more than are kept the oldest that are over go, whatever their age', async () => {
  const { prefix, store, over, list, named, retention } = aWorld()
  for (let n = 0; n < 30; n++) {
    const id = `42-n${n}`
    await store.create(aTask({ createdAt: NOW - (30 - n) * 1000, id, first: id, branch: `agent/${id}` }))
    if (n > 2) await over(aTask({ id }))
  }
  expect(await retention.keepNewest(30, 10, MOST)).toEqual({ tasks: 0, answers: 0 })
  expect(await retention.keepNewest(29, 10, MOST), 'those that are at work before it do not hold it').toEqual({
    tasks: 1,
    answers: 0,
  })
  expect(await named('42-n3')).toEqual([])
  expect(await retention.keepNewest(10, 10, 4), 'a round does only so much').toEqual({ tasks: 4, answers: 0 })
  expect(await retention.keepNewest(20, 10, MOST)).toEqual({ tasks: 5, answers: 0 })
  expect(await redis.zcard(`${prefix}:tasks`)).toBe(20)
  const { tasks } = await list.list({}, { limit: 50 })
  expect(
    tasks.slice(-4).map(({ id }) => id),
    'what is unfinished stays',
  ).toEqual(['42-n13', '42-n2', '42-n1', '42-n0'])
  expect(await retention.keepNewest(1, 10, MOST)).toEqual({ tasks: 17, answers: 0 })
  expect(await store.unfinished()).toEqual(['42-n0', '42-n1', '42-n2'])
})

/** A refusal, done unless it is said otherwise. */
function aRefusal(n: number, say: 'refused' | 'refused-again', changes: Partial<Answer> = {}): Answer {
  return {
    kind: 'answer',
    id: `42-n${n}`,
    thread: { ...THREAD, note: n },
    to: aTask().asker,
    saying: { say, why: { why: 'not-a-member', needs: 30 } },
    createdAt: NOW,
    done: true,
    ...changes,
  }
}

async function create({ store }: ReturnType<typeof aWorld>, ...answers: readonly Answer[]): Promise<void> {
  for (const answer of answers) {
    await store.create({ ...answer, done: false })
    await store.update(answer, () => answer)
  }
}

test('that somebody was refused again is kept for a day, and nothing is left of it', async () => {
  const world = aWorld()
  const { retention, store, named } = world
  const [old, young] = [{ createdAt: NOW - 1.1 * DAY }, { createdAt: NOW - 0.9 * DAY }]
  const open = aRefusal(4, 'refused-again', { ...old, done: false })
  await create(world, aRefusal(1, 'refused', old), aRefusal(2, 'refused-again', old))
  await create(world, aRefusal(3, 'refused-again', young), open)
  expect(await store.exists('42-n2'), 'told of again, it is known').toBe(true)
  expect(
    (await store.answersIn(THREAD)).map(({ id }) => id),
    'nobody comes back to it',
  ).toEqual(['42-n1'])
  expect(await retention.forgetEntries(LIMIT, MOST)).toBe(1)
  expect(await named('42-n2')).toEqual([])
  for (const n of [1, 3, 4]) expect(await store.exists(`42-n${n}`), `${n}`).toBe(true)
  await store.update(open, (newest) => ({ ...newest, done: true }))
  expect(await retention.forgetEntries(LIMIT, MOST)).toBe(1)
})

test('of answers the oldest go, too; what is repeated without end pushes out none that was told in words', async () => {
  const world = aWorld()
  const { prefix, retention, store, named } = world
  const at = (n: number) => ({ createdAt: NOW - DAY / 2 + n })
  await create(world, ...Array.from({ length: 10 }, (_, n) => aRefusal(n + 10, 'refused', at(n))))
  await create(world, ...Array.from({ length: 40 }, (_, n) => aRefusal(n + 20, 'refused-again', at(n))))
  expect(await retention.keepNewest(1, 10, MOST)).toEqual({ tasks: 0, answers: 30 })
  expect(await redis.zrange(`${prefix}:again`, 0, '-1')).toEqual(Array.from({ length: 10 }, (_, n) => `42-n${n + 50}`))
  expect(await named('42-n20'), 'not even its name').toEqual([])
  expect(await store.answersIn(THREAD)).toHaveLength(10)
  expect(await retention.keepNewest(1, 8, MOST)).toEqual({ tasks: 0, answers: 4 })
  expect((await store.answersIn(THREAD)).map(({ id }) => id)[0]).toBe('42-n12')
})

test('however many of the oldest are at work, those behind them go', async () => {
  const { prefix, store, over, retention } = aWorld()
  for (let n = 0; n < 420; n++) {
    const id = `42-n${n}`
    await store.create(aTask({ createdAt: NOW - 1000 + n, id, first: id, branch: `agent/${id}` }))
    if (n >= 410) await over(aTask({ id }))
  }
  expect(await retention.keepNewest(417, 10, MOST)).toEqual({ tasks: 3, answers: 0 })
  expect(await redis.zrange(`${prefix}:tasks`, 409, '-1')).toEqual(
    [409, 413, 414, 415, 416, 417, 418, 419].map((n) => `42-n${n}`),
  )
})
