import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { Stream } from '../../src/http/sse.ts'
import { createWatchers, type Watcher } from '../../src/http/watchers.ts'
import { aTask } from '../tasks/aTask.ts'

function aWatcher(username: string, told: string[]): Watcher {
  const over = new AbortController()
  const stream: Stream = { over: over.signal, send: () => {}, room: async () => {}, close: () => over.abort() }
  return {
    caller: { person: { id: 1, username, name: username }, browser: true, mayWrite: true },
    stream,
    request: new IncomingMessage(new Socket()),
    changed: async (id, task, at) => void told.push(`${username}: ${id} ${task?.state} at ${at}`),
    may: async () => true,
  }
}

test('many changes of a task in one moment are told once, to those who watch it, and to nobody who has gone', async () => {
  const errors: unknown[] = []
  const watchers = createWatchers({
    task: async (id) => aTask({ id }),
    changedAt: async () => 7,
    failed: (error) => errors.push(error),
  })
  const told: string[] = []
  const [dora, rory, mara] = ['dora', 'rory', 'mara'].map((name) => aWatcher(name, told))
  if (!dora || !rory || !mara) throw new Error('three watch')
  watchers.watchAll(dora)
  watchers.watch('1-n1', rory)
  watchers.watch('1-n2', mara)
  for (let change = 0; change < 10; change++) watchers.changed('1-n1')
  await expect.poll(() => told.length).toBe(2)
  expect(told.sort()).toEqual(['dora: 1-n1 queued at 7', 'rory: 1-n1 queued at 7'])
  rory.stream.close()
  watchers.changed('1-n1')
  watchers.changed('1-n2')
  await expect.poll(() => told.length).toBe(5)
  expect(told.slice(2).sort()).toEqual(['dora: 1-n1 queued at 7', 'dora: 1-n2 queued at 7', 'mara: 1-n2 queued at 7'])
  expect(errors).toEqual([])
})

test('who is logged out, or may no longer, is told nothing more', async () => {
  const errors: unknown[] = []
  const watchers = createWatchers({
    task: async (id) => aTask({ id }),
    changedAt: async () => 7,
    failed: (error) => errors.push(error),
  })
  const [dora, rory, mara] = ['dora', 'rory', 'mara'].map((name) => aWatcher(name, []))
  if (!dora || !rory || !mara) throw new Error('three watch')
  watchers.watchAll(dora)
  watchers.watch('1-n1', rory)
  watchers.watch('1-n1', mara)
  watchers.endWho(async ({ caller: { person } }) => {
    if (person.username === 'mara') throw new Error('GitLab is away')
    return person.username === 'rory'
  })
  await expect.poll(() => rory.stream.over.aborted).toBe(true)
  expect([dora.stream.over.aborted, mara.stream.over.aborted]).toEqual([false, false])
  expect(errors).toHaveLength(1)
})
