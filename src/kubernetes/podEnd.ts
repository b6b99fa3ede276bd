/** How a pod ended: reliability.md K8 to K14 as code. Pure. */

import { endOfExit } from '../tasks/exitCode.ts'
import { lastWordsOf } from '../tasks/lastWords.ts'
import type { Ended } from '../tasks/runner.ts'
import type { Cause } from '../tasks/task.ts'
import { CONTAINER } from './job.ts'
import { type Pod, timeOf } from './wire.ts'

/** Undefined while it has not. `slack`: how long after its time a deleted pod counts as living. */
export function endOfPod(pod: Pod, now: number, slack: number): Ended | undefined {
  const { phase, reason, message } = pod.status ?? {}
  const deleted = timeOf(pod.metadata?.deletionTimestamp)
  // The API server writes here when the grace period will be over, not when somebody asked.
  if (deleted !== undefined && now > deleted + slack) return lost(SILENT)
  if (reason === 'NodeLost' || phase === 'Unknown') return lost(SILENT)
  if (phase !== 'Failed' && phase !== 'Succeeded' && (deleted === undefined || !hasStopped(pod))) return undefined
  const end = terminated(pod)
  const saved = lastWordsOf(end?.message)
  const tell = (why: string): string => (saved === undefined ? why : `${why}; ${saved}`)
  if (reason === 'DeadlineExceeded') {
    if (isSaving(pod, now)) return undefined
    return ended('deadline', tell('it ran into its time limit and was ended by its node'), end?.exitCode, false)
  }
  if (reason === 'Evicted' && DISK.test(message ?? '')) return ended('disk-full', tell(message ?? ''), undefined, false)
  if (end?.reason === 'OOMKilled') {
    return ended('out-of-memory', tell(`it used more than its memory limit${memoryLimit(pod)}`), end.exitCode, false)
  }
  const disruption = pod.status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  )
  if (disruption !== undefined) {
    return ended('evicted', tell(words(disruption.reason, disruption.message)), end?.exitCode, true)
  }
  if (reason !== undefined && reason !== '') return ended('evicted', tell(words(reason, message)), end?.exitCode, true)
  if (end === undefined) return lost(deleted === undefined ? 'its container left nothing behind' : DELETED)
  return endOfContainer(end.exitCode, end.reason, end.message, tell)
}

/** Whether nothing of it runs any more; its phase may lag behind, and that of a deleted pod may never follow. */
export function hasStopped(pod: Pod): boolean {
  return terminated(pod) !== undefined
}

/** Old kubelets call a pod failed at its deadline, and then give it its grace period. */
function isSaving({ spec, status }: Pod, now: number): boolean {
  const { activeDeadlineSeconds = 0, terminationGracePeriodSeconds = 0 } = spec ?? {}
  const over = (timeOf(status?.startTime) ?? 0) + (activeDeadlineSeconds + terminationGracePeriodSeconds) * 1000
  return status?.containerStatuses?.some(({ state }) => state?.running !== undefined) === true && now <= over
}

/** Told of a pod that somebody else deleted, too, when another has taken its place. */
export const DELETED = 'its pod was deleted from the cluster'
const SILENT = 'the node it ran on does not answer any more'
/** What the kubelet says when a run used more disk than its limit; everything else that evicts is the node's need. */
const DISK = /exceeds the total limit of containers|exceeded its local ephemeral storage limit|exceeds the limit/

function endOfContainer(
  exit: number,
  reason: string | undefined,
  message: string | undefined,
  tell: (why: string) => string,
): Ended {
  if (reason === 'ContainerCannotRun' || reason === 'StartError') {
    return ended('image', `the image could not be started: ${message ?? reason}`, exit, false)
  }
  return endOfExit(exit, tell)
}

function terminated(pod: Pod) {
  const statuses = pod.status?.containerStatuses ?? []
  const ours = statuses.find(({ name }) => name === CONTAINER) ?? statuses[0]
  return ours?.state?.terminated
}

function memoryLimit(pod: Pod): string {
  const limit = pod.spec?.containers.find(({ name }) => name === CONTAINER)?.resources?.limits?.memory
  return limit === undefined ? '' : `, ${limit}`
}

function words(reason: string | undefined, message: string | undefined): string {
  return [reason, message].filter((part) => part !== undefined && part !== '').join(': ')
}

function ended(cause: Cause, why: string, exit: number | undefined, infrastructure: boolean): Ended {
  return { is: 'ended', exit, cause, infrastructure, why }
}

function lost(why: string): Ended {
  return ended('lost', why, undefined, true)
}
