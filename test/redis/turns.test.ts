import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createTurns, type Limits } from '../../src/redis/turns.ts'
import type { Task } from '../../src/tasks/task.ts'
import { aTask, T0 } from '../tasks/aTask.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())
let lines = 0
const aLine = (limits: Limits) => createTurns(redis, `{turns-${process.pid}-${lines++}}`, limits)

/** Task `n` of a project and a person, asked in the order of the numbers. */
function asked(n: number, project: number, person = n): Task {
  return aTask({
    id: `${project}-n${n}`,
    createdAt: T0 + n,
    thread: { ...aTask().thread, projectId: project, note: n },
    asker: { id: person, username: `p${person}`, name: 'P' },
  })
}

test("there is room: it is anybody's turn, and whoever took it has it", async () => {
  const line = aLine({ all: 2, project: 2, person: 2 })
  const task = asked(1, 1)
  expect(await line.turn(task)).toEqual({ place: 0, limit: 'all' })
  expect([await line.take(task), await line.take(task)]).toEqual([true, true])
})

test('each limit holds, and tells the place in its own line', async () => {
  const line = aLine({ all: 3, project: 2, person: 2 })
  for (const task of [asked(1, 1, 1), asked(2, 1, 1)]) expect(await line.take(task)).toBe(true)
  expect(await line.turn(asked(3, 1, 2))).toEqual({ place: 1, limit: 'project' })
  expect(await line.turn(asked(4, 1, 3))).toEqual({ place: 2, limit: 'project' })
  expect(await line.turn(asked(5, 2, 1))).toEqual({ place: 1, limit: 'person' })
  expect(await line.take(asked(6, 2, 6))).toBe(true)
  expect(await line.turn(asked(7, 3, 7))).toEqual({ place: 1, limit: 'all' })
  expect(await line.turn(asked(8, 3, 8))).toEqual({ place: 2, limit: 'all' })
})

test("a project's flood does not hold up another project's single task", async () => {
  const line = aLine({ all: 2, project: 2, person: 99 })
  for (let n = 1; n <= 20; n++) await line.turn(asked(n, 1))
  expect([await line.take(asked(1, 1)), await line.take(asked(2, 1))]).toEqual([true, true])
  expect(await line.turn(asked(50, 2))).toEqual({ place: 1, limit: 'all' })
  await line.leave(asked(1, 1))
  expect(await line.take(asked(3, 1)), 'older, but its project has one running').toBe(false)
  expect(await line.take(asked(50, 2))).toBe(true)
})

test('whoever leaves, waiting or running, makes room, and names who may have a chance', async () => {
  const line = aLine({ all: 1, project: 1, person: 1 })
  await line.take(asked(1, 1))
  for (const n of [2, 3]) await line.turn(asked(n, n))
  expect(await line.leave(asked(1, 1))).toEqual(['2-n2'])
  expect(await line.leave(asked(2, 2))).toEqual(['3-n3'])
  expect(await line.take(asked(3, 3))).toBe(true)
})

test('who only looks on sees the same, and brings nobody into the line', async () => {
  const line = aLine({ all: 1, project: 1, person: 1 })
  await line.take(asked(1, 1))
  expect(await line.look(asked(2, 2))).toEqual({ place: 0, limit: 'all' })
  expect(await line.turn(asked(3, 3))).toEqual({ place: 1, limit: 'all' })
  expect(await line.look(asked(3, 3))).toEqual({ place: 1, limit: 'all' })
  expect(await line.leave(asked(1, 1)), 'the second was never in it').toEqual(['3-n3'])
})

test('thousands may wait', async () => {
  const line = aLine({ all: 1, project: 1, person: 1 })
  await line.take(asked(0, 1))
  for (let from = 1; from < 3000; from += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, n) => line.turn(asked(from + n, 2 + (n % 7)))))
  }
  expect((await line.turn(asked(9999, 2))).limit).toBe('all')
})

test('whatever comes and goes, at once: no limit is ever broken, and a free place that somebody may have is taken', async () => {
  const limits: Limits = { all: 4, project: 2, person: 2 }
  const moves = fc.array(fc.record({ n: fc.integer({ min: 1, max: 25 }), leaves: fc.boolean() }), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(moves, async (history) => {
      const line = aLine(limits)
      const running = new Map<string, Task>()
      const waiting = new Map<string, Task>()
      const many = (by: (task: Task) => number, task: Task) =>
        [...running.values()].filter((other) => by(other) === by(task)).length
      for (const { n, leaves } of history) {
        const task = asked(n, n % 5, n % 7)
        if (leaves) {
          await line.leave(task)
          running.delete(task.id)
          waiting.delete(task.id)
        } else if (!running.has(task.id)) waiting.set(task.id, task)
        const all = [...waiting.values()]
        const took = await Promise.all(all.map((one) => line.take(one)))
        for (const [index, one] of all.entries()) {
          if (took[index] !== true) continue
          waiting.delete(one.id)
          running.set(one.id, one)
        }
        expect(running.size).toBeLessThanOrEqual(limits.all)
        for (const one of running.values()) {
          expect(many(({ thread }) => thread.projectId, one)).toBeLessThanOrEqual(limits.project)
          expect(many(({ asker }) => asker.id, one)).toBeLessThanOrEqual(limits.person)
        }
      }
      // Left alone, those who may go, go.
      for (let rounds = 0; rounds < 4; rounds++) {
        for (const one of [...waiting.values()]) {
          if (!(await line.take(one))) continue
          waiting.delete(one.id)
          running.set(one.id, one)
        }
      }
      const free = running.size < limits.all
      for (const one of waiting.values()) {
        const capped =
          many(({ thread }) => thread.projectId, one) >= limits.project ||
          many(({ asker }) => asker.id, one) >= limits.person
        expect(free && !capped, `${one.id} waits for nothing`).toBe(false)
      }
    }),
    { numRuns: 60 },
  )
})
