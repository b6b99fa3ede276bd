import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createStore } from '../../src/redis/store.ts'
import type { Answer } from '../../src/tasks/entry.ts'
import type { Task } from '../../src/tasks/task.ts'
import { aTask, THREAD } from '../tasks/aTask.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())
let stores = 0
const aStore = () => createStore(redis, `{store-${process.pid}-${stores++}}`)

test('a record is created once, by whoever is first', async () => {
  const store = aStore()
  const made = await Promise.all(Array.from({ length: 20 }, () => store.create(aTask())))
  expect(made.filter(Boolean)).toHaveLength(1)
  expect(await store.get('42-n1337')).toEqual(aTask())
  expect(await store.unfinished()).toEqual(['42-n1337'])
})

test('twenty at once change a record, and no change is lost', async () => {
  const store = aStore()
  await store.create(aTask())
  const count = (task: Task): Task => ({ ...task, attempt: task.attempt + 1 })
  await Promise.all(Array.from({ length: 20 }, () => store.update(aTask(), count)))
  expect(await store.get('42-n1337')).toMatchObject({ attempt: 20 })
})

test('tasks of one branch come in their order, and an ended one makes room', async () => {
  const store = aStore()
  const [first, second] = [aTask(), aTask({ id: '42-n1400', createdAt: aTask().createdAt + 1 })]
  await store.create(first)
  await store.create(second)
  expect([await store.ahead(first), await store.ahead(second)]).toEqual([0, 1])
  await store.update(first, (task) => ({ ...task, state: 'failed', endedAt: 1 }))
  expect([await store.ahead(second), await store.unfinished()]).toEqual([0, ['42-n1337', '42-n1400']])
  await store.update(first, (task) => ({ ...task, cleaned: true }))
  expect(await store.unfinished(), 'its last status is still to be told').toHaveLength(2)
  const status = { note: 1, state: 'failed', shows: {}, at: 1, edits: 0 } as const
  await store.update(first, (task) => ({ ...task, status }))
  expect(await store.unfinished()).toEqual(['42-n1400'])
})

test('what was hidden is that of the newest attempt', async () => {
  const store = aStore()
  await store.leaveHidden('42-n1337', 312)
  await store.leaveHidden('42-n1337', 0)
  expect(await store.beside(aTask())).toEqual({ hidden: 0 })
})

test('the first outcome of an attempt stands, and an older attempt says nothing', async () => {
  const store = aStore()
  await store.leaveOutcome('42-n1337', 1, { result: 'failed', warnings: [] })
  await store.leaveOutcome('42-n1337', 2, { result: 'pushed', warnings: [] })
  await store.leaveOutcome('42-n1337', 2, { result: 'unchanged', warnings: [] })
  expect(await store.beside(aTask({ attempt: 2 }))).toEqual({ outcome: { result: 'pushed', warnings: [] } })
})

test('an order waits beside the task, and the first one stands', async () => {
  const store = aStore()
  await store.askStop('42-n1337', { by: 'dora', at: 1 })
  await store.askStop('42-n1337', { by: 'max', at: 2 })
  expect(await store.beside(aTask())).toEqual({ stop: { by: 'dora', at: 1 } })
})

test('refused in words once an hour, and the same comment is judged the same again', async () => {
  const store = aStore()
  const { asker } = aTask()
  expect(await store.refusedLately('42-n1', THREAD, asker)).toBe(false)
  expect(await store.refusedLately('42-n1', THREAD, asker)).toBe(false)
  expect(await store.refusedLately('42-n2', THREAD, asker)).toBe(true)
  expect(await store.refusedLately('42-n2', { ...THREAD, iid: 8 }, asker)).toBe(false)
})

test('an answer that was given is finished', async () => {
  const store = aStore()
  const { asker } = aTask()
  const answer: Answer = {
    kind: 'answer',
    id: '42-n9',
    thread: THREAD,
    to: asker,
    saying: { say: 'help' },
    createdAt: 1,
    done: false,
  }
  await store.create(answer)
  await store.update(answer, (given) => ({ ...given, done: true }))
  expect(await store.unfinished()).toEqual([])
  expect(await store.tasksOn(THREAD)).toEqual([])
})

test('a Redis of another GitLab is refused in a sentence', async () => {
  const store = aStore()
  await store.claim('https://a.example.com')
  await store.claim('https://a.example.com')
  await expect(store.claim('https://b.example.com')).rejects.toThrow(
    'This Redis holds the tasks of https://a.example.com',
  )
})
