/** Why a pod that was not started yet is waiting, in the scheduler's and the kubelet's words, and when that is enough. Pure. */

import type { Run } from '../tasks/runner.ts'
import type { Cause } from '../tasks/task.ts'
import type { Limits } from './status.ts'
import { type Pod, timeOf } from './wire.ts'

/** The kubelet's reasons for an image that it has not got; GitLab Runner ends on the same. */
const IMAGE = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
])
/** No later try changes these. */
const HOPELESS = new Set(['InvalidImageName', 'ErrImageNeverPull', 'SignatureValidationFailed'])
const CONTAINER_ERRORS = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
])

export function waitOfPod(pod: Pod, now: number, limits: Limits): Run {
  const born = timeOf(pod.metadata?.creationTimestamp) ?? now
  const [container] = pod.status?.containerStatuses ?? []
  const { reason = '', message = '' } = container?.state?.waiting ?? {}
  if (IMAGE.has(reason)) {
    const why = `its image cannot be pulled: ${words(reason, message)}`
    const since = timeOf(pod.status?.startTime) ?? born
    if (!HOPELESS.has(reason) && now - since <= limits.image) return { is: 'waiting', why }
    // A registry that is away may be back for the next attempt; a name that nobody knows will not.
    return ended('image', why, !HOPELESS.has(reason) && !isForGood(message))
  }
  if (CONTAINER_ERRORS.has(reason)) {
    const why = `its container cannot be started: ${words(reason, message)}`
    return now - born <= limits.image ? { is: 'waiting', why } : ended('rejected-by-cluster', why, false)
  }
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False') {
    const why = `waiting for a place in the cluster: ${words(scheduled.reason, scheduled.message)}`
    return now - born <= limits.pending ? { is: 'waiting', why } : ended('unschedulable', why, false)
  }
  if (now - born <= limits.pending) return { is: 'waiting', why: '' }
  return ended('unschedulable', `its container was not started in time (${reason === '' ? 'Pending' : reason})`, true)
}

function isForGood(message: string): boolean {
  return /not found|unauthorized|denied|forbidden|no basic auth|manifest unknown|invalid reference/i.test(message)
}

function words(reason: string | undefined, message: string | undefined): string {
  if (message !== undefined && message !== '') return message
  return reason ?? ''
}

function ended(cause: Cause, why: string, infrastructure: boolean): Run {
  return { is: 'ended', exit: undefined, cause, infrastructure, why }
}
