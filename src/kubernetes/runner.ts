/** The seam as Kubernetes Jobs: each attempt of a task is one Job in one namespace. */

import type { Logger } from '../log.ts'
import type { Ended, Run, Runner } from '../tasks/runner.ts'
import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import type { Client } from './client.ts'
import { createHints } from './hints.ts'
import type { JobTimes } from './job.ts'
import { jobName } from './labels.ts'
import { createLaunches } from './launch.ts'
import { createLeftLogs } from './leftLog.ts'
import { openNamespace } from './namespace.ts'
import type { Pace } from './pace.ts'
import { createRecent } from './recent.ts'
import { taskFromJob } from './record.ts'
import type { KubernetesSettings } from './settings.ts'
import { firstOf, runOf, type Sight } from './status.ts'
import { startWatch } from './watch.ts'
import type { Job } from './wire.ts'

type KubernetesOptions = {
  readonly client: Client
  readonly namespace: string
  readonly settings: KubernetesSettings
  readonly door: string
  sign(task: TaskId, attempt: number): string
  readonly times: JobTimes
  readonly pace: Pace
  readonly log: Logger
  /** Gets, once per run and process, what a pod said that may never have reached the door: not masked yet. */
  leftLog(task: Task, bytes: Uint8Array): Promise<void>
}

export type KubernetesRunner = Runner &
  AsyncDisposable & {
    /** The tasks of all Jobs that are there, from their annotations: for a Redis that was emptied. */
    listTasks(): Promise<readonly Task[]>
    /** What stands between us and the cluster now; undefined when all is well. */
    problem(): string | undefined
    /** When the slower of its watches last heard something; milliseconds since 1970. */
    heardAt(): number
  }

export function createKubernetesRunner(options: KubernetesOptions): KubernetesRunner {
  const { pace, log, times } = options
  const namespace = openNamespace(options.client, options.namespace)
  const watch = startWatch(namespace, pace, log)
  const launches = createLaunches({ ...options, namespace, made: (job) => watch.jobs.add(job) })
  const hints = createHints(namespace, pace)
  const leftLogs = createLeftLogs(namespace, options)
  const limits = { pending: times.pendingLimit, image: pace.image, slack: pace.slack }
  /** Jobs that were deleted by us, so that the same is not asked for at every look. */
  const deleted = createRecent<true>()
  /** Ends that were confirmed, by the Job's uid: what is cleaned away afterwards does not change how it ended. */
  const ended = createRecent<Ended>()
  /** The pod that each Job was first seen with, by their uids. */
  const firsts = createRecent<string>()

  async function remove(name: string): Promise<void> {
    if (deleted.has(name)) return
    await namespace.deleteJob(name)
    launches.forget(name)
    hints.forget(name)
    deleted.set(name, true)
  }

  async function removeOlder(task: Task): Promise<void> {
    for (let attempt = task.attempt - 1; attempt > 0; attempt--) {
      const name = jobName(task.id, attempt)
      if (watch.jobs.get(name) !== undefined) await remove(name)
    }
  }

  async function sightOf(task: Task, job: Job | undefined): Promise<Sight> {
    const all = watch.podsOf(task.id, task.attempt)
    if (job === undefined) return { job, pods: all }
    const uid = job.metadata?.uid ?? ''
    const pods = all.filter(({ metadata }) => metadata?.ownerReferences?.some((owner) => owner.uid === uid))
    const first = firsts.get(uid) ?? firstOf(pods)?.metadata?.uid
    if (first === undefined) return { job, pods, failedCreate: await hints.failedCreate(job) }
    firsts.set(uid, first)
    return { job, pods, first }
  }

  async function judge(task: Task, job: Job | undefined): Promise<Run> {
    return runOf(await sightOf(task, job), namespace.now(), limits)
  }

  /** What would end a task is not believed of a copy. */
  async function confirm(task: Task, seen: Run, mirrored: Job | undefined): Promise<Run> {
    const known = ended.get(mirrored?.metadata?.uid ?? '')
    if (known !== undefined) return known
    if (seen.is === 'waiting' || seen.is === 'running') return seen
    const job = await namespace.job(jobName(task.id, task.attempt))
    if (job !== undefined && mirrored === undefined) watch.jobs.add(job)
    const run = await judge(task, job)
    const uid = job?.metadata?.uid
    if (run.is !== 'ended' || uid === undefined) return run
    // Another look may have been faster, and have cleaned away what this one did not see any more.
    const first = ended.get(uid) ?? run
    ended.set(uid, first)
    return first
  }

  return {
    async see(task) {
      await watch.ready(pace.ready)
      await removeOlder(task)
      const name = jobName(task.id, task.attempt)
      const refused = await launches.refused(task)
      if (refused !== undefined) return refused
      const mirrored = watch.jobs.get(name)
      const run = await confirm(task, await judge(task, mirrored), mirrored)
      if (run.is === 'waiting') await launches.complete(task, watch.jobs.get(name))
      if (run.is === 'ended') await leftLogs.read(task, run, watch.podsOf(task.id, task.attempt))
      return run
    },
    async launch(task) {
      await watch.ready(pace.ready)
      deleted.delete(jobName(task.id, task.attempt))
      await launches.launch(task)
    },
    async stop(task) {
      await removeOlder(task)
      await remove(jobName(task.id, task.attempt))
    },
    changes: (signal) => watch.changes(signal),
    async listTasks() {
      const { items } = await namespace.list('jobs', taskFromJob)
      const newest = new Map<TaskId, Task>()
      for (const task of items) {
        if (task !== undefined && (newest.get(task.id)?.attempt ?? 0) < task.attempt) newest.set(task.id, task)
      }
      return [...newest.values()]
    },
    problem: () => watch.problem(),
    heardAt: () => watch.heardAt(),
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  }
}
