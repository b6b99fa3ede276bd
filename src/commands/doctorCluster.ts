/** The cluster: is it there, may we do what we need, is there room, does a pod come to the door, and nowhere else. */

import type { Config } from '../config.ts'
import type { Client } from '../kubernetes/client.ts'
import { isProblem } from '../kubernetes/failure.ts'
import { jobOf } from '../kubernetes/job.ts'
import { openNamespace } from '../kubernetes/namespace.ts'
import { missingPermissions } from '../kubernetes/permissions.ts'
import { type Quota, roomFor } from '../kubernetes/quota.ts'
import { checkReach } from './doctorReach.ts'
import { PROBE_TIMES, probe, tryRun } from './doctorRun.ts'
import { check, type Finding, type Found } from './finding.ts'
import { connectCluster, kubernetesOf } from './runs.ts'

export async function* examineCluster(config: Config): AsyncGenerator<Finding> {
  const { client, namespace, server } = connectCluster(kubernetesOf(config))
  try {
    const cure = (error: unknown) =>
      isProblem(error, 'unauthorized')
        ? 'the cluster does not know our token or certificate: renew the kubeconfig, or the service account'
        : 'see that the kubeconfig is right, and that the API server is reached from here'
    const cluster = await check('cluster', cure, async () => {
      const { gitVersion } = await client.call<{ gitVersion: string }>('GET', '/version')
      return { found: `${server}, Kubernetes ${gitVersion}, namespace ${namespace}` }
    })
    yield cluster
    if (cluster.wrong.length > 0) return
    const rights = await check('rights', 'may Errand ask what it may do (SelfSubjectAccessReview)?', async () => {
      const wrong = await missingPermissions(openNamespace(client, namespace))
      return { found: wrong.length === 0 ? 'all that Errand needs' : `${wrong.length} are missing`, wrong }
    })
    yield rights
    if (rights.wrong.length > 0) return
    const quota = await check('quota', 'the quotas of the namespace cannot be read', () =>
      room(config, client, namespace),
    )
    yield quota
    if (quota.wrong.length > 0) return
    const run = await check('a run', 'does the namespace take pods (admission)?', () =>
      tryRun(config, client, namespace),
    )
    yield run
    if (run.wrong.length > 0) return
    yield* checkReach(config, client, namespace, server)
  } finally {
    await client[Symbol.asyncDispose]()
  }
}

async function room(config: Config, client: Client, namespace: string): Promise<Found> {
  const path = `/api/v1/namespaces/${namespace}/resourcequotas`
  const answer = await client.call<{ items: readonly Quota[] }>('GET', path).catch((error: unknown) => {
    // No right that Errand needs: a quota that keeps a run away is told with that run.
    if (isProblem(error, 'forbidden') || isProblem(error, 'not-found')) return undefined
    throw error
  })
  if (answer === undefined) {
    const advice = [
      `somebody who may look sees it with \`kubectl -n ${namespace} describe resourcequota\`; a run that it keeps away says so`,
    ]
    return { found: 'cannot be looked at with these rights', advice, unseen: true }
  }
  if (answer.items.length === 0) return { found: 'none' }
  const job = jobOf(probe(), kubernetesOf(config), config.doorUrl, PROBE_TIMES)
  const { runs, by, unnamed } = roomFor(job, answer.items)
  const wrong = unnamed.map(
    (name) =>
      `the namespace's quota counts ${name}, which our pods do not name, so that all are refused: set ${settingFor(name)}`,
  )
  if (runs === 0) wrong.push(`there is no room for a run (${by}): raise the quota, or lower kubernetes.resources`)
  const advice =
    runs !== undefined && runs > 0 && runs < config.running.all
      ? [
          `${config.running.all} runs are allowed at a time (running.all), and ${runs} more have room (${by}): the others will wait`,
        ]
      : []
  return { found: runs === undefined ? 'counts nothing that a run takes' : `room for ${runs} more runs`, wrong, advice }
}

/** `limits.cpu` → `kubernetes.resources.cpu.limit`. */
function settingFor(resource: string): string {
  const [kind, name = kind] = resource.includes('.') ? resource.split('.') : ['requests', resource]
  const key = name === 'ephemeral-storage' ? 'ephemeralStorage' : name
  return `kubernetes.resources.${key}.${kind === 'limits' ? 'limit' : 'request'}`
}
