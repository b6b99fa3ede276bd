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

/** A job that does nothing, so that it is known that jobs are done (canary.ts). */
const CANARY = 'canary'

export const QUEUES = ['deliveries', 'tasks'] as const
export type QueueName = (typeof QUEUES)[number]

/** Seconds that the oldest job waits, and how many wait, are tried again later, and were given up. */
export type QueueSize = {
  readonly oldest: number
  readonly waiting: number
  readonly later: number
  readonly parked: number
}

/** A delivery that is tried no more: why, and since when (milliseconds since 1970). */
export type GivenUp = { readonly delivery: Delivery; readonly why: string; readonly at: number }

export type Queues = ReturnType<typeof createQueues>

/** `trace`: what it goes on with. */
type Carried = Delivery & { readonly trace?: string }

export function createQueues(connection: Redis, prefix: string) {
  const options = { connection, prefix }
  const deliveries = new Queue<Carried>('deliveries', {
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
    async deliver(id: string, delivery: Delivery, trace?: string): Promise<void> {
      const carried = trace === undefined ? delivery : { ...delivery, trace }
      await deliveries.add('delivery', carried, { deduplication: { id } })
    },
    async wake(id: TaskId): Promise<void> {
      await tasks.add(LOOK, { id }, { deduplication: { id, keepLastIfActive: true } })
    },
    async canary(queue: QueueName): Promise<void> {
      // Tried again and again it would outlive the outage that it tells of.
      const options = { attempts: 1, removeOnFail: true }
      if (queue === 'tasks') await tasks.add(CANARY, { id: CANARY }, options)
      else await deliveries.add(CANARY, NOTHING, options)
    },
    async size(name: QueueName): Promise<QueueSize> {
      const queue = name === 'tasks' ? tasks : deliveries
      const [counts, first, later] = await Promise.all([
        queue.getJobCounts('waiting', 'delayed', 'failed'),
        queue.getJobs(['waiting'], 0, 0, true),
        queue.getRanges(['delayed'], 0, -1, true),
      ])
      const { waiting = 0, delayed = 0, failed = 0 } = counts
      // They stand by when they are due, and are numbered by when they came.
      const again = later.length === 0 ? undefined : await queue.getJob(String(least(later)))
      const now = Date.now()
      const ages = [...first, ...(again === undefined ? [] : [again])].map(({ timestamp }) => (now - timestamp) / 1000)
      const oldest = Math.max(0, ...ages)
      return { oldest, waiting, later: delayed, parked: failed }
    },
    /** The newest deliveries that were given up. */
    async givenUp(most: number): Promise<readonly GivenUp[]> {
      const jobs = await deliveries.getJobs(['failed'], 0, most - 1)
      return jobs.map(({ data, failedReason, finishedOn }) => ({
        delivery: data,
        why: failedReason ?? '',
        at: finishedOn ?? 0,
      }))
    },
    /** All that were given up: tried for another day, or forgotten. How many. */
    async clear(how: 'retry' | 'forget'): Promise<number> {
      const jobs = await deliveries.getJobs(['failed'])
      for (const job of jobs) {
        if (how === 'retry') await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
        else await job.remove()
      }
      return jobs.length
    },
    async close(): Promise<void> {
      await Promise.all([deliveries.close(), tasks.close()])
    },
  }
}

function least(ids: readonly string[]): number {
  return ids.reduce((min, id) => Math.min(min, Number(id)), Number.POSITIVE_INFINITY)
}

/** What the canary delivers; nobody looks at it. */
const NOTHING: Delivery = { kind: 'pipeline', projectId: 0, pipelineId: 0 }

export type WorkerNeeds = {
  receive(delivery: Delivery, trace: string | undefined): Promise<void>
  look(id: TaskId): Promise<void>
  failed(what: string, error: Error): void
}

/** Recovery from a killed worker takes about twice these; BullMQ's own 30 s were measured as 59 to 78 s. */
const LOCK = { lockDuration: 10_000, stalledInterval: 10_000 }

/** Milliseconds for which a job under way shows that its worker lives: with GitLab slow, one takes minutes, and so may all at once. */
const LONGEST = 10 * 60_000

export function startWorkers(connection: Redis, prefix: string, needs: WorkerNeeds) {
  const options = { connection, prefix, ...LOCK }
  const begun: Record<QueueName, Set<{ readonly at: number }>> = { deliveries: new Set(), tasks: new Set() }
  async function underWay(queue: QueueName, work: () => Promise<void>): Promise<void> {
    const job = { at: Date.now() }
    begun[queue].add(job)
    await work().finally(() => begun[queue].delete(job))
  }
  const deliveries = new Worker<Carried>(
    'deliveries',
    async ({ name, data }) =>
      name === CANARY ? undefined : underWay('deliveries', () => needs.receive(data, data.trace)),
    {
      ...options,
      concurrency: 20,
      // A delivery that takes its worker down with it is parked after some.
      maxStalledCount: 10,
      settings: { backoffStrategy: (tries) => Math.min(1000 * 2 ** Math.min(tries - 1, 6), SLOWEST_TRY) },
    },
  )
  const tasks = new Worker<{ id: TaskId }>(
    'tasks',
    async ({ name, data }) => (name === CANARY ? undefined : underWay('tasks', () => needs.look(data.id))),
    {
      ...options,
      concurrency: 50,
      maxStalledCount: 1_000_000,
    },
  )
  const at: Record<QueueName, number> = { deliveries: Date.now(), tasks: Date.now() }
  for (const worker of [deliveries, tasks]) {
    for (const end of ['completed', 'failed'] as const) {
      worker.on(end, () => {
        at[worker.name as QueueName] = Date.now()
      })
    }
    worker.on('failed', (job, error) => needs.failed(`${worker.name} ${JSON.stringify(job?.data ?? '')}`, error))
    worker.on('error', (error) => needs.failed(worker.name, error))
  }
  return {
    /**
     * When this process last did a job of the queue, or began to wait for one; now while it does one, but of one that never ends only
     * the first minutes count. Milliseconds since 1970.
     */
    doneAt(queue: QueueName): number {
      const now = Date.now()
      return Math.max(at[queue], ...[...begun[queue]].map((job) => Math.min(now, job.at + LONGEST)))
    },
    async close(): Promise<void> {
      await Promise.all([deliveries.close(), tasks.close()])
    },
  }
}
