/** What our pods are given is what config.ts reads: every variable can be set, no other is, and it starts with them. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Config, environmentSchema, readConfig, SECRETS } from '../../src/config.ts'
import { MATRIX } from './matrix.ts'
import { containerOf, errandsIn, type PodOf } from './pods.ts'
import { type Rendered, render, SECRET_VALUES, the } from './render.ts'

const KEY = 'k'.repeat(64)

/** Read by Node itself, by the cluster's library, or as the operator likes. */
const OTHERS = [
  'ERRAND_CONFIG',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'REDIS_PASSWORD',
  'NODE_USE_ENV_PROXY',
  'NODE_EXTRA_CA_CERTS',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'OTEL_SERVICE_NAME',
]

test('every variable that config.ts reads is set by some value, and no other is', async () => {
  const set = new Set<string>()
  for (const values of Object.values(MATRIX))
    for (const pod of errandsIn(await render(values))) for (const { name } of containerOf(pod).env ?? []) set.add(name)
  const secrets = Object.keys(SECRETS).map((name) => (name === 'OAUTH_CLIENT_ID' ? name : `${name}_FILE`))
  // The data folder is the local runner's, which no pod has.
  const plain = Object.keys(environmentSchema.shape).filter((name) => name !== 'ERRAND_DATA')
  expect([...set].sort()).toEqual([...plain, ...secrets, ...OTHERS].sort())
})

test.each(Object.keys(MATRIX))('Errand starts with it: %s', async (what) => {
  const values = MATRIX[what] ?? {}
  const objects = await render({ ...values, config: values.config ?? { running: { all: 7 } } })
  for (const pod of errandsIn(objects)) {
    const config = await configOf(pod, objects)
    expect(config.runner).toBe('kubernetes')
    const named = (values.door as { url?: string } | undefined)?.url
    expect(config.doorUrl).toBe(named ?? `http://${nameOf(objects)}-door.ours.svc:8081`)
    expect(config.kubernetes).toMatchObject({
      namespace: what === 'as little as can be' ? 'given' : 'ours-runs',
      image: 'registry.example.com/errand-runtime:0.1.0',
    })
    expect(config.health.port).toBe(
      containerOf(pod).ports?.find(({ name }) => name === 'health')?.containerPort ?? config.health.port,
    )
    expect(config.gitlab.token()).toBe(SECRET_VALUES.GITLAB_TOKEN)
    expect(config.listen.host).toBe('0.0.0.0')
  }
})

test('no two parts on one node want the same port', async () => {
  const pods = errandsIn(await render(MATRIX['a bare cluster'] ?? {})).filter(({ of }) => of !== 'errand-doctor')
  const ports = pods.flatMap((pod) => (containerOf(pod).ports ?? []).map(({ containerPort }) => containerPort))
  expect(ports).toEqual([...new Set(ports)])
})

test("one setting of a company's network reaches the service and the runs", async () => {
  const objects = await render(MATRIX["a company's network"] ?? {})
  const [pod] = errandsIn(objects)
  if (pod === undefined) throw new Error('there are no pods')
  const { kubernetes } = await configOf(pod, objects)
  const direct = 'gitlab.example.com,localhost,127.0.0.1,.svc,.cluster.local'
  expect(variablesOf(pod)).toMatchObject({
    ...bothSpellings(direct),
    NODE_USE_ENV_PROXY: '1',
    NODE_EXTRA_CA_CERTS: '/etc/errand/ca/ca.crt',
  })
  expect(kubernetes?.environment).toEqual({
    ...bothSpellings(direct),
    NPM_CONFIG_REGISTRY: 'https://packages.example.com/npm/',
    PIP_INDEX_URL: 'https://packages.example.com/pypi/simple',
    UV_DEFAULT_INDEX: 'https://packages.example.com/pypi/simple',
    GOPROXY: 'https://packages.example.com/go,direct',
    ...Object.fromEntries(
      [
        'NODE_EXTRA_CA_CERTS',
        'SSL_CERT_FILE',
        'GIT_SSL_CAINFO',
        'CURL_CA_BUNDLE',
        'REQUESTS_CA_BUNDLE',
        'PIP_CERT',
        'NPM_CONFIG_CAFILE',
      ].map((name) => [name, '/etc/errand-ca/ca.crt']),
    ),
  })
  expect(kubernetes?.volumes).toMatchObject([{ name: 'errand-ca', source: { configMap: { name: 'errand-ca' } } }])
  for (const namespace of ['ours', 'ours-runs'])
    expect(
      objects.filter(
        ({ kind, metadata }) =>
          kind === 'ConfigMap' && metadata.name === 'errand-ca' && metadata.namespace === namespace,
      ),
    ).toHaveLength(1)
})

function bothSpellings(direct: string): Record<string, string> {
  const proxy = 'http://proxy.example.com:3128'
  const small = { http_proxy: proxy, https_proxy: proxy, no_proxy: direct }
  return { ...small, HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: direct }
}

test.each([
  ['https://door.example.com:8443', 'door.example.com'],
  ['http://10.0.0.5:8081', '10.0.0.5'],
])('%s is reached without the proxy', async (url, host) => {
  const values = { proxy: { http: 'http://proxy.example.com:3128' }, door: { url } }
  const objects = await render({ ...values, runs: { network: { door: [{ cidr: '192.0.2.1/32' }] } } })
  for (const pod of errandsIn(objects)) {
    const { kubernetes } = await configOf(pod, objects)
    for (const variables of [variablesOf(pod), kubernetes?.environment ?? {}])
      for (const name of ['NO_PROXY', 'no_proxy']) expect(variables[name]?.split(',')).toContain(host)
  }
})

function nameOf(objects: readonly Rendered[]): string {
  return the(objects, 'Role').metadata.name
}

function variablesOf(pod: PodOf): Record<string, string> {
  return Object.fromEntries((containerOf(pod).env ?? []).map(({ name, value = '' }) => [name, value]))
}

/** As its program reads it, from the files that its volumes hold. */
async function configOf(pod: PodOf, objects: readonly Rendered[]): Promise<Config> {
  const root = await mkdtemp(join(tmpdir(), 'errand-pod-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const { name, mountPath } of containerOf(pod).volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((one) => one.name === name)
    const sources = [volume, ...(volume?.projected?.sources ?? [])]
    await mkdir(join(root, mountPath), { recursive: true })
    for (const source of sources) {
      const map = source?.configMap === undefined ? {} : dataOf(objects, 'ConfigMap', source.configMap.name)
      const secret = source !== undefined && 'secret' in source ? source.secret : undefined
      const from = secret !== undefined && 'name' in secret ? dataOf(objects, 'Secret', secret.name) : map
      const items = source?.configMap?.items ?? (secret !== undefined && 'items' in secret ? secret.items : undefined)
      for (const { key, path } of items ?? Object.keys(from).map((key) => ({ key, path: key })))
        await writeFile(join(root, mountPath, path), from[key] ?? KEY)
    }
  }
  const env = Object.entries(variablesOf(pod)).map(([name, value]) => [
    name,
    value.replace(/^\/etc\/errand\//, `${root}/etc/errand/`),
  ])
  const redis =
    secretOf('REDIS_URL') ?? variablesOf(pod).REDIS_URL?.replace('$(REDIS_PASSWORD)', secretOf('REDIS_PASSWORD') ?? '')
  expect(await readFile(join(root, 'etc/errand/config/errand.yaml'), 'utf8')).toContain('kubernetes:')
  return readConfig({ ...Object.fromEntries(env), REDIS_URL: redis })

  function secretOf(variable: string): string | undefined {
    const from = (containerOf(pod).env ?? []).find(({ name }) => name === variable)?.valueFrom?.secretKeyRef
    return (
      from && (dataOf(objects, 'Secret', from.name)[from.key] ?? (variable === 'REDIS_URL' ? 'redis://given' : 'given'))
    )
  }
}

/** Of an object that the operator keeps himself nothing is known: any text will do. */
function dataOf(objects: readonly Rendered[], kind: string, name = ''): Record<string, string> {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name)
  return (found?.data ?? found?.stringData ?? {}) as Record<string, string>
}
