/** Making an attempt's Job and then, right after, its Secret: what is repeated until it is done, and what is never done. */

import type { Logger } from '../log.ts'
import type { Run } from '../tasks/runner.ts'
import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { isProblem, KubernetesError } from './failure.ts'
import { type JobTimes, jobOf, secretOf } from './job.ts'
import { jobName, ownerOf } from './labels.ts'
import type { Namespace } from './namespace.ts'
import type { Pace } from './pace.ts'
import { createRecent } from './recent.ts'
import { REQUEST_ANNOTATION, requestDigest } from './record.ts'
import { refusalOf } from './refusal.ts'
import type { KubernetesSettings } from './settings.ts'
import { runOfRefusal } from './status.ts'
import type { Job } from './wire.ts'

type LaunchOptions = {
  readonly namespace: Namespace
  readonly settings: KubernetesSettings
  readonly door: string
  sign(task: TaskId, attempt: number): string
  readonly times: JobTimes
  readonly pace: Pace
  readonly log: Logger
  /** Told of a Job that is there now. */
  made(job: Job): void
}

export function createLaunches(options: LaunchOptions) {
  const { namespace, settings, door, times, pace, log } = options
  /** Jobs whose Secret this process knows to be there, by uid. */
  const complete = createRecent<true>()
  /** Jobs that the cluster would not take. A quota is tried again after a while. */
  const refusals = new Map<string, { readonly run: Run; readonly at: number }>()

  /** We may not read Secrets: one that is in the way may belong to a Job that is gone, and go with it. */
  async function giveSecret(task: Task, job: Job): Promise<void> {
    const uid = job.metadata?.uid ?? ''
    if (complete.has(uid)) return
    const secret = secretOf(job, options.sign(task.id, task.attempt))
    await namespace.createSecret(secret).catch(async (error: unknown) => {
      if (!isProblem(error, 'exists')) throw error
      await namespace.deleteSecret(jobName(task.id, task.attempt))
      // Another process of ours, at the same Job, may be faster now: then it is the same Secret.
      await namespace.createSecret(secret).catch((again: unknown) => {
        if (!isProblem(again, 'exists')) throw again
      })
    })
    complete.set(uid, true)
  }

  async function adopt(task: Task, taken: KubernetesError): Promise<Job> {
    const name = jobName(task.id, task.attempt)
    const job = await namespace.job(name)
    if (job === undefined || job.metadata?.deletionTimestamp !== undefined) {
      throw new KubernetesError('later', `the Job ${name} is just being deleted`, { cause: taken })
    }
    const owner = ownerOf(job)
    const same = job.metadata?.annotations?.[REQUEST_ANNOTATION] === requestDigest(task)
    if (owner?.task === task.id && owner.attempt === task.attempt && same) return job
    throw new KubernetesError('conflict', `a Job ${name} is there that was not made for this request: delete it`)
  }

  async function launch(task: Task): Promise<void> {
    const name = jobName(task.id, task.attempt)
    try {
      const wanted = jobOf(task, settings, door, times)
      const job = await namespace.createJob(wanted).catch((error: unknown) => {
        if (isProblem(error, 'exists')) return adopt(task, error)
        throw error
      })
      options.made(job)
      await giveSecret(task, job)
      refusals.delete(name)
    } catch (error) {
      const run = refusedBy(error)
      if (run === undefined) throw error
      refusals.set(name, { run, at: Date.now() })
      log.warn({ event: 'refused', task: task.id, attempt: task.attempt, err: error }, `the cluster refuses ${name}`)
    }
  }

  return {
    launch,
    /** What is true of an attempt whose Job the cluster would not take, tried again when that may help. */
    async refused(task: Task): Promise<Run | undefined> {
      const name = jobName(task.id, task.attempt)
      const refusal = refusals.get(name)
      if (refusal?.run.is === 'waiting' && Date.now() - refusal.at >= pace.sweep) await launch(task)
      return refusals.get(name)?.run
    },
    /** A Job whose maker died before it made the Secret waits for ever: whoever finds it waiting gives it one. */
    async complete(task: Task, job: Job | undefined): Promise<void> {
      if (job !== undefined && job.metadata?.deletionTimestamp === undefined) await giveSecret(task, job)
    },
    forget(name: string): void {
      refusals.delete(name)
    },
  }
}

/** A no that is told to the author, or undefined where somebody else has to hear of it and it is tried again. */
function refusedBy(error: unknown): Run | undefined {
  if (!(error instanceof KubernetesError)) return undefined
  switch (error.problem) {
    case 'forbidden':
      return runOfRefusal(refusalOf(error.message), error.message)
    case 'invalid':
    case 'conflict':
      return runOfRefusal('policy', error.message)
    case 'not-found':
    case 'exists':
    case 'gone':
    case 'unauthorized':
    case 'later':
      return undefined
  }
}
