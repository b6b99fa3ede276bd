import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { createCanary } from '../../src/redis/canary.ts'
import { connectRedis } from '../../src/redis/connection.ts'
import { createQueues, QUEUES, type QueueName, startWorkers } from '../../src/redis/queue.ts'

const redis = connectRedis(inject('redisUrl'), 'patient', () => {})
afterAll(() => redis.disconnect())
let prefixes = 0
const newPrefix = () => `{canary-${process.pid}-${prefixes++}}`

/** A process that works, as far as a canary knows it, with a clock of its own. */
function newProcess(prefix: string) {
  const queues = createQueues(redis, prefix)
  const seen: unknown[] = []
  const workers = startWorkers(redis, prefix, {
    receive: async (delivery) => void seen.push(delivery),
    look: async (id) => void seen.push(id),
    failed: (_, error) => seen.push(error),
  })
  onTestFinished(async () => {
    await workers.close()
    await queues.close()
  })
  return { queues, workers, seen }
}

async function until(what: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !what(); ) {
    if (Date.now() > end) throw new Error('waited too long')
    await new Promise((done) => setTimeout(done, 10))
  }
}

test('the queues bring it round, nobody else sees it, and nothing of it is left', async () => {
  const { queues, workers, seen } = newProcess(newPrefix())
  const began = Object.fromEntries(QUEUES.map((queue) => [queue, workers.doneAt(queue)]))
  await new Promise((done) => setTimeout(done, 5))
  let late = 10_000
  const canary = createCanary({ redis, put: queues.canary, doneAt: workers.doneAt, now: () => Date.now() + late })
  await canary.beat()
  await until(() => QUEUES.every((queue) => workers.doneAt(queue) > (began[queue] ?? 0)))
  late = 59_000
  expect(canary.problem()).toBeUndefined()
  for (const queue of QUEUES) {
    const { waiting, later, parked } = await queues.size(queue)
    expect({ waiting, later, parked }).toEqual({ waiting: 0, later: 0, parked: 0 })
  }
  expect(seen).toEqual([])
})

test('two processes each get their own', async () => {
  const prefix = newPrefix()
  const both = [newProcess(prefix), newProcess(prefix)]
  await Promise.all(both.map(({ queues }) => queues.size('tasks')))
  const began = both.map(({ workers }) => workers.doneAt('tasks'))
  await new Promise((done) => setTimeout(done, 5))
  await until(() => {
    for (const [n, { queues, workers }] of both.entries())
      if (workers.doneAt('tasks') <= (began[n] ?? 0)) void queues.canary('tasks')
    return both.every(({ workers }, n) => workers.doneAt('tasks') > (began[n] ?? 0))
  })
})

test('no job for a minute though Redis answers: said by the queue’s name', async () => {
  let now = 0
  const put: QueueName[] = []
  const canary = createCanary({
    redis,
    put: async (queue) => void put.push(queue),
    doneAt: (queue) => (queue === 'tasks' ? 0 : now),
    now: () => now,
  })
  now = 9000
  await canary.beat()
  expect(put).toEqual([])
  now = 60_000
  await canary.beat()
  expect(put).toEqual(['tasks'])
  expect(canary.problem()).toBeUndefined()
  now = 61_000
  expect(canary.problem()).toBe('no job of the queue tasks was done for 61 s, though Redis answers')
})

test('while Redis is away nothing is wrong with this process, nor for a minute after', async () => {
  const away = new Redis({
    port: 1,
    host: '127.0.0.1',
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
  })
  away.on('error', () => {})
  let now = 0
  const canary = createCanary({ redis: away, put: async () => {}, doneAt: () => 0, now: () => now })
  now = 300_000
  await canary.beat()
  expect(canary.problem()).toBeUndefined()
  now += 60_000
  expect(canary.problem()).toBeUndefined()
  now += 1
  expect(canary.problem()).toMatch(/^no job of the queue deliveries/)
})

test('slow jobs are a sign of life, as long as no job can take; then they are none', async () => {
  const prefix = newPrefix()
  const queues = createQueues(redis, prefix)
  const slow = Promise.withResolvers<void>()
  let begun = 0
  const workers = startWorkers(redis, prefix, {
    receive: () => {
      begun++
      return slow.promise
    },
    look: async () => {},
    failed: () => {},
  })
  onTestFinished(async () => {
    slow.resolve()
    await workers.close()
    await queues.close()
  })
  for (let n = 0; n < 25; n++) await queues.deliver(`slow-${n}`, { kind: 'pipeline', projectId: 1, pipelineId: n })
  await until(() => begun === 20)
  expect(Date.now() - workers.doneAt('deliveries'), 'every place is taken, and nothing is done').toBeLessThan(1000)
  const doneAt = (queue: QueueName) => (queue === 'tasks' ? Date.now() : workers.doneAt(queue))
  const canary = createCanary({ redis, put: queues.canary, doneAt, now: () => Date.now() })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 + 50_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect(canary.problem(), 'the first ten minutes of a job count').toBeUndefined()
  vi.setSystemTime(Date.now() + 20_000)
  expect(canary.problem()).toMatch(/^no job of the queue deliveries was done for \d\d s/)
})

test('25 deliveries that take longer than is quiet, 20 at a time: the canary behind them is late, and all is well', async () => {
  const prefix = newPrefix()
  const queues = createQueues(redis, prefix)
  // A second here is a minute.
  let done = 0
  const workers = startWorkers(redis, prefix, {
    receive: async () => {
      await new Promise((end) => setTimeout(end, 2117))
      done++
    },
    look: async () => {},
    failed: () => {},
  })
  onTestFinished(async () => {
    await workers.close()
    await queues.close()
  })
  const began = Date.now()
  const minutes = () => began + (Date.now() - began) * 60
  const doneAt = (queue: QueueName) => began + (workers.doneAt(queue) - began) * 60
  const canary = createCanary({ redis, put: queues.canary, doneAt, now: minutes })
  for (let n = 0; n < 25; n++) await queues.deliver(`slow-${n}`, { kind: 'pipeline', projectId: 1, pipelineId: n })
  const problems = new Set<string>()
  await until(() => {
    void canary.beat()
    problems.add(canary.problem() ?? '')
    return done === 25
  })
  expect([...problems]).toEqual([''])
})

test('the oldest job is one that is tried again, though others wait', async () => {
  const prefix = newPrefix()
  const queues = createQueues(redis, prefix)
  const queue = new Queue('deliveries', { connection: redis, prefix })
  onTestFinished(async () => {
    await queue.close()
    await queues.close()
  })
  const now = Date.now()
  for (const [delay, age] of [
    [60_000, 500],
    [5000, 100],
    [0, 7],
  ] as const)
    await queue.add('delivery', {}, { delay, timestamp: now - age * 1000 })
  const { oldest, waiting, later } = await queues.size('deliveries')
  expect([Math.floor(oldest / 10), waiting, later]).toEqual([50, 1, 2])
  expect((await queues.size('tasks')).oldest).toBe(0)
})
