/** The watch against everything that ends, silences or confuses it: the runner sees what is true all the same. */

import { expect, test } from 'vitest'
import { aWorld, eventually, recorded } from './aWorld.ts'
import { ends, runs } from './standIn/scripts.ts'

const watches = (call: { watch: boolean }) => call.watch
const lists = (call: { method: string; path: string; watch: boolean }) =>
  call.method === 'GET' && !call.watch && /\/(jobs|pods)$/.test(call.path)

/** A run that is seen before the trouble, and whose end only a watch, or the sweep, can tell. */
async function aRun(pace = {}) {
  const world = await aWorld(runs, { pace })
  const task = recorded(1)
  await world.runner.launch(task)
  await world.until(task, 'running')
  await eventually(() => world.cluster.server.watches.now() === 2)
  const stopped = async () => {
    world.cluster.server.deleted('jobs', '42-n1-1')
    return world.until(task, 'absent')
  }
  return { ...world, task, stopped, server: world.cluster.server }
}

/** No sweep helps. */
const WATCH_ONLY = { sweep: 3_600_000 }

test('K4: 410 as an event: listed again', async () => {
  const { server, stopped } = await aRun(WATCH_ONLY)
  const before = server.calls.filter(lists).length
  server.watches.expire()
  await stopped()
  expect(server.calls.filter(lists).length).toBeGreaterThan(before)
})

test('K4: 410 as an answer: listed again', async () => {
  const { server, stopped } = await aRun(WATCH_ONLY)
  server.objects.compact()
  server.objects.create('events', { metadata: { name: 'something-else' } })
  server.objects.compact()
  server.watches.end()
  await eventually(() => server.watches.now() === 2)
  await stopped()
})

for (const status of [429, 500, 503, 401, 403, 404]) {
  test(`K5, K15: a watch that is answered with ${status}, for a while, begins again`, async () => {
    const { server, stopped } = await aRun(WATCH_ONLY)
    server.faults.add(watches, { do: 'answer', status }, 6)
    server.watches.end()
    await eventually(() => server.watches.now() === 0)
    await eventually(() => server.watches.now() === 2)
    await stopped()
  })
}

test('K5: the list itself fails, then the watch, then both work', async () => {
  const world = await aWorld(runs)
  const { server } = world.cluster
  server.faults.add(lists, { do: 'answer', status: 500 }, 9)
  server.faults.add(watches, { do: 'reset' }, 3)
  const task = recorded(1)
  await world.runner.launch(task)
  await world.until(task, 'running')
})

test('K5, K22: every connection is reset, ten times: nothing is missed, and nothing is asked for in a storm', async () => {
  const { server, stopped } = await aRun(WATCH_ONLY)
  const before = server.calls.length
  for (let times = 0; times < 10; times++) {
    server.resetAll()
    await eventually(() => server.watches.now() === 2)
  }
  await stopped()
  expect(server.calls.length - before).toBeLessThan(60)
})

test('K6: a watch that says nothing any more is cut after a while, and goes on where it was', async () => {
  const { server, stopped } = await aRun({ ...WATCH_ONLY, silence: 300 })
  server.watches.silence()
  const gone = stopped()
  await new Promise((soon) => setTimeout(soon, 100))
  server.watches.speak()
  await gone
})

test('K6: the sweep finds what a silent watch has missed', async () => {
  const { server, stopped } = await aRun({ silence: 3_600_000 })
  server.watches.silence()
  const gone = stopped()
  await eventually(() => server.objects.list('pods', '').length === 0)
  await gone
})

test('a sweep that finds nothing leaves the watches alone', async () => {
  const { server } = await aRun({ sweep: 30 })
  const before = server.calls.filter(watches).length
  const sweeps = server.calls.filter(lists).length
  await eventually(() => server.calls.filter(lists).length >= sweeps + 5)
  expect(server.calls.filter(watches)).toHaveLength(before)
})

test('bookmarks keep a quiet watch alive, and say where the next one begins', async () => {
  const { server, stopped } = await aRun({ ...WATCH_ONLY, silence: 400 })
  const before = server.calls.filter(watches).length
  for (let times = 0; times < 8; times++) {
    server.objects.create('events', { metadata: { name: `something-else-${times}` } })
    server.watches.bookmark()
    await new Promise((soon) => setTimeout(soon, 100))
  }
  expect(server.calls.filter(watches)).toHaveLength(before)
  server.objects.compact()
  const listed = server.calls.filter(lists).length
  server.watches.end()
  await eventually(() => server.watches.now() === 2)
  expect(server.calls.filter(lists)).toHaveLength(listed)
  await stopped()
})

test('a watch that brings nonsense begins again', async () => {
  const { server, stopped } = await aRun(WATCH_ONLY)
  server.watches.garble()
  await eventually(() => server.calls.filter(watches).length === 4)
  await stopped()
})

test('K3 of the issue: the API server is away: what is known stays, what would end a task is not believed, and then it is', async () => {
  const { server, runner, task, cluster, until } = await aRun()
  const back = await server.away()
  expect((await runner.see(task)).is).toBe('running')
  await expect(runner.see(recorded(2))).rejects.toMatchObject({ problem: 'later' })
  await eventually(() => runner.problem() !== undefined)
  await back()
  cluster.server.deleted('jobs', '42-n1-1')
  await until(task, 'absent')
  await eventually(() => runner.problem() === undefined)
})

test('K1: a black hole: the dead connection is left, a new one is made', async () => {
  const { server, stopped, task, runner } = await aRun()
  server.faults.add(() => true, { do: 'hang' }, 3)
  await runner.see({ ...task, id: '42-n2' })
  await stopped()
})

test('changes names the tasks whose Jobs and pods changed, each once until it is taken', async () => {
  const { runner } = await aWorld(ends(50))
  const stop = new AbortController()
  const named: string[] = []
  const following = (async () => {
    for await (const id of runner.changes(stop.signal)) named.push(id)
  })()
  await Promise.all([1, 2, 3].map((note) => runner.launch(recorded(note))))
  await eventually(() => new Set(named).size === 3 && named.length >= 9)
  stop.abort()
  await following
})

test('a follower that throws ends only itself: the watch goes on (K7)', async () => {
  const { runner, until } = await aWorld(ends(50))
  const broken = (async () => {
    for await (const id of runner.changes(new AbortController().signal)) throw new Error(`cannot take ${id}`)
  })()
  const task = recorded(1)
  const thrown = expect(broken).rejects.toThrow('cannot take 42-n1')
  await runner.launch(task)
  await thrown
  await until(task, 'ended')
})

test('a runner that is disposed of before the cluster ever answered ends at once', async () => {
  const world = await aWorld(runs)
  world.cluster.server.tokens.clear()
  const runner = world.another()
  await runner[Symbol.asyncDispose]()
})
