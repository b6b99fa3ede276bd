/** What a cluster does behind its API: a Job gets a pod, the pod plays its script, ends, and is cleaned away. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, Pod } from '../../../src/kubernetes/wire.ts'
import { type Kind, type Stored, wireTime } from './objects.ts'
import { openServer, type Server } from './server.ts'

export type PodStatus = NonNullable<Pod['status']>

/** A pod in its script's hands. */
export type Actor = {
  readonly job: Job
  readonly name: string
  /** Aborted when the pod is asked to end. */
  readonly asked: AbortSignal
  show(status: PodStatus): void
  log(text: string): void
  /** The credential that the pod mounts, as soon as it is there. */
  credential(): Promise<string>
}

/** Plays until the pod has ended; how it ended is what it showed last. */
export type Script = (actor: Actor) => Promise<void>

export type Cluster = AsyncDisposable & {
  readonly server: Server
  /** Decides which script a Job's pod plays. */
  script: (job: Job) => Script
  /** How many pods there may be at a time. */
  quota: number
  /** Seconds of grace that a pod is shown to have; the script is trusted to end by itself. */
  grace: number
}

export async function openCluster(script: Script, protocols?: string[]): Promise<Cluster> {
  const server = await openServer(protocols)
  const { objects } = server
  const pods = new Map<string, AbortController>()
  const over = new AbortController()
  const playing = new Set<Promise<void>>()
  const cluster: Cluster = {
    server,
    script: () => script,
    quota: 1_000_000,
    grace: 30,
    async [Symbol.asyncDispose]() {
      over.abort()
      stop()
      for (const asked of pods.values()) asked.abort()
      await Promise.allSettled(playing)
      await server[Symbol.asyncDispose]()
    },
  }

  async function schedule(job: Job): Promise<void> {
    const name = job.metadata?.name ?? ''
    for (let refused = 0; objects.list('pods', '').length >= cluster.quota; refused++) {
      if (over.signal.aborted || objects.get('jobs', name) === undefined) return
      const message = `Error creating: pods "${name}-" is forbidden: exceeded quota: pods, requested: pods=1`
      objects.create('events', {
        metadata: { name: `${name}.${refused}` },
        reason: 'FailedCreate',
        involvedObject: { kind: 'Job', name },
        lastTimestamp: wireTime(Date.now()),
        message,
      })
      await sleep(30, undefined, { signal: over.signal }).catch(() => {})
    }
    if (objects.get('jobs', name) === undefined) return
    const pod = objects.create('pods', {
      metadata: {
        name: `${name}-${Math.random().toString(36).slice(2, 7)}`,
        labels: { ...job.spec?.template.metadata?.labels, 'job-name': name },
        ownerReferences: [{ uid: job.metadata?.uid ?? '' }],
      },
      spec: job.spec?.template.spec,
      status: { phase: 'Pending' },
    })
    await play(job, pod)
  }

  async function play(job: Job, pod: Stored): Promise<void> {
    const { name } = pod.metadata
    const asked = new AbortController()
    pods.set(name, asked)
    const actor: Actor = {
      job,
      name,
      asked: asked.signal,
      show: (status) => objects.update('pods', name, (object) => Object.assign(object, { status })),
      log: (text) => server.logs.set(name, (server.logs.get(name) ?? '') + text),
      async credential() {
        for (;;) {
          const secret = objects.get('secrets', job.metadata?.name ?? '')
          if (secret !== undefined) return (secret.stringData as { credential: string }).credential
          await sleep(10, undefined, { signal: asked.signal })
        }
      },
    }
    await cluster
      .script(job)(actor)
      .catch((error: unknown) => {
        if (!asked.signal.aborted) throw error
      })
    pods.delete(name)
    finish(job, name)
    if (asked.signal.aborted) objects.remove('pods', name)
  }

  /** What the Job's controller makes of a pod that has ended. */
  function finish(job: Job, pod: string): void {
    const phase = (objects.get('pods', pod)?.status as PodStatus | undefined)?.phase
    if (phase !== 'Succeeded' && phase !== 'Failed') return
    const type = phase === 'Succeeded' ? 'Complete' : 'Failed'
    const reason = phase === 'Failed' ? { reason: 'BackoffLimitExceeded' } : {}
    objects.update('jobs', job.metadata?.name ?? '', (object) => {
      object.status = { conditions: [{ type, status: 'True', ...reason }] }
    })
  }

  /** Background propagation: the Job goes at once, its pods when they have ended, its Secret with it. */
  server.deleted = (kind: Kind, name: string): void => {
    const uid = objects.get(kind, name)?.metadata.uid
    if (kind !== 'pods') objects.remove(kind, name)
    const owned = (one: Stored) => one.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true
    const going =
      kind === 'pods'
        ? [name]
        : objects
            .list('pods', '')
            .filter(owned)
            .map((pod) => pod.metadata.name)
    for (const pod of going) {
      objects.update('pods', pod, ({ metadata }) => {
        metadata.deletionTimestamp ??= wireTime(Date.now() + cluster.grace * 1000)
      })
      const asked = pods.get(pod)
      if (asked === undefined) objects.remove('pods', pod)
      else asked.abort()
    }
    for (const secret of objects.list('secrets', '').filter(owned)) objects.remove('secrets', secret.metadata.name)
  }

  const stop = objects.follow(objects.version(), ({ kind, type, object }) => {
    if (kind !== 'jobs' || type !== 'ADDED') return
    const played = schedule(object as unknown as Job)
    playing.add(played)
    void played.finally(() => playing.delete(played)).catch(() => {})
  })
  return cluster
}
