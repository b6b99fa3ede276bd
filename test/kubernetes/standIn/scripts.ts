/** What the stand-in's pods play. */

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor, PodStatus, Script } from './cluster.ts'
import { wireTime } from './objects.ts'

type Terminated = { exitCode: number; reason?: string; message?: string }

export function runningStatus(at = Date.now()): PodStatus {
  return withContainer('Running', { running: { startedAt: wireTime(at) } })
}

export function terminatedStatus(terminated: Terminated, more: Partial<PodStatus> = {}): PodStatus {
  return { ...withContainer(terminated.exitCode === 0 ? 'Succeeded' : 'Failed', { terminated }), ...more }
}

export function waitingStatus(reason: string, message: string): PodStatus {
  return withContainer('Pending', { waiting: { reason, message } })
}

export const unscheduled: PodStatus = {
  phase: 'Pending',
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/5 nodes are available: 5 Insufficient cpu.',
    },
  ],
}

/** Runs for a while, unless it is asked to end, and ends with the code of the contract. */
export function ends(after: number, terminated: Terminated = { exitCode: 0 }, said = ''): Script {
  return async (actor) => {
    await actor.credential()
    actor.show(runningStatus())
    actor.log(said)
    await sleep(after, undefined, { signal: actor.asked }).catch(() => {})
    actor.show(terminatedStatus(actor.asked.aborted ? { exitCode: 143 } : terminated))
  }
}

/** Runs until it is asked to end. */
export const runs: Script = async (actor) => {
  await actor.credential()
  actor.show(runningStatus())
  await untilAsked(actor)
  actor.show(terminatedStatus({ exitCode: 143 }))
}

/** Shows one thing, and nothing more until it is deleted. */
export function shows(status: PodStatus): Script {
  return async (actor) => {
    actor.show(status)
    if (status.phase === 'Pending' || status.phase === 'Running') await untilAsked(actor)
  }
}

async function untilAsked({ asked }: Actor): Promise<void> {
  if (!asked.aborted) await once(asked, 'abort')
}

function withContainer(phase: string, state: NonNullable<PodStatus['containerStatuses']>[number]['state']): PodStatus {
  const container = {
    name: 'agent',
    image: 'runtime',
    imageID: '',
    ready: false,
    restartCount: 0,
    ...(state && { state }),
  }
  return { phase, containerStatuses: [container] }
}
