/** BullMQ: `deliveries` brings what GitLab told us, `tasks` says "look at this one again". Neither holds state. */

import { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Delivery } from '../tasks/delivery.ts'
import type { TaskId } from '../tasks/taskId.ts'

/** A delivery that cannot be received (GitLab away, token expired) is tried for a day, then parked in the failed set. */
const DAY = 24 * 3600 * 1000
const SLOWEST_TRY = 60_000
const TRIES = DAY / SLOWEST_TRY

/** A look is deduplicated by its task: one runs, at most one waits behind it, and a wake-up during a look is never lost. */
const LOOK = 'look'

export type Queues = ReturnType<typeof createQueues>

export function createQueues(connection: Redis, prefix: string) {
  const options = { connection, prefix }
  const deliveries = new Queue<Delivery>('deliveries', {
    ...options,
    defaultJobOptions: {
      attempts: TRIES,
      backoff: { type: 'custom' },
      removeOnComplete: true,
      removeOnFail: { age: (30 * DAY) / 1000 },
    },
  })
  const tasks = new Queue<{ id: TaskId }>('tasks', {
    ...options,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  })
  // The connection reports its own errors; without a listener BullMQ's copy would end the process.
  deliveries.on('error', () => {})
  tasks.on('error', () => {})
  return {
    /** One round trip. The same id waits once; delivered again later, it finds its record. */
    async deliver(id: string, delivery: Delivery): Promise<void> {
      await deliveries.add('delivery', delivery, { deduplication: { id } })
    },
    async wake(id: TaskId): Promise<void> {
      await tasks.add(LOOK, { id }, { deduplication: { id, keepLastIfActive: true } })
    },
    async close(): Promise<void> {
      await Promise.all([deliveries.close(), tasks.close()])
    },
  }
}

export type WorkerNeeds = {
  receive(delivery: Delivery): Promise<void>
  look(id: TaskId): Promise<void>
  failed(what: string, error: Error): void
}

/** Recovery from a killed worker takes about twice these; BullMQ's own 30 s were measured as 59 to 78 s. */
const LOCK = { lockDuration: 10_000, stalledInterval: 10_000 }

export function startWorkers(connection: Redis, prefix: string, needs: WorkerNeeds) {
  const options = { connection, prefix, ...LOCK }
  const deliveries = new Worker<Delivery>('deliveries', async ({ data }) => needs.receive(data), {
    ...options,
    concurrency: 20,
    // A delivery that takes its worker down with it is parked after some.
    maxStalledCount: 10,
    settings: { backoffStrategy: (tries) => Math.min(1000 * 2 ** Math.min(tries - 1, 6), SLOWEST_TRY) },
  })
  const tasks = new Worker<{ id: TaskId }>('tasks', async ({ data }) => needs.look(data.id), {
    ...options,
    concurrency: 50,
    maxStalledCount: 1_000_000,
  })
  for (const worker of [deliveries, tasks]) {
    worker.on('failed', (job, error) => needs.failed(`${worker.name} ${JSON.stringify(job?.data ?? '')}`, error))
    worker.on('error', (error) => needs.failed(worker.name, error))
  }
  return {
    async close(): Promise<void> {
      await Promise.all([deliveries.close(), tasks.close()])
    },
  }
}
