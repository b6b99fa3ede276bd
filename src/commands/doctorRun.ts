/** A run that nobody asked for: a Job with a credential that is none. The door turns it away, and so we know that it got there. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { Client } from '../kubernetes/client.ts'
import { PACE } from '../kubernetes/pace.ts'
import { createKubernetesRunner } from '../kubernetes/runner.ts'
import { createLogger } from '../log.ts'
import type { Run } from '../tasks/runner.ts'
import type { Task } from '../tasks/task.ts'
import type { Found } from './finding.ts'
import { kubernetesOf } from './runs.ts'

/** How long a pod may take to reach the door: an image of some hundred megabytes is pulled in this time. */
export const PATIENCE = 120_000
export const PROBE_TIMES = { deadline: PATIENCE, pendingLimit: PATIENCE, grace: 5000 }
/** How the entrypoint ends when the door tells it that its attempt is over (runtime/README.md, clause 2.1). */
const TURNED_AWAY = 20

export async function tryRun(config: Config, client: Client, namespace: string): Promise<Found> {
  const left: string[] = []
  const settings = kubernetesOf(config)
  await using runner = createKubernetesRunner({
    client,
    namespace,
    settings,
    door: config.doorUrl,
    sign: (task, attempt) => `errand.${task}.${attempt}.none`,
    times: PROBE_TIMES,
    pace: { ...PACE, image: PATIENCE },
    log: createLogger('silent'),
    async leftLog(_, bytes) {
      left.push(Buffer.from(bytes).toString().trim().split('\n').slice(-5).join('\n'))
    },
  })
  const task = probe()
  const started = Date.now()
  await runner.launch(task)
  try {
    for (;;) {
      const seen = await runner.see(task)
      const seconds = Math.round((Date.now() - started) / 1000)
      if (seen.is === 'ended' && seen.exit === TURNED_AWAY) return { found: `a pod reached the door in ${seconds} s` }
      const why = seen.is === 'running' ? 'it runs, and cannot reach the door' : (seen.why ?? 'it is gone')
      if (seen.is === 'ended' || seen.is === 'absent')
        return { found: `it ended: ${why}`, wrong: [...left, cureOf(seen)] }
      if (Date.now() - started > PATIENCE)
        return { found: `after ${seconds} s: ${why}`, wrong: [...left, cureOf(seen)] }
      await sleep(500)
    }
  } finally {
    await runner.stop(task)
  }

  function cureOf(seen: Run): string {
    const image = `see that pods of namespace ${namespace} can pull the image ${settings.image} (its name, the registry, kubernetes.pullSecrets)`
    const door = `see that pods of namespace ${namespace} can reach ${config.doorUrl} (ERRAND_DOOR_URL, DNS, network policies), and that a door runs there`
    const place = 'see that a node has room for kubernetes.resources, and fits kubernetes.nodeSelector and tolerations'
    if (seen.is === 'ended' && seen.cause === 'image') return image
    if (seen.is === 'ended' && seen.cause === 'unschedulable') return place
    if (seen.is === 'ended' && seen.cause === 'rejected-by-cluster')
      return `the cluster refuses the pod: see what it says, and its admission policies for namespace ${namespace}`
    if (seen.is === 'waiting') return /image/.test(seen.why) ? image : place
    return door
  }
}

/** No task of anybody's; its Job is found by its name, and removed at the end. */
export function probe(): Task {
  const at = Date.now()
  const nobody = { id: 0, username: 'doctor', name: 'doctor' }
  const id = `0-d${at}`
  return {
    kind: 'task',
    id,
    thread: { projectId: 0, on: 'issue', iid: 0, discussion: '', note: 0, internal: false },
    repository: '',
    occasion: 'note',
    askedAt: at,
    asker: nobody,
    prompt: '',
    about: '',
    branch: '',
    base: '',
    defaultBranch: '',
    agent: 'rehearsal',
    mode: 'do',
    first: id,
    createdAt: at,
    state: 'starting',
    since: at,
    attempt: 1,
    attemptAt: at,
    launched: false,
    reacted: true,
    cleaned: false,
  }
}
