/** A world on the cluster whose agent is hostile, whose secrets are canaries, and which can be searched for them. */

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { sign } from '../../src/door/credential.ts'
import { connectRedis, PREFIX } from '../../src/redis/connection.ts'
import { createLogbook } from '../../src/redis/logbook.ts'
import { ISSUE, type Place, type World } from '../conversations/world.ts'
import { leaks } from '../hostile/leaks.ts'
import { turned } from '../hostile/shout.ts'
import { client, createNamespace, NAMESPACE, startClusterWorld } from './clusterWorld.ts'

const HOSTILE = new URL('../hostile/', import.meta.url)

/** With all that encodings change, and nothing that a header cannot carry. */
const canary = (name: string) => `cnry/${name}+"${randomBytes(12).toString('base64')}"\\%7E~`
export const SECRETS = {
  GITLAB_TOKEN: 'glpat-demo-errand-bot',
  ERRAND_KEY: `${canary('key')}${canary('key')}`,
  WEBHOOK_SECRETS: canary('hook'),
  ANTHROPIC_API_KEY: canary('model'),
}
export const KNOWN = Object.values(SECRETS)
/** Errand does not have these, and knows them by their looks: one of an object storage, two of others' tokens. */
export const SHAPED = ['AKIAIOSFODNN7EXAMPLE', 'glpat-somebody.elses_token-1', `sk-ant-api03-${'Aa0_'.repeat(12)}`]

/** The agent's program comes as a volume of its pods, so the image stays as it is. */
async function bringProgram(): Promise<void> {
  const files = readdirSync(HOSTILE).map((name) => [name, readFileSync(new URL(name, HOSTILE), 'utf8')])
  const canaries = JSON.stringify({ known: KNOWN.map(turned), shaped: SHAPED.map(turned) })
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'hostile' },
    data: { ...Object.fromEntries(files), 'canaries.json': canaries },
  }
  const configMaps = `/api/v1/namespaces/${NAMESPACE}/configmaps`
  await client.call('DELETE', `${configMaps}/hostile`).catch(() => {})
  await client.call('POST', configMaps, { body })
}

/** `model`: the address of a model that goes on answering. */
export async function startHostileWorld(model: string): Promise<World> {
  await createNamespace()
  await bringProgram()
  return startClusterWorld(
    {
      volumes: [{ name: 'hostile', mountPath: '/hostile', source: { configMap: { name: 'hostile' } } }],
      resources: {
        cpu: { request: '50m' },
        memory: { request: '64Mi', limit: '600Mi' },
        ephemeralStorage: { request: '64Mi', limit: '2Gi' },
      },
    },
    {
      agent: { name: 'custom', command: ['/opt/errand/bin/node', '/hostile/agent.ts'] },
      limits: { agent: 30, attempts: 2, budget: 0.02 },
    },
    { ...SECRETS, ANTHROPIC_BASE_URL: model },
  )
}

/** All branches, tags and other refs of the project, by name. */
export async function refsOf(world: World): Promise<ReadonlyMap<string, string>> {
  const url = world.sandbox.url.replace('://', '://maintainer:glpat-demo-maintainer@')
  const { stdout } = await promisify(execFile)('git', ['ls-remote', `${url}/demo/shop.git`])
  const lines = stdout.trim().split('\n')
  return new Map(lines.map((line) => line.split('\t')).map(([id = '', name = '']) => [name, id]))
}

/** The stored log, whole, and how much memory Redis uses, in bytes. */
export async function keptOf(world: World, task: string): Promise<{ readonly log: Buffer; readonly memory: number }> {
  const redis = connectRedis(world.redis.url, 'patient', () => {})
  try {
    const log = await createLogbook(redis, PREFIX).read(task, 0, Number.MAX_SAFE_INTEGER)
    return { log, memory: Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]) }
  } finally {
    redis.disconnect()
  }
}

/** Everything that people are shown of a task: comments, merge requests, its page. */
export async function shownOf(world: World, task: string): Promise<string> {
  const page = await world.shown(task)
  const requests = await world.mergeRequests()
  const places = [ISSUE, ...requests.map(({ iid }): Place => ({ on: 'merge_requests', iid }))]
  const discussions = (await Promise.all(places.map(world.discussions))).flat()
  const notes = discussions.flatMap((discussion) => discussion.notes.map(({ body }) => body))
  return [page, ...requests.flatMap(({ title, description }) => [title, description]), ...notes].join('\n')
}

/** Whatever of Errand's secrets can be read in the text, and how. */
export function foundIn(text: string, task: string): string[] {
  const credentials = [1, 2].map((attempt) => sign(SECRETS.ERRAND_KEY, task, attempt))
  return [...KNOWN, ...credentials]
    .flatMap((secret) => leaks(text, secret).map((how) => `${secret.slice(0, 12)}… ${how}`))
    .concat(SHAPED.filter((secret) => text.includes(secret)))
}

/** What the agent said came of its deeds. */
export async function deedsOf(world: World, task: string): Promise<ReadonlyMap<string, string>> {
  const file = await world.file('deeds.txt', `agent/${task}`)
  return new Map([...file.matchAll(/^deed: ([^:]+): (.*)$/gm)].map(([, deed = '', came = '']) => [deed, came]))
}
