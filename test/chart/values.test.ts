/** What an operator may say: each value has its sentence, and a wrong one gets one. */

import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml'
import { z } from 'zod'
import { SECRETS } from '../../src/config.ts'
import { Settings } from '../../src/settings.ts'
import { CHART, joined, LEAST, render, withValues } from './render.ts'
import { helm } from './tools.ts'

/** `npm test -- --update=true test/chart/values.test.ts` writes what the chart takes from src/ into its schema. */
test('the schema knows every setting and every secret, as src/ does', async () => {
  const path = join(CHART, 'values.schema.json')
  const schema = JSON.parse(await readFile(path, 'utf8'))
  schema.$defs.config = configSchema()
  schema.$defs.secretName = {
    enum: [...Object.keys(SECRETS).filter((name) => name !== 'OAUTH_CLIENT_ID'), 'REDIS_PASSWORD', 'REDIS_URL'].sort(),
  }
  await expect(formatted(JSON.stringify(schema, null, 2))).toMatchFileSnapshot(path)
})

/** As `npm run check` wants it. */
function formatted(json: string): string {
  const biome = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url))
  return execFileSync(biome, ['format', '--stdin-file-path=values.schema.json'], { input: json, encoding: 'utf8' })
}

type Schema = { properties: Record<string, Schema>; required?: string[]; additionalProperties?: unknown }

/** The settings, without those that the chart sets itself. */
function configSchema(): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(Settings, { io: 'input', target: 'draft-7' })
  const { listen, door, health, docker, kubernetes, ...properties } = (schema as unknown as Schema).properties
  if (!listen || !door || !health || !docker || !kubernetes)
    throw new Error('the settings are not those that the chart sets')
  const { namespace, kubeconfig, image, ...pods } = kubernetes.properties
  if (!namespace || !kubeconfig || !image) throw new Error('the settings of runs are not those that the chart sets')
  const { required: __, ...rest } = kubernetes
  return { ...schema, properties: { ...properties, kubernetes: { ...rest, properties: pods } } }
}

test.each<[string, object, string]>([
  ['nothing at all', { url: '', gitlab: { url: '' } }, 'url is missing: where people and GitLab reach this Errand'],
  ['no image', { image: { repository: '' } }, 'image.repository is missing'],
  ['an empty secret', { secrets: { values: { GITLAB_TOKEN: '' } } }, "at '/secrets/values/GITLAB_TOKEN'"],
  ['a secret of no name', { secrets: { values: { GITLAB_TOKN: 'x' } } }, "invalid propertyName 'GITLAB_TOKN'"],
  ['keys of no Secret', { secrets: { keys: ['ERRAND_KEY'] } }, 'secrets.keys is given without secrets.existing'],
  ['a Secret of no keys', { secrets: { existing: 'mine' } }, 'secrets.existing is given without secrets.keys'],
  [
    'a secret twice',
    { secrets: { existing: 'mine', keys: ['GITLAB_TOKEN'] } },
    'GITLAB_TOKEN stands in secrets.keys and in secrets.values',
  ],
  ['no login', { login: { clientId: '' } }, 'login.clientId is missing: nobody could log in'],
  ['one namespace for all', { runs: { namespace: 'ours' } }, 'runs.namespace is the namespace of Errand itself'],
  [
    'ports of the node twice',
    { hostNetwork: true, door: { url: 'http://10.0.0.5:8081' } },
    'hostNetwork needs strategy.type=Recreate',
  ],
  ['a node without an address', { hostNetwork: true, strategy: { type: 'Recreate' } }, 'hostNetwork needs door.url'],
  [
    'two Redis',
    { redis: { external: 'redis://a' }, secrets: { values: { REDIS_URL: 'redis://b' } } },
    'are both given',
  ],
  [
    'a password of no Redis',
    { redis: { external: 'redis://a' }, secrets: { values: { REDIS_PASSWORD: 'p'.repeat(16) } } },
    'REDIS_PASSWORD is of the Redis that comes along, and there is one of your own',
  ],
  [
    'a password that an address cannot hold',
    { secrets: { values: { REDIS_PASSWORD: 'p@'.repeat(9) } } },
    'REDIS_PASSWORD',
  ],
  [
    'our Redis, and the network of a node',
    { hostNetwork: true, strategy: { type: 'Recreate' }, door: { url: 'http://10.0.0.5:8081' } },
    'hostNetwork needs a Redis of your own, as redis.external or as REDIS_URL among the secrets',
  ],
  [
    'a door that no policy can find',
    { door: { url: 'https://door.example.com' } },
    'runs.network.door is missing: door.url names the host door.example.com',
  ],
  ['calls from outside that nobody lets in', { service: { type: 'NodePort' } }, 'networkPolicy.serveFrom is missing'],
  ['a password in the open', { redis: { external: 'redis://:pw@a:6379' } }, "at '/redis/external'"],
  ['a proxy with a password', { proxy: { https: 'http://a:b@proxy:3128' } }, "at '/proxy/https'"],
  ['a route to nowhere', { httpRoute: { enabled: true } }, 'httpRoute.parentRefs is missing'],
  [
    'a budget for one pod',
    { door: { disruptionBudget: { enabled: true } } },
    'door.disruptionBudget needs two pods or more',
  ],
  ['a value of no name', { redsi: {} }, "additional properties 'redsi' not allowed"],
  ['a number that is none', { serve: { replicas: 'two' } }, "at '/serve/replicas': got string, want integer"],
  ['a setting of no name', { config: { limit: {} } }, "at '/config': additional properties 'limit' not allowed"],
  ['a setting that is wrong', { config: { limits: { attempts: 0 } } }, "at '/config/limits/attempts'"],
  [
    'a setting of the chart',
    { config: { door: { port: 1 } } },
    "at '/config': additional properties 'door' not allowed",
  ],
])('%s is refused with a sentence', async (_, values, sentence) => {
  await expect(render(values as Record<string, unknown>)).rejects.toThrow(sentence)
})

test('what is missing is told all at once, in the words of the operator', async () => {
  const told = await helm('template', 'errand', CHART).catch((error: Error) => error.message)
  expect(told.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(7)
  expect(told).toContain('GITLAB_TOKEN is missing: give it in secrets.values, or in a Secret of yours')
})

test('what to do next is said in two steps', async () => {
  const notes = await withValues(LEAST, (file) =>
    helm('install', 'errand', CHART, '--namespace', 'ours', '--values', file, '--dry-run=client', '--hide-notes=false'),
  )
  expect(notes).toContain('helm test errand --namespace ours --logs')
  expect(notes).toContain('deploy/errand-work -- errand hooks install GROUP/PROJECT')
})

test('what helm uninstall takes along, and what it leaves, is said before', async () => {
  const notes = (values: object) =>
    withValues(joined(LEAST, values as Record<string, unknown>), (file) =>
      helm(
        'install',
        'errand',
        CHART,
        '--namespace',
        'ours',
        '--values',
        file,
        '--dry-run=client',
        '--hide-notes=false',
      ),
    )
  const taken = await notes({})
  expect(taken).toContain("removes the namespace ours-runs with every run in it, Redis' volume with the history")
  expect(taken).toContain('kubectl delete pod --namespace ours errand-doctor --ignore-not-found')
  const left = await notes({ redis: { persistence: { whenDeleted: 'Retain' } }, runs: { createNamespace: false } })
  expect(left).not.toMatch(/removes the namespace|volume with the history/)
  expect(left).toContain(
    "Redis' volume stays when the release is removed; `kubectl delete pvc --namespace ours data-errand-redis-0`",
  )
})

/** Those of one part are told once, at `serve`. */
const TOLD_ONCE = /^(work|door|all)\.|\.(autoscaling|image|resources)\./

test('every value has a sentence before it', async () => {
  const document = parseDocument(await readFile(join(CHART, 'values.yaml'), 'utf8'))
  const mute = silent(document.contents as YAMLMap, '', document.commentBefore ?? '')
  expect(mute.filter((path) => !TOLD_ONCE.test(path))).toEqual([])
})

/** The values without a comment, each with its way. The first key's comment is that of its map. */
function silent(map: YAMLMap, path: string, first: string): readonly string[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) throw new Error(`${path} has a key that is no word`)
    const here = `${path}${key.value}`
    const comment = key.commentBefore ?? (index === 0 ? first : '')
    const told = /\w[\s\S]*[.:]/.test(comment) ? [] : [here]
    if (!isMap(value) || value.items.length === 0) return told
    // A map is told by its own sentence, or by those of all that is in it.
    const inner = silent(value, `${here}.`, value.commentBefore ?? '')
    return told.length === 0 && value.flow ? [] : inner
  })
}
