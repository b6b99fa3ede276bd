import { connect } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Task } from '../../src/tasks/task.ts'
import { type ApiWorld, apiWorld, DEVELOPER, SHOP, VAULT, type Who } from './apiWorld.ts'
import { readEvents } from './eventReader.ts'

let world: ApiWorld
beforeAll(async () => {
  world = await apiWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

async function watch(
  path: string,
  { who = 'developer', headers = {} }: { who?: Who; headers?: Record<string, string> } = {},
) {
  const response = await world.send(who, 'GET', path, { headers })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const reader = readEvents(response)
  onTestFinished(() => reader.close())
  return reader
}

const update = (task: Task, changes: Partial<Task>) => world.store.update(task, (newest) => ({ ...newest, ...changes }))

test("a task's stream tells the task at once and on change, and its log from the byte that was asked for", async () => {
  const task = await world.plant()
  let raw = await world.write(task, 'one\ntwo\n')
  const [all, later, end] = [
    await watch(`/api/tasks/${task.id}/events`),
    await watch(`/api/tasks/${task.id}/events?from=4`),
    await watch(`/api/tasks/${task.id}/events?from=end`),
  ]
  await end.until('the first event', () => end.events.length > 0)
  expect(end.events[0]).toMatchObject({
    event: 'task',
    id: '8',
    data: { id: task.id, log: { size: 8, lines: 2, cut: false, gone: false } },
  })
  raw = await world.write(task, 'drei: ä€😀\n', raw)
  for (const [reader, text] of [
    [all, 'one\ntwo\ndrei: ä€😀\n'],
    [later, 'two\ndrei: ä€😀\n'],
    [end, 'drei: ä€😀\n'],
  ] as const) {
    await reader.until(text, () => reader.text() === text)
  }
  await update(task, { state: 'running', since: Date.now() })
  await all.until('the change', () => all.of('task').at(-1)?.data.status === 'running')
  expect(all.of('task').at(-1)?.id, 'it keeps the place in the log').toBeUndefined()
})

test('characters are never torn, wherever the writing and the reading are cut', async () => {
  const task = await world.plant()
  const text = 'aä€😀'.repeat(500)
  const bytes = Buffer.from(text)
  const reader = await watch(`/api/tasks/${task.id}/events`)
  for (let at = 0; at < bytes.length; at += 7) await world.write(task, bytes.subarray(at, at + 7), at)
  await reader.until('all of it', () => reader.text() === text)
  const inside = await watch(`/api/tasks/${task.id}/events?from=2`)
  await inside.until('the rest', () => inside.text() === text.slice(2))
})

test('who comes back with the last id goes on at that byte, also after a restart', async () => {
  const task = await world.plant()
  let raw = await world.write(task, 'before\n')
  const first = await watch(`/api/tasks/${task.id}/events?from=end`)
  await first.until('the place', () => first.events.length > 0)
  const id = first.lastId() ?? ''
  await world.restart()
  await first.until('its end', () => first.over)
  raw = await world.write(task, 'meanwhile\n', raw)
  const second = await watch(`/api/tasks/${task.id}/events?from=end`, { headers: { 'last-event-id': id } })
  await second.until('what was missed', () => second.text() === 'meanwhile\n')
  await world.write(task, 'after\n', raw)
  await second.until('what is new', () => second.text() === 'meanwhile\nafter\n')
  const beyond = await watch(`/api/tasks/${task.id}/events?from=999999`)
  await beyond.until('the end of what there is', () => beyond.events[0]?.id === '23')
})

test('a log of 3 MB comes whole, while it goes on', async () => {
  const task = await world.plant()
  const line = `${'x'.repeat(99)}\n`
  let raw = 0
  for (let part = 0; part < 24; part++) raw = await world.write(task, line.repeat(1311), raw)
  const reader = await watch(`/api/tasks/${task.id}/events`)
  for (let part = 0; part < 20; part++) raw = await world.write(task, `new ${part}\n`, raw)
  await reader.until('all of it', () => reader.of('log').at(-1)?.data.to === raw)
  expect(reader.text().length).toBe(raw)
})

test('who does not read is cut off, and others go on', async () => {
  const task = await world.plant()
  const good = await watch(`/api/tasks/${task.id}/events?from=end`)
  const { hostname, port } = new URL(world.config.url)
  const slow = connect(Number(port), hostname)
  onTestFinished(() => void slow.destroy())
  const closed = new Promise<void>((resolve) => slow.once('close', () => resolve()))
  slow.on('error', () => {})
  slow.write(
    `GET /api/tasks/${task.id}/events?from=end HTTP/1.1\r\nHost: ${hostname}:${port}\r\nPRIVATE-TOKEN: glpat-demo-developer\r\n\r\n`,
  )
  await new Promise((resolve) => slow.once('data', resolve))
  slow.pause()
  await good.until('the place', () => good.events.length > 0)
  const piece = 'y'.repeat(256 * 1024)
  let raw = 0
  for (let part = 0; part < 60; part++) {
    raw = await world.write(task, piece, raw)
    await good.until('the piece', () => good.of('log').at(-1)?.data.to === raw)
  }
  slow.resume()
  await closed
  expect(good.over).toBe(false)
})

test('the list tells what is new, what changed, and what is no longer asked for', async () => {
  const all = await watch('/api/tasks/events?text=violet&status=queued&status=running')
  const stranger = await watch('/api/tasks/events', { who: 'outsider' })
  await all.until('the place', () => all.events[0]?.event === 'here')
  const task = await world.plant({ prompt: 'paint it violet' })
  await world.plant({ prompt: 'paint it red' })
  await all.until('the new one', () => all.of('task').length === 1)
  expect(all.of('task')[0]).toMatchObject({
    id: expect.stringMatching(/^\d+$/),
    data: { id: task.id, status: 'queued' },
  })
  await update(task, { state: 'running' })
  await all.until('its change', () => all.of('task').at(-1)?.data.status === 'running')
  await update(task, { state: 'finishing' })
  await all.until('its end', () => all.of('gone').some(({ data }) => data.id === task.id))
  const secret = { projectId: VAULT, on: 'issue', iid: 1, internal: false } as const
  const hidden = await world.plant({ thread: secret, repository: 'demo/vault', prompt: 'violet, in secret' })
  const seen = await world.plant({ prompt: 'the last' })
  await stranger.until('what everybody sees', () => stranger.events.some(({ data }) => data.id === seen.id))
  expect(JSON.stringify([stranger.events, all.events])).not.toContain(hidden.id)
})

test('the list tells who comes back what they missed; where that is too much, to begin anew', async () => {
  const reader = await watch('/api/tasks/events')
  await reader.until('the place', () => reader.events.length > 0)
  const id = reader.lastId() ?? ''
  await reader.close()
  const task = await world.plant({ prompt: 'missed' })
  const back = await watch('/api/tasks/events', { headers: { 'last-event-id': id } })
  await back.until('what was missed', () => back.of('task').some(({ data }) => data.id === task.id))
  const now = Number(id) + 60_000
  const flood = Array.from({ length: 501 }, (_, n) => [now + n, `1-n${900_000 + n}`]).flat()
  await world.redis.zadd('{errand}:changed', ...flood)
  const late = await watch('/api/tasks/events', { headers: { 'last-event-id': id } })
  await late.until('the reset', () => late.events[0]?.event === 'reset')
  await world.redis.zremrangebyscore('{errand}:changed', now, '+inf')
})

test('after Redis was away, who watches misses nothing', async () => {
  const task = await world.plant()
  const reader = await watch(`/api/tasks/${task.id}/events`)
  await reader.until('the first', () => reader.events.length > 0)
  await world.redis.client('KILL', 'TYPE', 'PUBSUB')
  await world.write(task, 'said into the gap\n')
  await update(task, { state: 'running' })
  await reader.until('the line', () => reader.text() === 'said into the gap\n')
  await reader.until('the change', () => reader.of('task').at(-1)?.data.status === 'running')
})

test('who may not read the log still sees how it goes', async () => {
  const thread = { projectId: SHOP, on: 'issue', iid: 1, internal: true } as const
  const task = await world.plant({ thread, prompt: 'quiet' })
  await world.write(task, 'quiet line\n')
  const reader = await watch(`/api/tasks/${task.id}/events`, { who: 'outsider' })
  await update(task, { state: 'running', asker: DEVELOPER })
  await reader.until('the change', () => reader.of('task').at(-1)?.data.status === 'running')
  expect(JSON.stringify(reader.events)).not.toContain('quiet')
  expect(reader.of('log')).toEqual([])
})
