/** Job and pods → what is true of a run. Pure: all we know about how containers wait, run and end is here, in podEnd.ts and in podWait.ts. */

import type { Run } from '../tasks/runner.ts'
import { DELETED, endOfPod, hasStopped } from './podEnd.ts'
import { waitOfPod } from './podWait.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { type Job, type Pod, timeOf } from './wire.ts'

export type Sight = {
  readonly job: Job | undefined
  /** All of this attempt's pods. */
  readonly pods: readonly Pod[]
  /** The uid of the pod that this attempt was first seen in, where it was seen before. */
  readonly first?: string | undefined
  /** Why the Job gets no pod, in the words of its newest event. */
  readonly failedCreate?: string | undefined
}

/** In milliseconds; times of the cluster are compared with `now`, which is the cluster's clock too. */
export type Limits = {
  /** How long a run may wait for a node. */
  readonly pending: number
  /** How long a pod may fail to get its image. */
  readonly image: number
  /** How long after its time a deleted pod counts as living. */
  readonly slack: number
}

const GONE = 'its Job is gone from the cluster: somebody deleted it, or its time there was over'

export function runOf({ job, pods, first, failedCreate }: Sight, now: number, limits: Limits): Run {
  if (job === undefined) return runOfRemains(pods, now, limits)
  const pod = first === undefined ? firstOf(pods) : pods.find(({ metadata }) => metadata?.uid === first)
  if (pod !== undefined) return runOfPod(pod, now, limits)
  if (first === undefined || isOver(job)) return runOfJob(job, failedCreate, now, limits)
  // Old clusters make a second pod for one that was deleted. It is no attempt of ours: those have numbers.
  return lost(DELETED)
}

/** The first pod of an attempt, so far as there still is one. */
export function firstOf(pods: readonly Pod[]): Pod | undefined {
  const born = ({ metadata }: Pod): number => timeOf(metadata?.creationTimestamp) ?? 0
  return [...pods].sort((a, b) => born(a) - born(b))[0]
}

/** The pods of a Job that was deleted have their grace period, and save their work. */
function runOfRemains(pods: readonly Pod[], now: number, { slack }: Limits): Run {
  const living = firstOf(pods.filter((pod) => endOfPod(pod, now, slack) === undefined && !hasStopped(pod)))
  if (living === undefined) return { is: 'absent', why: GONE }
  const since = startOf(living)
  return since === undefined ? { is: 'waiting', why: 'it is being removed' } : { is: 'running', since }
}

function runOfPod(pod: Pod, now: number, limits: Limits): Run {
  const end = endOfPod(pod, now, limits.slack)
  if (end !== undefined) return end
  const since = startOf(pod)
  return since === undefined ? waitOfPod(pod, now, limits) : { is: 'running', since }
}

/** A Job that has no pod: not yet, not any more, or not allowed to. */
function runOfJob(job: Job, failedCreate: string | undefined, now: number, limits: Limits): Run {
  if (isOver(job)) {
    const { reason = '' } = conditionOf(job) ?? {}
    if (reason !== 'DeadlineExceeded') return lost(`its pod is gone from the cluster ${reason}`.trim())
    const why = 'the Job ran into its time limit, waiting included'
    return { is: 'ended', exit: undefined, cause: 'deadline', infrastructure: false, why }
  }
  if (job.metadata?.deletionTimestamp !== undefined) return { is: 'waiting', why: 'it is being removed' }
  if (job.spec?.suspend === true) return { is: 'waiting', why: 'the cluster holds its Job back (suspended)' }
  const refused = failedCreate === undefined ? undefined : runOfRefusal(refusalOf(failedCreate), failedCreate)
  if (refused !== undefined) return refused
  const waits = now - (timeOf(job.metadata?.creationTimestamp) ?? now)
  if (waits <= limits.pending) return { is: 'waiting', why: failedCreate ?? '' }
  const why = `the cluster made no pod for it: ${failedCreate ?? "the Job's controller does not say why"}`
  return { is: 'ended', exit: undefined, cause: 'unschedulable', infrastructure: false, why }
}

/** A no that the Job, or its pod, got: quota is a matter of waiting. Undefined where it is not told to the author. */
export function runOfRefusal(refusal: Refusal, message: string): Run | undefined {
  switch (refusal) {
    case 'quota':
      return { is: 'waiting', why: `the namespace's quota is used up: ${message}` }
    case 'policy':
      return { is: 'ended', exit: undefined, cause: 'rejected-by-cluster', infrastructure: false, why: message }
    case 'unknown':
      return undefined
  }
}

function conditionOf(job: Job) {
  const over = (type: string) => type === 'Failed' || type === 'Complete'
  return job.status?.conditions?.find(({ type, status }) => over(type) && status === 'True')
}

function isOver(job: Job): boolean {
  return conditionOf(job) !== undefined
}

function startOf(pod: Pod): number | undefined {
  const [container] = pod.status?.containerStatuses ?? []
  return timeOf(container?.state?.running?.startedAt)
}

function lost(why: string): Run {
  return { is: 'ended', exit: undefined, cause: 'lost', infrastructure: true, why }
}
