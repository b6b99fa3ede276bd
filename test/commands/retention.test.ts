import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { forgetOld } from '../../src/commands/retention.ts'
import { createLogger } from '../../src/log.ts'
import { createAudit } from '../../src/redis/audit.ts'
import { PREFIX } from '../../src/redis/connection.ts'
import { createStore } from '../../src/redis/store.ts'
import { Settings } from '../../src/settings.ts'
import type { Answer } from '../../src/tasks/entry.ts'
import type { Task } from '../../src/tasks/task.ts'
import { aTask, THREAD } from '../tasks/aTask.ts'

const NOW = Date.now()
const DAY = 24 * 3600 * 1000
/** No other test writes below Errand's own prefix in this part of Redis. */
const DATABASE = 11

const OVER: Partial<Task> = {
  state: 'succeeded',
  end: { is: 'succeeded', outcome: { result: 'unchanged', warnings: [] } },
  cleaned: true,
  reply: { note: 2 },
  status: { note: 1, state: 'succeeded', shows: {}, at: 1, edits: 0 },
}

async function aWorld() {
  const redis = new Redis(inject('redisUrl'), { db: DATABASE })
  await redis.flushdb()
  onTestFinished(() => redis.disconnect())
  const store = createStore(redis, PREFIX)
  const logged: { level: number; event: string; msg: string }[] = []
  const log = createLogger('info', { write: (line: string) => logged.push(JSON.parse(line)) })
  const { keep } = Settings.parse({ keep: { mostTasks: 100, mostAnswers: 100, mostAudit: 1000 } })
  return {
    store,
    logged,
    audit: createAudit(redis, PREFIX, 400),
    count: (list: string) => redis.zcard(`${PREFIX}:${list}`),
    async over(n: number, endedAt: number): Promise<void> {
      const id = `42-n${n}`
      await store.create(aTask({ id, first: id, branch: `agent/${id}`, createdAt: endedAt }))
      await store.update(aTask({ id }), (newest) => ({ ...newest, ...OVER, endedAt }))
    },
    async refused(n: number): Promise<void> {
      const [id, to] = [`42-n${n}`, aTask().asker]
      const saying = { say: 'refused-again', why: { why: 'not-a-member', needs: 30 } } as const
      const answer: Answer = { kind: 'answer', id, thread: THREAD, to, saying, createdAt: NOW, done: false }
      await store.create(answer)
      await store.update(answer, () => ({ ...answer, done: true }))
    },
    /** One round, as `work` begins with. */
    async round(): Promise<void> {
      await using _ = forgetOld(redis, { keep }, log)
      await vi.waitFor(() => expect(logged).not.toEqual([]), { timeout: 10_000, interval: 20 })
    },
  }
}

test('what goes by its number is a warning that names the settings', async () => {
  const { over, refused, audit, count, round, logged } = await aWorld()
  for (let n = 0; n < 105; n++) await over(n, NOW - 1000 + n)
  for (let n = 200; n < 307; n++) await refused(n)
  for (let n = 0; n < 1200; n++) await audit.record({ deed: 'asked', task: `42-n${n}` })
  await round()
  expect([await count('tasks'), await count('again')]).toEqual([100, 100])
  const records = 1200 - (await Array.fromAsync(audit.read(0))).length
  expect(records).toBeGreaterThanOrEqual(100)
  expect(logged).toEqual([
    {
      level: 40,
      time: expect.any(String),
      event: 'too-many',
      tasks: 5,
      answers: 7,
      records,
      msg: `gone before their time, as there are more than are kept: 5 tasks (keep.mostTasks), 7 answers (keep.mostAnswers), ${records} records of the audit trail (keep.mostAudit)`,
    },
  ])
})

test('what goes by its age is none', async () => {
  const { over, count, round, logged } = await aWorld()
  for (let n = 0; n < 105; n++) await over(n, NOW - (n < 20 ? 100 : 1) * DAY)
  await round()
  expect(await count('tasks')).toBe(85)
  expect(logged).toMatchObject([{ level: 30, event: 'forgotten', entries: 20 }])
})
