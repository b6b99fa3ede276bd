/** What can happen to a cluster and to us while a Job runs: the task ends once, in the right words. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { World } from '../conversations/world.ts'
import { startClusterWorld } from './clusterWorld.ts'

async function started(world: World): Promise<string> {
  const task = await world.say('developer', '/agent add a health check')
  await world.until('the Job to run', async () => ((await world.status(task))?.includes('Working') ? true : undefined))
  return task
}

async function expectOneAnswer(world: World, task: string, attempt: number): Promise<void> {
  expect(await world.answer(task)).toContain('Nothing to do.')
  await world.over(task)
  expect(await world.store.get(task)).toMatchObject({ state: 'succeeded', attempt })
  const { notes } = await world.thread(task)
  expect(notes.filter(({ body }) => body.includes(' reply -->'))).toHaveLength(1)
}

test('the API server is away: the run goes on, and so does the task when it is back', async () => {
  await using all = await startClusterWorld({
    works: 3000,
    mayFail: /kubernetes|later|cluster|ECONN|GET |LIST|no answer/i,
  })
  const task = await started(all.world)
  const back = await all.cluster.server.away()
  await sleep(6000)
  await back()
  await expectOneAnswer(all.world, task, 1)
})

test('the worker is away while the Job ends', async () => {
  await using all = await startClusterWorld({ works: 1500 })
  const task = await started(all.world)
  await all.world.restart()
  await expectOneAnswer(all.world, task, 1)
})

test('the Job is deleted by hand: it is begun again', async () => {
  await using all = await startClusterWorld({ works: 2500 })
  const task = await started(all.world)
  const { objects } = all.cluster.server
  for (const kind of ['jobs', 'pods'] as const) {
    for (const { metadata } of objects.list(kind, '')) objects.remove(kind, metadata.name)
  }
  await expectOneAnswer(all.world, task, 2)
})

test('Redis is emptied while ten Jobs run: all ten are adopted, and answered once', async () => {
  await using all = await startClusterWorld({
    works: 4000,
    config: { running: { project: 10, person: 10 } },
    mayFail: /(Missing key|Missing lock|Lock mismatch) for job/,
  })
  const tasks: string[] = []
  for (let n = 1; n <= 10; n++) tasks.push(await all.world.say('developer', `/agent number ${n}`))
  await all.world.until('ten pods', async () =>
    all.cluster.server.objects.list('pods', '').length === 10 ? true : undefined,
  )
  await all.world.flush()
  for (const task of tasks) await expectOneAnswer(all.world, task, 1)
})
