/** Jobs and pods as they are now, and the names of the tasks whose objects changed. Two watches, and a sweep that finds what they miss. */

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { keepOfJob, keepOfPod } from './keep.ts'
import { ownerOf } from './labels.ts'
import { createMirror, type Mirror } from './mirror.ts'
import type { Listed, Namespace } from './namespace.ts'
import type { Pace } from './pace.ts'
import { createWakes } from './wakes.ts'
import type { Job, Pod } from './wire.ts'

type Watch = AsyncDisposable & {
  readonly jobs: Mirror<Job>
  /** The pods of one attempt. */
  podsOf(task: TaskId, attempt: number): readonly Pod[]
  /** Rejects with the reason when the cluster could not be listed within `milliseconds`. */
  ready(milliseconds: number): Promise<void>
  changes(signal: AbortSignal): AsyncIterable<TaskId>
  problem(): string | undefined
  /** When the slower of the two watches last heard something; milliseconds since 1970. */
  heardAt(): number
}

export function startWatch(namespace: Namespace, pace: Pace, log: Logger): Watch {
  const stopped = new AbortController()
  const { signal } = stopped
  const wakes = createWakes()
  const pods = new Map<string, Map<string, Pod>>()
  const wake = (object: Job | Pod): void => {
    const owner = ownerOf(object)
    if (owner !== undefined) wakes.tell(owner.task)
  }
  const shared = { namespace, pace, log, signal }
  const jobMirror = createMirror<Job>({ ...shared, kind: 'jobs', keep: keepOfJob, changed: wake })
  const podMirror = createMirror<Pod>({
    ...shared,
    kind: 'pods',
    keep: keepOfPod,
    changed(pod) {
      index(pod)
      wake(pod)
    },
  })

  /** Pods are looked for by their task; the mirror knows them by name. */
  function index(pod: Pod): void {
    const owner = ownerOf(pod)
    const name = pod.metadata?.name
    if (owner === undefined || name === undefined) return
    const now = podMirror.get(name)
    const ofTask = pods.get(owner.task) ?? new Map<string, Pod>()
    if (now === undefined) ofTask.delete(name)
    else ofTask.set(name, now)
    if (ofTask.size === 0) pods.delete(owner.task)
    else pods.set(owner.task, ofTask)
  }

  async function sweep(): Promise<void> {
    await Promise.race([jobMirror.ready, once(signal, 'abort')])
    while (!signal.aborted) {
      try {
        await sleep(pace.sweep, undefined, { signal })
        const list = await namespace.list('jobs', keepOfJob, signal)
        const behind = differing(list, jobMirror)
        if (behind.length === 0) continue
        // A watch that lives is at most a moment behind.
        await sleep(pace.settle, undefined, { signal })
        const missed = behind.filter(({ name, version }) => versionOf(jobMirror.get(name)) === version)
        if (missed.length === 0) continue
        log.warn(
          { event: 'watch-missed', jobs: missed.length },
          `the watch has missed ${missed.length} Jobs: it begins again`,
        )
        jobMirror.restart(await namespace.list('jobs', keepOfJob, signal))
        podMirror.restart(await namespace.list('pods', keepOfPod, signal))
      } catch (error) {
        if (!signal.aborted) log.warn({ event: 'sweep', err: error }, 'the cluster could not be listed')
      }
    }
  }

  let listed = false
  const both = Promise.all([jobMirror.ready, podMirror.ready]).then(() => {
    listed = true
  })
  const running = Promise.allSettled([jobMirror.run(), podMirror.run(), sweep()])
  return {
    jobs: jobMirror,
    podsOf: (task, attempt) => [...(pods.get(task)?.values() ?? [])].filter((pod) => ownerOf(pod)?.attempt === attempt),
    async ready(milliseconds) {
      if (listed) return
      const late = new AbortController()
      void both.then(() => late.abort())
      await Promise.race([both, sleep(milliseconds, undefined, { signal: late.signal }).catch(() => {})])
      if (!listed) throw new Error(`the cluster could not be listed: ${jobMirror.problem() ?? podMirror.problem()}`)
    },
    changes: (until) => wakes.follow(AbortSignal.any([until, signal])),
    problem: () => jobMirror.problem() ?? podMirror.problem(),
    heardAt: () => Math.min(jobMirror.heardAt(), podMirror.heardAt()),
    async [Symbol.asyncDispose]() {
      stopped.abort()
      await running
    },
  }
}

/** The Jobs of which list and mirror think differently, with what the mirror thinks. */
function differing(list: Listed<Job>, mirror: Mirror<Job>): readonly { name: string; version: string | undefined }[] {
  const listed = new Map(list.items.map((job) => [job.metadata?.name ?? '', versionOf(job)]))
  const mirrored = [...mirror.all()].map((job) => job.metadata?.name ?? '').filter((name) => !listed.has(name))
  return [...listed.keys(), ...mirrored]
    .map((name) => ({ name, version: versionOf(mirror.get(name)) }))
    .filter(({ name, version }) => listed.get(name) !== version)
}

function versionOf(job: Job | undefined): string | undefined {
  return job?.metadata?.resourceVersion
}
