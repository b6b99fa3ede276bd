/** What the pod of a run must not reach, and what it has to: asked from a pod, since nobody else can know. */

import type { Config } from '../config.ts'
import type { Client } from '../kubernetes/client.ts'
import { jobOf } from '../kubernetes/job.ts'
import { openNamespace } from '../kubernetes/namespace.ts'
import { API_SERVER, type Reached, reachFrom, type Target } from '../kubernetes/reach.ts'
import { isLoopback } from './doctorConfig.ts'
import { PATIENCE, PROBE_TIMES, probe } from './doctorRun.ts'
import type { Finding } from './finding.ts'
import { kubernetesOf } from './runs.ts'

/** Where packages come from: variables that are given to runs (runtime/README.md, clause 1.2). */
const MIRRORS = [
  'NPM_CONFIG_REGISTRY',
  'YARN_NPM_REGISTRY_SERVER',
  'PIP_INDEX_URL',
  'UV_DEFAULT_INDEX',
  'UV_INDEX_URL',
  'GOPROXY',
]
/** By which they are reached; without an https mirror nothing else shows whether it is there. */
const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY']
/** Where clouds give out the credentials of a machine. */
const METADATA = '169.254.169.254:80'

export async function* checkReach(
  config: Config,
  client: Client,
  namespace: string,
  server: string,
): AsyncGenerator<Finding> {
  const settings = kubernetesOf(config)
  const forbidden: readonly Target[] = [
    { name: 'the API server', connect: API_SERVER },
    ...(URL.canParse(server) && !isLoopback(server)
      ? [{ name: 'the API server from outside', connect: addressOf(server) }]
      : []),
    ...(isLoopback(config.redisUrl) ? [] : [{ name: 'Redis', connect: addressOf(config.redisUrl) }]),
    { name: "the cloud's metadata", connect: METADATA },
  ]
  const mirrors = neededOf(settings.environment)
  const job = jobOf(probe(), settings, config.doorUrl, PROBE_TIMES)
  const told = await reachFrom(openNamespace(client, namespace), job, [...forbidden, ...mirrors], PATIENCE).catch(
    (error: unknown) => ({ why: error instanceof Error ? error.message : String(error) }),
  )
  if ('why' in told) {
    const advice = [`the image needs \`node\` for this (${settings.image}): nothing is known of network policies`]
    return yield { checked: 'network', found: `a pod could not tell: ${told.why}`, wrong: [], advice, unseen: true }
  }
  const isOf = (targets: readonly Target[]) => (one: Reached) => targets.some(({ name }) => name === one.name)
  yield wall(told.filter(isOf(forbidden)), namespace)
  if (mirrors.length > 0) yield packages(told.filter(isOf(mirrors)))
}

/** Proxies and mirrors of packages that runs are given. */
function neededOf(environment: Readonly<Record<string, string>>): readonly Target[] {
  return Object.entries(environment).flatMap(([name, value]): readonly Target[] => {
    // GOPROXY names several, and words as `direct`.
    const url = value.split(/[,|]/).find((one) => /^https?:\/\//.test(one) && URL.canParse(one))
    if (url === undefined) return []
    if (MIRRORS.includes(name.toUpperCase())) return [{ name, get: url }]
    return PROXIES.includes(name.toUpperCase()) ? [{ name, connect: addressOf(url) }] : []
  })
}

/** No failure: a cluster may have no network policies, and runs are walled in by their pod all the same. */
function wall(told: readonly Reached[], namespace: string): Finding {
  const open = told.filter(({ reached }) => reached).map(({ name }) => name)
  const advice = `agents can reach ${open.join(' and ')}: have the cluster enforce the NetworkPolicy of the chart in namespace ${namespace} (a network plugin that does, as Cilium or Calico)`
  return {
    checked: 'network',
    found:
      open.length === 0
        ? `a run reaches neither ${told.map(({ name }) => name).join(' nor ')}`
        : `a run reaches ${open.join(' and ')}`,
    wrong: [],
    advice: open.length === 0 ? [] : [advice],
  }
}

function packages(told: readonly Reached[]): Finding {
  const wrong = told
    .filter(({ reached }) => !reached)
    .map(
      ({ name, why }) =>
        `${name} is not reached from a run (${why}): see its address, HTTPS_PROXY and NO_PROXY, the CA in NODE_EXTRA_CA_CERTS (kubernetes.environment), and network policies`,
    )
  const names = told.map(({ name }) => name).join(', ')
  return { checked: 'packages', found: wrong.length === 0 ? `a run reaches ${names}` : names, wrong, advice: [] }
}

function addressOf(url: string): string {
  const { hostname, port, protocol } = new URL(url)
  const usual: Readonly<Record<string, string>> = {
    'https:': '443',
    'http:': '80',
    'redis:': '6379',
    'rediss:': '6379',
  }
  return `${hostname}:${port === '' ? (usual[protocol] ?? '') : port}`
}
