import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createStore } from '../../src/redis/store.ts'
import { createTaskList, isCursor, type TaskPage } from '../../src/redis/taskList.ts'
import type { RemarkEntry } from '../../src/tasks/entry.ts'
import type { Task } from '../../src/tasks/task.ts'
import { aTask, T0, THREAD } from '../tasks/aTask.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())
let lists = 0
function aList() {
  const prefix = `{list-${process.pid}-${lists++}}`
  return { prefix, store: createStore(redis, prefix), list: createTaskList(redis, prefix) }
}

/** The nth task, in one of two projects; two of them share each moment. */
function nth(n: number, changes: Partial<Task> = {}): Task {
  const projectId = n % 2 === 0 ? 42 : 43
  const id = `${projectId}-n${1000 + n}`
  const at = { createdAt: T0 + Math.floor(n / 2), askedAt: T0 }
  return aTask({ id, first: id, branch: `agent/${id}`, thread: { ...THREAD, projectId }, ...at, ...changes })
}

async function pages(ask: (before: string | undefined) => Promise<TaskPage>): Promise<string[][]> {
  const found: string[][] = []
  for (let before: string | undefined; ; ) {
    const { tasks, next } = await ask(before)
    found.push(tasks.map(({ id }) => id))
    if (next === null) return found
    expect(isCursor(next)).toBe(true)
    before = next
  }
}

test('the newest first, page by page, each task once although new ones come', async () => {
  const { store, list } = aList()
  for (let n = 0; n < 10; n++) await store.create(nth(n))
  const remark: RemarkEntry = {
    kind: 'remark',
    id: '42-r9',
    thread: { ...THREAD, note: 9, discussion: 'd' },
    by: aTask().asker,
    createdAt: T0,
    seen: false,
    done: false,
  }
  await store.create(remark)
  const found = await pages(async (before) => {
    const page = await list.list({}, { before, limit: 4 })
    if (before === undefined) await store.create(nth(11))
    return page
  })
  expect(found.map((page) => page.length)).toEqual([4, 4, 2])
  const times = (await Promise.all(found.flat().map(store.get))).map((task) => task?.createdAt)
  expect(times).toEqual(times.toSorted((a, b) => Number(b) - Number(a)))
  expect(new Set(found.flat()).size).toBe(10)
})

test('by state, project and person, and by what else is kept', async () => {
  const { store, list } = aList()
  for (let n = 0; n < 8; n++) await store.create(nth(n))
  await store.create(nth(8, { asker: { id: 6, username: 'Max', name: 'Max' } }))
  await store.update(nth(0), (task) => ({ ...task, state: 'failed', endedAt: T0 }))
  await store.update(nth(2), (task) => ({ ...task, state: 'running' }))
  const ids = async (...[query, keep]: [Parameters<typeof list.list>[0], Parameters<typeof list.list>[2]?]) =>
    (await list.list(query, { limit: 50 }, keep)).tasks.map(({ id }) => id)
  expect(await ids({ status: ['failed'] })).toEqual(['42-n1000'])
  expect(await ids({ status: ['running', 'failed'] })).toEqual(['42-n1002', '42-n1000'])
  expect(await ids({ status: ['running'] }), 'from the index of those that are not over').toEqual(['42-n1002'])
  expect(await ids({ projectId: 43 })).toEqual(['43-n1007', '43-n1005', '43-n1003', '43-n1001'])
  expect(await ids({ projects: async (id) => id === 43, status: ['queued'] })).toHaveLength(4)
  expect(await ids({ person: 'max' })).toEqual(['42-n1008'])
  expect(await ids({}, async ({ id }) => id.endsWith('5'))).toEqual(['43-n1005'])
  expect((await list.projectsWithTasks()).toSorted()).toEqual([42, 43])
})

test('a page goes on behind a task that has left the list meanwhile', async () => {
  const { store, list } = aList()
  for (let n = 0; n < 6; n++) await store.create(nth(2 * n))
  const first = await list.list({ status: ['queued'] }, { limit: 2 })
  expect(first.tasks.map(({ id }) => id)).toEqual(['42-n1010', '42-n1008'])
  const status = { note: 1, state: 'failed', shows: {}, at: 1, edits: 0 } as const
  await store.update(nth(8), (task) => ({ ...task, state: 'failed', endedAt: 1, cleaned: true, status }))
  const { tasks } = await list.list({ status: ['queued'] }, { before: first.next ?? '', limit: 9 })
  expect(tasks.map(({ id }) => id)).toEqual(['42-n1006', '42-n1004', '42-n1002', '42-n1000'])
})

test('what changed since a moment, each task once, at its last change', async () => {
  const { store, list } = aList()
  await store.create(nth(0))
  await store.create(nth(2))
  const before = (await list.changedAt('42-n1002')) ?? 0
  expect(before).toBeGreaterThan(Date.now() - 60_000)
  expect(await list.changedAt('42-n1')).toBeUndefined()
  await expect.poll(async () => Number((await redis.time())[0]) * 1000).toBeGreaterThan(before)
  await store.saidDoing('42-n1000', 'reads the README')
  await store.saidDoing('42-n9', 'is none of ours')
  const later = (await list.changedAt('42-n1000')) ?? 0
  expect(later).toBeGreaterThan(before)
  expect(await list.changedSince(before, 10)).toEqual([
    { id: '42-n1002', at: before },
    { id: '42-n1000', at: later },
  ])
  expect(await list.changedSince(before + 1, 10)).toEqual([{ id: '42-n1000', at: later }])
  await store.update(nth(2), (task) => ({ ...task, state: 'running' }))
  expect(await list.changedSince(before + 1, 10)).toMatchObject([{ id: '42-n1000' }, { id: '42-n1002' }])
  expect(await list.changedSince(before, 1)).toBe('too-many')
})

test('ten thousand tasks stay quick', async () => {
  const { prefix, store, list } = aList()
  const some = Array.from({ length: 10_000 }, (_, n) => nth(n, { prompt: 'add a health check '.repeat(40) }))
  for (let first = 0; first < some.length; first += 500)
    await Promise.all(some.slice(first, first + 500).map(store.create))
  const took: Record<string, number> = {}
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const from = performance.now()
    const made = await work()
    took[what] = Math.round(performance.now() - from)
    return made
  }
  expect((await timed('newest 50', () => list.list({}, { limit: 50 }))).tasks).toHaveLength(50)
  const foreign = await timed('50 where no project is seen', () =>
    list.list({ projects: async () => false }, { limit: 50 }),
  )
  expect(foreign).toEqual({ tasks: [], next: null })
  const whole = await timed('a text that is nowhere, to the end', () =>
    pages((before) => list.list({}, { before, limit: 50 }, async ({ prompt }) => prompt.includes('nowhere'))),
  )
  expect(whole, 'a page reads a bounded number').toHaveLength(6)
  await timed('changed since', () => list.changedSince(0, 500))
  const bytes = await redis.memory('USAGE', `${prefix}:changed`)
  console.log(`10000 tasks, ms: ${JSON.stringify(took)}; the index of changes takes ${bytes} bytes`)
  expect(took['newest 50']).toBeLessThan(1000)
  expect(took['a text that is nowhere, to the end']).toBeLessThan(10_000)
})
