/**
 * What Errand counts and measures, for Prometheus. docs/metrics.md tells what each means. Only commands/ knows this file: others are
 * given the one function that they tell something to.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

/** Seconds: from an answer of Redis to a long run of an agent. */
const QUICK = [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 15, 60]
const LONG = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200]

/** What stands on the way of a task, measured from when it was asked for. */
export type Milestone = 'seen' | 'job' | 'agent' | 'merge_request'

export type Tokens = {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
}

/** A queue: seconds that its oldest job waits, jobs that wait, that are tried again later, and that were given up. */
export type QueueSize = {
  readonly oldest: number
  readonly waiting: number
  readonly later: number
  readonly parked: number
}

/** The parts that a process can have (commands/). */
export type Part = 'serve' | 'work' | 'door'

/** What can be counted is there as 0 from the start: an increase from nothing is none. */
const STATUSES = [200, 202, 400, 401, 413, 415, 503]
const OUTCOMES = ['new', 'known', 'ignored'] as const
const ENDS = ['succeeded', 'failed', 'cancelled'] as const

/** Values of a label that come from outside: what is beyond so many different ones is counted as `other`. */
const MOST_NAMES = 500

/** Milliseconds for what is asked for before a reading. */
const PATIENCE = 2000

export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `errand_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `errand_${name}`, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name: `errand_${name}`, help, buckets, labelNames, registers })

  const deliveries = counter('deliveries_total', 'Answers to webhooks.', 'status')
  const received = counter('received_total', 'What came of deliveries that were taken.', 'outcome')
  const milestones = histogram('milestone_seconds', 'From being asked for to a milestone.', LONG, 'milestone')
  const finished = counter('tasks_finished_total', 'Tasks that came to an end.', 'project', 'state', 'cause')
  const ended = counter('tasks_ended_total', 'Tasks that came to an end, of all projects.', 'state')
  const duration = histogram('task_seconds', 'From being asked for to the end.', LONG, 'state')
  const tasks = gauge('tasks', 'Tasks that are not finished, now.', 'state')
  const queueAge = gauge('queue_age_seconds', 'How long the oldest job of a queue has waited.', 'queue')
  const queueJobs = gauge('queue_jobs', 'Jobs of a queue, now.', 'queue', 'state')
  const looks = histogram('look_seconds', 'Looks at tasks.', QUICK, 'outcome')
  const gitlab = histogram('gitlab_call_seconds', 'Calls to GitLab; status 0: no answer.', QUICK, 'method', 'status')
  const cluster = histogram(
    'cluster_call_seconds',
    'Calls to the cluster; status 0: no answer.',
    QUICK,
    'method',
    'status',
  )
  const watchAge = gauge('watch_age_seconds', 'Since the cluster last said something to its slowest watch.')
  const logBytes = counter('log_bytes_total', 'Bytes of logs that were kept.')
  const masked = counter('masked_total', 'Places of logs that were masked.')
  const calls = counter('model_calls_total', 'Calls of models that were answered.', 'project', 'agent', 'model')
  const tokens = counter('model_tokens_total', 'Tokens of models.', 'project', 'agent', 'model', 'kind')
  const dollars = counter('model_usd_total', 'What models cost, in US dollars.', 'project', 'agent', 'model')
  const sweeps = counter('sweeps_total', 'Rounds in which GitLab was asked for what no hook brought.', 'outcome')
  const found = counter('sweep_found_total', 'Commands that no hook brought, and the sweep found.')
  const requests = histogram('http_seconds', 'Answers of the API and the page.', QUICK, 'route', 'method', 'status')
  const watchers = gauge('http_watchers', 'Live streams that are open, now.')

  const parts = gauge('process', 'Always 1: what runs in this process.', 'part')
  const memory = gauge('redis_memory_ratio', 'Memory that Redis uses, of what it may; absent without a limit.')
  const tokenEnds = gauge('gitlab_token_expires_seconds', 'Until the token that Errand speaks to GitLab with ends.')
  // Not known yet is not zero.
  tokenEnds.remove()
  memory.remove()

  const name = bounded()
  const readers: (() => Promise<void>)[] = []
  const orNone = (which: Gauge, value: number | undefined) => (value === undefined ? which.remove() : which.set(value))

  return {
    registry,
    /** A part begins in this process. */
    begins(part: Part): void {
      parts.set({ part }, 1)
      if (part === 'serve') for (const status of STATUSES) deliveries.inc({ status }, 0)
      if (part !== 'work') return
      for (const outcome of OUTCOMES) received.inc({ outcome }, 0)
      for (const state of ENDS) ended.inc({ state }, 0)
      for (const outcome of ['done', 'failed']) sweeps.inc({ outcome }, 0)
    },
    delivered: (status: number) => deliveries.inc({ status }),
    received: (outcome: (typeof OUTCOMES)[number]) => received.inc({ outcome }),
    reached: (milestone: Milestone, seconds: number) => milestones.observe({ milestone }, Math.max(0, seconds)),
    finished(project: string, state: string, cause: string, seconds: number): void {
      finished.inc({ project: name('project', project), state, cause })
      ended.inc({ state })
      duration.observe({ state }, Math.max(0, seconds))
    },
    looked: (outcome: 'done' | 'failed', seconds: number) => looks.observe({ outcome }, seconds),
    calledGitLab: (method: string, status: number, seconds: number) => gitlab.observe({ method, status }, seconds),
    calledCluster: (method: string, status: number, seconds: number) => cluster.observe({ method, status }, seconds),
    logged(bytes: number, places: number): void {
      logBytes.inc(bytes)
      masked.inc(places)
    },
    /** One call of a model. */
    used(
      of: { readonly project: string; readonly agent: string; readonly model: string },
      use: Tokens,
      usd: number,
    ): void {
      const labels = { project: name('project', of.project), agent: of.agent, model: name('model', of.model) }
      calls.inc(labels)
      for (const [kind, count] of [
        ['input', use.input],
        ['cache_read', use.cacheRead],
        ['cache_write', use.cacheWrite],
        ['output', use.output],
      ] as const)
        tokens.inc({ ...labels, kind }, count)
      dollars.inc(labels, usd)
    },
    swept: (outcome: 'done' | 'failed') => sweeps.inc({ outcome }),
    found: () => found.inc(),
    answered: (route: string, method: string, status: number, seconds: number) =>
      requests.observe({ route, method, status }, seconds),
    watching: (change: 1 | -1) => watchers.inc(change),

    /** What is asked for only when somebody reads the numbers. */
    tasksAre(counts: ReadonlyMap<string, number>): void {
      for (const [state, count] of counts) tasks.set({ state }, count)
    },
    queueIs(queue: string, { oldest, waiting, later, parked }: QueueSize): void {
      queueAge.set({ queue }, oldest)
      queueJobs.set({ queue, state: 'waiting' }, waiting)
      queueJobs.set({ queue, state: 'later' }, later)
      queueJobs.set({ queue, state: 'parked' }, parked)
    },
    /** Rather no number than an old one. */
    queuesAreUnknown(): void {
      queueAge.reset()
      queueJobs.reset()
    },
    tasksAreUnknown: () => tasks.reset(),
    /** Undefined where there is no limit, or none is told. */
    memoryIs: (ratio: number | undefined) => orNone(memory, ratio),
    watchIs: (seconds: number) => watchAge.set(seconds),
    /** Undefined of a token that never ends, or does not tell. */
    tokenEnds: (seconds: number | undefined) => orNone(tokenEnds, seconds),
    /** Done before each reading, one at a time. `unknown`: when it fails, or takes too long; without it the number stays as it was. */
    beforeReading(read: () => Promise<void>, unknown: () => void = () => {}): void {
      readers.push(inTime(read, unknown))
    },
    /** All numbers as Prometheus reads them, within two seconds. */
    async read(): Promise<string> {
      await Promise.all(readers.map((read) => read()))
      return registry.metrics()
    },
  }
}

/** What is still being read is not read a second time: while Redis is away nothing piles up for it. */
function inTime(read: () => Promise<void>, unknown: () => void): () => Promise<void> {
  let reading: Promise<boolean> | undefined
  return async () => {
    reading ??= Promise.resolve()
      .then(read)
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        reading = undefined
      })
    if (!(await Promise.race([reading, sleep(PATIENCE, false, { ref: false })]))) unknown()
  }
}

/** The value itself, or `other` beyond so many of its kind: nobody from outside may fill our memory. */
function bounded(): (kind: string, value: string) => string {
  const known = new Map<string, Set<string>>()
  return (kind, value) => {
    const values = known.get(kind) ?? new Set()
    known.set(kind, values)
    if (values.size < MOST_NAMES) values.add(value.slice(0, 200))
    return values.has(value) ? value : 'other'
  }
}
