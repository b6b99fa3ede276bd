/** 200 tasks of ten projects at once, through the whole program, on a stand-in of a cluster. */

import { expect, test } from 'vitest'
import type { Entry } from '../../src/tasks/entry.ts'
import { isFinished } from '../../src/tasks/entry.ts'
import type { Task } from '../../src/tasks/task.ts'
import { aTask } from '../tasks/aTask.ts'
import { startClusterWorld } from './clusterWorld.ts'

const LIMITS = { all: 20, project: 5, person: 200 }

/** 198 of nine projects, and then two of a tenth. */
function crowd(): readonly Task[] {
  const now = Date.now()
  return Array.from({ length: 200 }, (_, n) => {
    const project = n < 198 ? 101 + (n % 9) : 110
    const id = `${project}-n${n + 1}`
    const thread = { ...aTask().thread, projectId: project, note: n + 1 }
    return aTask({
      // Their issues are not in the sandbox: that they are still wanted was asked before.
      checkedAt: Date.now() + 3_600_000,
      id,
      thread,
      branch: `agent/${id}`,
      createdAt: now + n,
      since: now,
      reacted: false,
    })
  })
}

test('the limits hold at every instant, nobody starves, all end; few calls, 2 watches, 4 connections', async () => {
  const running = new Map<string, number>()
  const most = { all: 0, project: 0 }
  const watched = (project: string, change: 1 | -1): void => {
    running.set(project, (running.get(project) ?? 0) + change)
    most.all = Math.max(
      most.all,
      [...running.values()].reduce((sum, count) => sum + count, 0),
    )
    most.project = Math.max(most.project, running.get(project) ?? 0)
  }
  await using started = await startClusterWorld({ works: 200, config: { running: LIMITS }, watched })
  const { world, cluster } = started
  {
    const tasks = crowd()
    for (const task of tasks) await world.store.create(task)
    const read = async (): Promise<readonly (Entry | undefined)[]> =>
      Promise.all(tasks.map(({ id }) => world.store.get(id)))
    const ended = await world.until(
      'all to end',
      async () => {
        const entries = await read()
        return entries.every((entry) => entry !== undefined && isFinished(entry)) ? entries : undefined
      },
      120_000,
    )
    const all = ended.flatMap((entry) => (entry?.kind === 'task' ? [entry] : []))
    expect(all.map(({ state, attempt }) => `${state} ${attempt}`)).toEqual(Array(200).fill('succeeded 1'))
    expect(most.all).toBeLessThanOrEqual(LIMITS.all)
    expect(most.project).toBeLessThanOrEqual(LIMITS.project)
    expect(most.all, 'the places are used').toBeGreaterThan(LIMITS.all / 2)
    // The two that came last did not wait for the flood before them.
    const order = [...all].sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0)).map(({ thread }) => thread.projectId)
    expect(order.lastIndexOf(110)).toBeLessThan(100)
  }
  const { server } = cluster
  expect(server.calls.length / 200).toBeLessThanOrEqual(25)
  expect(server.watches.most()).toBeLessThanOrEqual(2)
  expect(server.connections.most).toBeLessThanOrEqual(4)
}, 180_000)
