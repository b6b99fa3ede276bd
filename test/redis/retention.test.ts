import { expect, test } from 'vitest'
import type { Answer, Order, RemarkEntry } from '../../src/tasks/entry.ts'
import { aTask, ON_PAGE, THREAD } from '../tasks/aTask.ts'
import { aWorld, DAY, LIMIT, LONG_AGO, MOST, NOW, OLD, OVER, redis } from './retentionWorld.ts'

test('a task that was over long ago goes with everything that is named after it', async () => {
  const { old, named, total, retention, list, store } = aWorld()
  const mergeRequest = { iid: 3, url: 'https://gitlab.example/3' }
  const task = await old(aTask({ ...OLD, mergeRequest }))
  expect((await named(task.id)).length, 'it has left much').toBeGreaterThan(20)
  expect(await retention.forgetEntries(LIMIT, MOST)).toBe(1)
  expect(await named(task.id)).toEqual([])
  expect(await total()).toBe(0)
  expect(await list.list({}, { limit: 10 })).toEqual({ tasks: [], next: null })
  expect(await store.tasksOn(THREAD)).toEqual([])
  expect(await retention.forgetEntries(LIMIT, MOST)).toBe(0)
})

test('so does one that was asked for on the page', async () => {
  const { old, named, retention } = aWorld()
  const task = await old(aTask({ ...OLD, ...ON_PAGE }))
  await retention.forgetEntries(LIMIT, MOST)
  expect(await named('0123456789abcdef')).toEqual([])
  expect(await named(task.id)).toEqual([])
})

test('another task of the same place and branch is untouched, with the session of both', async () => {
  const { old, left, named, retention, store, sessions, logbook } = aWorld()
  const first = await old(aTask(OLD))
  const later = aTask({ id: '42-n1400', continues: first.id, createdAt: NOW - DAY, askedAt: NOW - DAY })
  await left(later)
  await store.update(later, (newest) => ({ ...newest, ...OVER, endedAt: NOW - DAY }))
  const before = await named(later.id)
  expect(await retention.forgetEntries(LIMIT, MOST)).toBe(1)
  expect(await named(later.id)).toEqual(before)
  expect(await store.get(first.id)).toBeUndefined()
  expect(await store.tasksOn(THREAD)).toMatchObject([{ id: later.id }])
  expect(await store.lastOnBranch(42, first.branch)).toMatchObject({ id: later.id })
  expect(await sessions.exists(later)).toBe(true)
  expect(String(await logbook.read(later.id, 0, 100))).toBe('a log')
  // With the last of the chain its session goes, though it is named after the first.
  expect(await retention.forgetEntries(NOW, MOST)).toBe(1)
  expect(await named(first.id)).toEqual([])
})

test('nothing that is unfinished goes, nor what it goes on with, nor what ended lately', async () => {
  const { old, left, retention, store, named } = aWorld()
  const waiting = await left(aTask(OLD))
  const before = await old(aTask({ ...OLD, id: '42-n1', first: '42-n1', branch: 'agent/42-n1' }))
  const runs = aTask({ id: '42-n2', first: '42-n1', branch: 'agent/42-n1', continues: before.id, createdAt: NOW })
  await left(runs)
  const lately = await left(aTask({ ...OLD, id: '42-n3', first: '42-n3', branch: 'agent/42-n3' }))
  await store.update(lately, (newest) => ({ ...newest, ...OVER, endedAt: NOW - DAY }))
  const told = await left(aTask({ ...OLD, id: '42-n4', first: '42-n4', branch: 'agent/42-n4' }))
  await store.update(told, (newest) => ({ ...newest, ...OVER, cleaned: false }))
  const all = await named('42-n')
  expect(await retention.forgetEntries(LIMIT, MOST)).toBe(0)
  expect(await retention.forgetLogs(NOW + DAY, MOST)).toBe(2)
  for (const { id } of [waiting, before, runs, lately, told]) expect(await store.exists(id), id).toBe(true)
  expect(all.length - (await named('42-n')).length, 'two logs: key, kept, size and writer').toBeGreaterThanOrEqual(2)
})

test('answers, orders and remarks go when they are done and old', async () => {
  const { retention, store, named } = aWorld()
  const thread = { ...THREAD, note: 5, discussion: 'd5' }
  const by = aTask().asker
  const answer: Answer = {
    kind: 'answer',
    id: '42-n5',
    thread,
    to: by,
    saying: { say: 'help' },
    createdAt: LONG_AGO,
    done: true,
  }
  const order: Order = {
    kind: 'order',
    id: '42-n6',
    thread,
    by,
    target: '42-n1',
    what: { order: 'stop' },
    createdAt: LONG_AGO,
    done: true,
  }
  const remark: RemarkEntry = { kind: 'remark', id: '42-r7', thread, by, createdAt: LONG_AGO, seen: true, done: true }
  for (const entry of [answer, order, remark]) {
    await store.create({ ...entry, done: false })
    expect(await retention.forgetEntries(LIMIT, MOST), 'before it is done').toBe(0)
    await store.update(entry, () => entry)
    expect(await retention.forgetEntries(LIMIT, MOST)).toBe(1)
    expect(await named(entry.id)).toEqual([])
  }
  await store.create({ ...answer, createdAt: NOW })
  await store.update(answer, () => ({ ...answer, createdAt: NOW }))
  expect(await retention.forgetEntries(LIMIT, MOST)).toBe(0)
})

test('what no mark in GitLab tells of is not taken for new when it is told of again', async () => {
  const { store, retention } = aWorld()
  const marked = aTask({ ...OLD, reply: { note: 7 } })
  const silent = aTask({ ...OLD, id: '42-n9', first: '42-n9', branch: 'agent/42-n9', reply: { note: undefined } })
  for (const task of [marked, silent]) {
    await store.create(task)
    await store.update(task, (newest) => ({ ...newest, ...OVER, reply: task.reply }))
  }
  expect(await retention.forgetEntries(LIMIT, MOST)).toBe(2)
  expect([await store.exists(marked.id), await store.exists(silent.id)]).toEqual([false, true])
  expect(await store.get(silent.id)).toBeUndefined()
})

test('logs of what is over go alone, and sooner', async () => {
  const { old, left, retention, logbook, named, store, total } = aWorld()
  const task = await old(aTask(OLD))
  const runs = await left(aTask({ id: '42-n8', first: '42-n8', branch: 'agent/42-n8' }))
  const rest = (await named(task.id)).filter((name) => !name.includes(`log:${task.id}`))
  expect(await retention.forgetLogs(NOW - DAY, MOST), 'it was written just now').toBe(0)
  expect(await retention.forgetLogs(Date.now() + 1000, MOST)).toBe(1)
  expect(await logbook.size(task.id)).toBe(0)
  expect(await logbook.size(runs.id)).toBe(5)
  expect(await store.exists(task.id)).toBe(true)
  expect((await named(task.id)).length).toBeGreaterThanOrEqual(rest.length - 1)
  expect(await total(), 'one log, two sessions').toBe(25)
})

test('several may do it at once, and a round does only so much', async () => {
  const { prefix, store, over, retention } = aWorld()
  for (let n = 0; n < 60; n++) {
    const id = `42-n${n}`
    await store.create(aTask({ ...OLD, id, first: id, branch: `agent/${id}` }))
    if (n % 3 !== 0) await over(aTask({ id }))
  }
  const gone = await Promise.all([1, 2, 3].map(() => retention.forgetEntries(LIMIT, MOST)))
  expect(gone.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(40)
  expect(await redis.zcard(`${prefix}:tasks`)).toBe(20)
  const more = aWorld()
  for (let n = 0; n < 500; n++) {
    const id = `42-n${n}`
    await more.store.create(aTask({ ...OLD, id, first: id, branch: `agent/${id}` }))
    await more.over(aTask({ id }))
  }
  const first = await more.retention.forgetEntries(LIMIT, 100)
  expect(first).toBeGreaterThanOrEqual(100)
  expect(first).toBeLessThan(500)
})
