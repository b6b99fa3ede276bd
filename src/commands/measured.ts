/** What becomes a number where it happens, and what a process depends on. */

import type { Redis } from 'ioredis'
import type { Use } from '../door/modelAccount.ts'
import type { GitLab } from '../gitlab/client.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { readMemory } from '../redis/info.ts'
import type { Logbook } from '../redis/logbook.ts'
import { QUEUES, type Queues } from '../redis/queue.ts'
import type { Store } from '../redis/store.ts'
import type { Fact } from '../tasks/advance.ts'
import { isFinal, STATES, type Task } from '../tasks/task.ts'
import type { Vitals } from './vitals.ts'

/** Entries that are read together. */
const AT_ONCE = 50

/** Milestones are counted once a task: by the first attempt. */
export function measureFact(metrics: Metrics, task: Task, { fact }: Fact, now: number): void {
  const seconds = (now - task.askedAt) / 1000
  if (fact === 'reacted') metrics.reached('seen', seconds)
  if (fact === 'launched' && task.attempt === 1) metrics.reached('job', seconds)
  if (fact === 'merge-request') metrics.reached('merge_request', seconds)
  if (fact === 'finished') metrics.finished(task.repository, task.state, causeOf(task), seconds)
}

/** Empty where it worked. */
function causeOf({ end }: Task): string {
  if (end === undefined || end.is === 'succeeded') return ''
  if (end.is === 'failed') return end.cause
  return 'because' in end ? end.because : 'stopped'
}

/** Takes how long each look was. */
export async function timed<T>(metrics: Metrics, look: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  try {
    const done = await look()
    metrics.looked('done', seconds())
    return done
  } catch (error) {
    metrics.looked('failed', seconds())
    throw error
  }
}

/** Counts what is kept, and what of it was masked. */
export function measuredLogbook(logbook: Logbook, metrics: Metrics): Logbook {
  return {
    ...logbook,
    async append(task, attempt, from, to, masked, places = 0) {
      const appended = await logbook.append(task, attempt, from, to, masked, places)
      if (appended.ok) metrics.logged(masked.length, places)
      return appended
    },
  }
}

/** A call of a model; what cannot be counted now is not counted at all. */
export async function countUse(
  metrics: Metrics,
  of: Promise<Task>,
  model: string,
  use: Use,
  log: Logger,
): Promise<void> {
  try {
    const { repository: project, agent } = await of
    metrics.used({ project, agent, model }, use, use.microUsd / 1e6)
  } catch (error) {
    log.warn({ event: 'not-counted', model, err: error }, 'a call of a model is not among the numbers')
  }
}

/** Reads how much there is to do, before each reading of the numbers. */
export function measureWaiting(metrics: Metrics, queues: Queues, store: Pick<Store, 'unfinished' | 'get'>): void {
  metrics.beforeReading(async () => {
    for (const name of QUEUES) metrics.queueIs(name, await queues.size(name))
  }, metrics.queuesAreUnknown)
  metrics.beforeReading(async () => {
    const counts = new Map<string, number>(STATES.filter((state) => !isFinal(state)).map((state) => [state, 0]))
    const ids = await store.unfinished()
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      for (const entry of await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => store.get(id)))) {
        const count = entry?.kind === 'task' ? counts.get(entry.state) : undefined
        if (entry?.kind === 'task' && count !== undefined) counts.set(entry.state, count + 1)
      }
    }
    metrics.tasksAre(counts)
  }, metrics.tasksAreUnknown)
}

/** How full Redis is. */
export function measureMemory(metrics: Metrics, redis: Redis): void {
  metrics.beforeReading(
    async () => {
      const { used, most } = await readMemory(redis)
      metrics.memoryIs(most === undefined ? undefined : used / most)
    },
    () => metrics.memoryIs(undefined),
  )
}

export function dependOnRedis({ depend }: Vitals, redis: Redis): void {
  depend({
    name: 'redis',
    needed: true,
    ask: async () => ((await redis.ping()) === 'PONG' ? undefined : 'it answers strangely'),
  })
}

/** Webhooks are taken and runs go on without it, so it makes nobody unready. */
export function dependOnGitLab({ depend }: Vitals, gitlab: Pick<GitLab, 'call'>): void {
  depend({
    name: 'gitlab',
    needed: false,
    kept: 30_000,
    async ask() {
      await gitlab.call('GET', 'version')
      return undefined
    },
  })
}
