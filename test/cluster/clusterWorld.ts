/**
 * A world whose runs are Jobs on a real Kubernetes: any that KUBECONFIG names.
 *
 * ERRAND_TEST_IMAGE is an image with the runtime that the cluster has or can pull; ERRAND_TEST_HOST is the address under
 * which its pods reach this machine's loopback.
 */

import { KubeConfig } from '@kubernetes/client-node'
import { ownEnvironment } from '../../src/config.ts'
import { createClient } from '../../src/kubernetes/client.ts'
import { PACE } from '../../src/kubernetes/pace.ts'
import { startWorld, type World } from '../conversations/world.ts'

export const NAMESPACE = 'errand-test'
const { ERRAND_TEST_IMAGE: image = 'localhost/errand-runtime:test', ERRAND_TEST_HOST: doorHost = '10.244.0.1' } =
  ownEnvironment()

const kubeconfig = new KubeConfig()
kubeconfig.loadFromDefault()
export const client = createClient(kubeconfig, PACE)
export const pods = `/api/v1/namespaces/${NAMESPACE}/pods`

export type Pod = {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly status: { readonly phase: string }
}

export async function podsOf(task: string): Promise<readonly Pod[]> {
  const query = { labelSelector: `errand/task=${task}` }
  return (await client.call<{ items: readonly Pod[] }>('GET', pods, { query })).items
}

export async function createNamespace(): Promise<void> {
  const metadata = { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } }
  await client
    .call('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata } })
    .catch((error: Error) => {
      if (!error.message.includes('already exists')) throw error
    })
}

/** Each world has its own tasks of the same names, so what an earlier one left goes first. */
async function clear(): Promise<void> {
  const jobs = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`
  const { items } = await client.call<{ items: readonly Pod[] }>('GET', jobs)
  for (const { metadata } of items)
    await client.call('DELETE', `${jobs}/${metadata.name}`, {
      query: { propagationPolicy: 'Background', gracePeriodSeconds: 0 },
    })
  for (;;) {
    const { items: left } = await client.call<{ items: readonly Pod[] }>('GET', pods)
    const { items: leftJobs } = await client.call<{ items: readonly Pod[] }>('GET', jobs)
    if (left.length === 0 && leftJobs.length === 0) return
    for (const { metadata } of left)
      await client.call('DELETE', `${pods}/${metadata.name}`, { query: { gracePeriodSeconds: 0 } }).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

export async function startClusterWorld(
  kubernetes: object = {},
  config: object = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<World> {
  await clear()
  return startWorld({
    doorHost,
    environment: { ERRAND_RUNNER: 'kubernetes', KUBECONFIG: ownEnvironment().KUBECONFIG ?? '', ...environment },
    config: {
      kubernetes: {
        image,
        namespace: NAMESPACE,
        resources: {
          cpu: { request: '50m' },
          memory: { request: '64Mi' },
          ephemeralStorage: { request: '64Mi', limit: '2Gi' },
        },
        ...kubernetes,
      },
      ...config,
    },
    mayFail: /(Missing key|Missing lock|Lock mismatch) for job/,
    patience: 150_000,
  })
}
