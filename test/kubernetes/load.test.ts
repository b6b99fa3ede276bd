/** Many runs at once: how much is asked of the API server, and over how many connections. */

import { expect, onTestFinished, test } from 'vitest'
import { PACE } from '../../src/kubernetes/pace.ts'
import { aWorld, eventually, recorded } from './aWorld.ts'
import { ends, runs } from './standIn/scripts.ts'

test('200 runs at once, looked at whenever they change and in sweeps: all end, with few calls, 2 watches, 4 connections', async () => {
  // What a busy machine makes late is not what this is about: the limits of time are as in production.
  const { call, settle, silence } = PACE
  const { runner, cluster } = await aWorld(ends(700), { pace: { sweep: 300, call, settle, silence } })
  const { server } = cluster
  const tasks = new Map(Array.from({ length: 200 }, (_, index) => recorded(index + 1)).map((task) => [task.id, task]))
  const ended = new Set<string>()
  const gone = new Set<string>()
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const look = async (id: string): Promise<void> => {
    const task = tasks.get(id)
    if (task === undefined) return
    const run = await runner.see(task)
    if (run.is === 'ended') {
      expect(run.exit).toBe(0)
      ended.add(id)
      await runner.stop(task)
    }
    if (run.is === 'absent' && ended.has(id)) gone.add(id)
  }
  const woken = (async () => {
    for await (const id of runner.changes(stop.signal)) await look(id)
  })()
  await Promise.all(
    [...tasks.values()].map(async (task) => {
      await runner.see(task)
      await runner.launch(task)
    }),
  )
  // Looks that nothing asked for, as the sweep of all unfinished tasks makes them.
  const sweeping = (async () => {
    while (!stop.signal.aborted) {
      for (const id of tasks.keys()) if (!gone.has(id)) await look(id)
      await new Promise((soon) => setTimeout(soon, 100))
    }
  })()
  await eventually(() => gone.size === 200)
  stop.abort()
  await Promise.all([woken, sweeping])
  expect(server.watches.most()).toBe(2)
  expect(server.connections.most).toBeLessThanOrEqual(4)
  expect(server.calls.length / 200).toBeLessThan(25)
  for (const kind of ['jobs', 'pods', 'secrets'] as const) expect(server.objects.list(kind, '')).toEqual([])
})

test('however long it runs, a run that goes on costs nothing: only sweeps and watches ask', async () => {
  const { runner, cluster, until } = await aWorld(runs, { pace: { sweep: 3_600_000 } })
  const task = recorded(1)
  await runner.launch(task)
  await until(task, 'running')
  const before = cluster.server.calls.length
  for (let looks = 0; looks < 500; looks++) await runner.see(task)
  expect(cluster.server.calls.length).toBe(before)
})

test('a run that waits for hours costs a few calls', async () => {
  const { runner, cluster } = await aWorld(runs, { pace: { sweep: 3_600_000, podless: 1 } })
  cluster.quota = 0
  const task = recorded(1)
  await runner.launch(task)
  const before = cluster.server.calls.length
  const until = Date.now() + 2000
  while (Date.now() < until) {
    expect((await runner.see(task)).is).toBe('waiting')
    await new Promise((soon) => setTimeout(soon, 5))
  }
  expect(cluster.server.calls.length - before).toBeLessThan(10)
})
