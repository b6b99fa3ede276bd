/**
 * Errand as an operator has it: its chart, installed by helm on the cluster that KUBECONFIG names, before a sandbox GitLab and a
 * Redis of this machine.
 *
 * The cluster may be as bare as they come, without Services, DNS or volumes: our pods use the node's network. So it has one node, on
 * this machine. ERRAND_TEST_SERVICE_IMAGE is the service's image there, ERRAND_TEST_IMAGE the runtime's; ERRAND_TEST_HOST is the
 * address under which pods reach this machine's loopback, ERRAND_TEST_API the API server's as the node reaches it.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject } from 'vitest'
import { ownEnvironment } from '../../src/config.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { CHART, joined, withValues } from '../chart/render.ts'
import { helm } from '../chart/tools.ts'
import { client } from './clusterWorld.ts'

const {
  ERRAND_TEST_SERVICE_IMAGE: serviceImage = 'localhost/errand:test',
  ERRAND_TEST_IMAGE: runImage = 'localhost/errand-runtime:test',
  ERRAND_TEST_HOST: host = '10.244.0.1',
  ERRAND_TEST_API: api = '127.0.0.1:6443',
} = ownEnvironment()

export const RELEASE = 'errand'
export const OURS = 'errand-chart'
export const RUNS = 'errand-chart-runs'
export const SECRET = 'a-webhook-secret-of-this-world'

export type Listed = {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly data?: Readonly<Record<string, string>>
}

type Values = Readonly<Record<string, unknown>>

/** What the cluster has at this address of its API: `/api/v1/namespaces/a/pods`. */
export async function listed(path: string): Promise<readonly Listed[]> {
  return (await client.call<{ items: readonly Listed[] }>('GET', path)).items
}

/** Those pods that are not on their way out, by name. */
export async function pods(namespace: string): Promise<readonly Listed[]> {
  return (await listed(`/api/v1/namespaces/${namespace}/pods`)).filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  )
}

export async function until<T>(what: string, look: () => Promise<T | undefined>, patience = 150_000): Promise<T> {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(200)
  }
  throw new Error(`waited ${patience / 1000} s for ${what}`)
}

export async function startChartWorld() {
  const data = await mkdtemp(join(tmpdir(), 'errand-chart-'))
  const redis = await startRedis(inject('redisServer'), join(data, 'redis'))
  const sandbox = await startSandbox({ port: 0, data: join(data, 'gitlab') })
  const [serve, door] = [await freePort(), await freePort()]
  const values: Values = {
    url: `http://127.0.0.1:${serve}`,
    gitlab: { url: sandbox.url },
    image: { ...imageOf(serviceImage), pullPolicy: 'Never' },
    secrets: { values: { GITLAB_TOKEN: 'glpat-demo-errand-bot', WEBHOOK_SECRETS: SECRET } },
    redis: { external: redis.url },
    hostNetwork: true,
    listenHost: '127.0.0.1',
    strategy: { type: 'Recreate' },
    apiServer: { host: api.split(':')[0], port: Number(api.split(':')[1]) },
    serve: { port: serve, healthPort: await freePort() },
    work: { healthPort: await freePort() },
    door: { port: door, healthPort: await freePort(), url: `http://${host}:${door}` },
    runs: { namespace: RUNS, image: imageOf(runImage) },
    config: {
      agent: { name: 'rehearsal' },
      running: { all: 10, project: 10, person: 10 },
      pace: { sweep: 1, quiet: 1, gitlabTimeout: 5, status: [0.1, 0.2, 0.2], grace: 20 },
      kubernetes: {
        pullPolicy: 'Never',
        resources: {
          cpu: { request: '50m' },
          memory: { request: '64Mi', limit: '1Gi' },
          ephemeralStorage: { request: '64Mi', limit: '2Gi' },
        },
      },
    },
  }
  const gitlab = async <T>(who: string, method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${sandbox.url}/api/v4/${path}`, {
      method,
      headers: { 'PRIVATE-TOKEN': `glpat-demo-${who}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  await gitlab('maintainer', 'POST', 'projects/1/hooks', {
    url: `${values.url}/hook`,
    token: SECRET,
    note_events: true,
    issues_events: true,
    merge_requests_events: true,
    push_events: false,
  })

  const notes = async () => {
    const path = 'projects/1/issues/1/notes?per_page=100&sort=desc'
    return gitlab<readonly { body: string; author: { username: string } }[]>('maintainer', 'GET', path)
  }
  return {
    values,
    /** `helm install` or `helm upgrade` with these values besides; back when all pods are ready. */
    async helm(what: 'install' | 'upgrade', more: Values = {}): Promise<string> {
      const create = what === 'install' ? ['--create-namespace'] : []
      return withValues(joined(values, more), (file) =>
        helm(what, RELEASE, CHART, '--namespace', OURS, ...create, '--values', file, '--wait', '--timeout', '4m'),
      )
    },
    /** A comment under issue 1; the name of its task. */
    async say(body: string): Promise<string> {
      return `1-n${(await gitlab<{ id: number }>('developer', 'POST', 'projects/1/issues/1/notes', { body })).id}`
    },
    async answer(task: string): Promise<string> {
      return until(`an answer to ${task}`, async () =>
        (await notes()).map(({ body }) => body).find((body) => body.includes(`<!-- errand:${task} reply`)),
      )
    },
    async status(task: string): Promise<string | undefined> {
      return (await notes()).map(({ body }) => body).find((body) => body.includes(`<!-- errand:${task} status -->`))
    },
    async mergeRequests() {
      return gitlab<readonly { source_branch: string }[]>('maintainer', 'GET', 'projects/1/merge_requests')
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await sandbox.close()
      await redis.stop()
      await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

/** Nothing of an earlier try, whatever became of it. */
export async function clearChart(): Promise<void> {
  await helm('uninstall', RELEASE, '--namespace', OURS, '--ignore-not-found', '--wait', '--timeout', '4m')
  for (const namespace of [OURS, RUNS])
    await client.call('DELETE', `/api/v1/namespaces/${namespace}`).catch((error: Error) => {
      if (!error.message.includes('not found')) throw error
    })
  await until('the namespaces to go', async () => {
    const left = (await listed('/api/v1/namespaces')).filter(({ metadata }) => [OURS, RUNS].includes(metadata.name))
    return left.length === 0 ? true : undefined
  })
}

function imageOf(text: string): { readonly repository: string; readonly tag: string } {
  const colon = text.lastIndexOf(':')
  return { repository: text.slice(0, colon), tag: text.slice(colon + 1) }
}
