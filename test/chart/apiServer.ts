/**
 * An API server, as far as helm asks one before it installs: what kinds there are, and the objects that are there already. It has
 * these objects and no other, and takes nothing.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'

export type There = {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [key: string]: unknown
}

/** The kinds that the chart renders or looks up, by the version of their API. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  v1: [
    'ConfigMap',
    'Endpoints',
    'LimitRange',
    'Namespace',
    'Pod',
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
  ],
  'apps/v1': ['Deployment', 'StatefulSet'],
  'networking.k8s.io/v1': ['NetworkPolicy'],
  'rbac.authorization.k8s.io/v1': ['Role', 'RoleBinding'],
}

/** While `use` runs there is such a server; it gets what helm needs to ask it. */
export async function withApiServer<T>(objects: readonly There[], use: (...args: string[]) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-api-'))
  const server = createServer(({ url = '' }, response) => {
    const answer = answerTo(new URL(url, 'http://localhost').pathname, objects)
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(answer ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }),
    )
  })
  try {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const file = join(folder, 'kubeconfig')
    await writeFile(file, kubeconfig((server.address() as AddressInfo).port))
    return await use('--dry-run=server', '--disable-openapi-validation', '--kubeconfig', file)
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function answerTo(path: string, objects: readonly There[]): object | undefined {
  const groups = Object.keys(KINDS).filter((version) => version !== 'v1')
  if (path === '/version') return { major: '1', minor: '34', gitVersion: 'v1.34.1' }
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) }
  const kinds = KINDS[path.replace(/^\/apis?\//, '')]
  if (kinds !== undefined)
    return {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: path.replace(/^\/apis?\//, ''),
      resources: kinds.map((kind) => ({ name: plural(kind), kind, namespaced: kind !== 'Namespace', verbs: ['get'] })),
    }
  const found = objects.find((object) => path === addressOf(object))
  return found && { apiVersion: 'v1', ...found }
}

function groupOf(groupVersion: string): object {
  const [name, version] = groupVersion.split('/')
  return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } }
}

function plural(kind: string): string {
  const small = kind.toLowerCase()
  return small.endsWith('y') ? small.replace(/y$/, 'ies') : small.replace(/s?$/, 's')
}

function addressOf({ kind, metadata: { name, namespace } }: There): string {
  return `/api/v1/${namespace === undefined ? '' : `namespaces/${namespace}/`}${plural(kind)}/${name}`
}

function kubeconfig(port: number): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [{ name: 'here', cluster: { server: `http://127.0.0.1:${port}` } }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
    users: [{ name: 'me', user: {} }],
  })
}
