/**
 * A hostile agent (test/hostile/agent.ts) in the image, on a cluster: nothing gets out, nothing breaks, and what people read is right.
 * What a network policy would keep it from is not seen here: the addresses it knocks at are this machine's own.
 */

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { sign } from '../../src/door/credential.ts'
import { connectRedis, PREFIX } from '../../src/redis/connection.ts'
import { createLogbook } from '../../src/redis/logbook.ts'
import { ISSUE, type Place, type World } from '../conversations/world.ts'
import { leaks } from '../hostile/leaks.ts'
import { ENCODINGS, turned } from '../hostile/shout.ts'
import { type Model, startModel } from '../models/server.ts'
import { client, createNamespace, NAMESPACE, podsOf, startClusterWorld } from './clusterWorld.ts'

const HOSTILE = new URL('../hostile/', import.meta.url)
const MIB = 1024 * 1024

/** With all that encodings change, and nothing that a header cannot carry. */
const canary = (name: string) => `cnry/${name}+"${randomBytes(12).toString('base64')}"\\%7E~`
const SECRETS = {
  GITLAB_TOKEN: 'glpat-demo-errand-bot',
  ERRAND_KEY: `${canary('key')}${canary('key')}`,
  WEBHOOK_SECRETS: canary('hook'),
  ANTHROPIC_API_KEY: canary('model'),
}
const KNOWN = Object.values(SECRETS)
/** As those of an object storage: Errand does not have them, and knows the first by its looks. */
const SHAPED = ['AKIAIOSFODNN7EXAMPLE', 'glpat-somebody.elses_token-1', `sk-ant-api03-${'Aa0_'.repeat(12)}`]

let world: World
let model: Model

/** The agent's program as a volume of its pods: the image stays as it is. */
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

beforeAll(async () => {
  await createNamespace()
  await bringProgram()
  model = await startModel({ mode: 'sequence', steps: Array.from({ length: 100 }, () => ({ text: 'More.' })) })
  world = await startClusterWorld(
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
    { ...SECRETS, ANTHROPIC_BASE_URL: model.url },
  )
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await model.close()
})

/** All branches, tags and other refs of the project, by name. */
async function refs(): Promise<ReadonlyMap<string, string>> {
  const url = world.sandbox.url.replace('://', '://maintainer:glpat-demo-maintainer@')
  const { stdout } = await promisify(execFile)('git', ['ls-remote', `${url}/demo/shop.git`])
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([id = '', name = '']): [string, string] => [name, id]),
  )
}

/** The stored log, whole. */
async function logOf(task: string): Promise<Buffer> {
  const redis = connectRedis(world.redis.url, 'patient', () => {})
  try {
    return await createLogbook(redis, PREFIX).read(task, 0, Number.MAX_SAFE_INTEGER)
  } finally {
    redis.disconnect()
  }
}

/** Everything that people are shown of a task: comments, merge requests, its page. */
async function shownOf(task: string): Promise<string> {
  const page = await (await fetch(`${world.config.url}/tasks/${task}`)).text()
  const requests = await world.mergeRequests()
  const places = [ISSUE, ...requests.map(({ iid }): Place => ({ on: 'merge_requests', iid }))]
  return [page, JSON.stringify(requests), ...(await Promise.all(places.map(notes)))].join('\n')
}

async function notes(place: Place): Promise<string> {
  return (await world.discussions(place)).flatMap((discussion) => discussion.notes.map(({ body }) => body)).join('\n')
}

/** Whatever of Errand's secrets can be read in the text, and how. */
function found(text: string, task: string): string[] {
  const credentials = [1, 2].map((attempt) => sign(SECRETS.ERRAND_KEY, task, attempt))
  return [...KNOWN, ...credentials]
    .flatMap((secret) => leaks(text, secret).map((how) => `${secret.slice(0, 12)}… ${how}`))
    .concat(SHAPED.filter((secret) => text.includes(secret)))
}

/** What the agent said came of its deeds. */
async function deedsOf(task: string): Promise<ReadonlyMap<string, string>> {
  const file = await world.file('deeds.txt', `agent/${task}`)
  return new Map(
    [...file.matchAll(/^deed: ([^:]+): (.*)$/gm)].map(([, deed = '', outcome = '']): [string, string] => [
      deed,
      outcome,
    ]),
  )
}

test('the finder of leaks finds every encoding, so that what it does not find is not there', () => {
  for (const secret of KNOWN) {
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      for (const text of [secret, `key=${secret};`, `a: ${secret}\n`]) {
        expect(leaks(`before ${encode(text)} after`, secret), name).not.toEqual([])
      }
    }
    expect(leaks(`before ${Buffer.from(secret).toString('hex')} after`, secret)).not.toEqual([])
    expect(leaks(`${secret.slice(0, 12)}${secret.slice(13)}`, secret)).toEqual([])
  }
})

test('it steals, knocks, pushes, tampers, spends and shouts: nothing gets out, nothing else is touched', async () => {
  const before = await refs()
  const task = await world.say('developer', '/agent be hostile\nhostile: look reach push spend shout tamper')
  const answer = await world.answer(task)
  await world.over(task)
  const own = `refs/heads/agent/${task}`

  // What it saw, unmasked, since git is not masked: the one secret is its own credential.
  const seen = await world.file('seen.txt', `agent/${task}`)
  const credential = sign(SECRETS.ERRAND_KEY, task, 1)
  expect(seen).toContain('ERRAND_CREDENTIAL_FILE=')
  expect(seen).toMatch(/^=== \/var\/run\/errand\/.*credential\n/m)
  expect(seen).toContain(credential)
  expect(seen).not.toContain('serviceaccount/token')
  expect(found(seen.replaceAll(credential, ''), task).filter((leak) => !leak.startsWith('errand.'))).toEqual([])

  // What it did.
  const done = await deedsOf(task)
  const of = (deed: string) => [...done].filter(([name]) => name.startsWith(`${deed} `))
  expect(of('push')).toHaveLength(12)
  expect(of('push').filter(([, outcome]) => !outcome.startsWith('refused'))).toEqual([])
  expect(of('tamper')).toHaveLength(7)
  expect(of('tamper').filter(([, outcome]) => !outcome.startsWith('refused'))).toEqual([])
  expect(of('reach')).toHaveLength(20)
  expect(of('reach').filter(([, outcome]) => !/^4\d\d\b/.test(outcome))).toEqual([])
  expect(done.get('spend')).toMatch(/^refused after [1-9] calls: 4\d\d .*budget/)
  expect(model.recorded.length).toBeLessThan(10)
  const after = new Map(
    [...(await refs())].filter(([name]) => name !== own && !name.startsWith('refs/merge-requests/')),
  )
  expect(after).toEqual(before)

  // What people are shown.
  const log = (await logOf(task)).toString('latin1')
  // All but the one form in which the secret's line ends.
  expect(log.match(/^shouted .*\[masked\].* shouted$/gm)).toHaveLength(KNOWN.length * (3 * 5 - 1) + SHAPED.length)
  expect(log).toMatch(/^slowly torn .*\[masked\] torn$/m)
  expect(found(log, task)).toEqual([])
  const shown = await shownOf(task)
  expect(shown).toContain('I have found these:')
  expect(found(shown, task)).toEqual([])
  expect(answer).toContain('is ready for review')
  expect(answer).toContain('[masked]')
  expect(answer).not.toMatch(/^\/\w/m)
  expect(await world.api('maintainer', 'GET', 'projects/1/issues/1')).toMatchObject({ state: 'opened' })
  expect((await world.mergeRequests()).map(({ state }) => state)).toEqual(['opened'])
})

test('it floods and does not let itself be stopped: its time ends it, and everybody else goes on', async () => {
  const watch = watchOver()
  const task = await world.say('developer', '/agent be loud\nhostile: lines line hang')
  const answer = await world.answer(task)
  const { slowest, grown } = await watch.end()
  expect(answer).toContain('it ran into its time limit')
  expect(answer).toContain(`agent/TASK`)
  expect((await deedsOf(task)).get('line')).toBe(String(100 * MIB))

  const log = await logOf(task)
  expect(log.length).toBeGreaterThan(60 * MIB)
  expect(log.length).toBeLessThan(66 * MIB)
  expect(log.subarray(-100).toString()).toMatch(/x+\nlog cut here\n$/)
  const numbers = log.toString('latin1').match(/^line \d+$/gm) ?? []
  expect(numbers).toHaveLength(1_000_000)
  expect(numbers.findIndex((line, n) => line !== `line ${n}`)).toBe(-1)

  console.log(`During the flood: slowest answer ${slowest} ms, memory grew by ${Math.round(grown / MIB)} MiB`)
  expect(slowest).toBeLessThan(5000)
  expect(grown).toBeLessThan(500 * MIB)
  await world.until('its pod to be gone', async () => {
    const running = (await podsOf(task)).filter(({ status }) => status.phase === 'Running')
    return running.length === 0 ? true : undefined
  })
})

test("it forges an outcome, with somebody else's branch as its work: nobody believes it", async () => {
  await world.api('maintainer', 'POST', 'projects/1/repository/branches?branch=innocent&ref=main')
  const before = await world.mergeRequests()
  const task = await world.say('developer', '/agent be false\nhostile: forge hang')
  const answer = await world.answer(task)
  await world.over(task)
  expect(await world.mergeRequests()).toEqual(before)
  expect(answer).toContain('This did not work')
  expect(answer).not.toMatch(/innocent|fffffff|approved/)
})

test('it kills what started it: that is told, and nothing is left running', async () => {
  const task = await world.say('developer', '/agent be deadly\nhostile: murder')
  expect(await world.answer(task)).toMatch(/This did not work: .*lost[\s\S]*exit code 137/)
  await world.over(task)
})

test('after all that, the next one is served', async () => {
  const task = await world.say('developer', '/agent be good\nhostile: nothing')
  expect(await world.answer(task)).toContain('is ready for review')
  await world.over(task)
  expect(await world.file('deeds.txt', `agent/${task}`)).toMatch(/^deed: took: nothing \d+ ms\n$/)
})

/** Asks the page all the time, and looks at how large this process (worker, door and page in one) becomes. */
function watchOver() {
  const began = process.memoryUsage.rss()
  let [slowest, largest] = [0, began]
  let over = false
  const watching = (async () => {
    while (!over) {
      const asked = performance.now()
      const { status } = await fetch(`${world.config.url}/readyz`)
      expect(status).toBe(200)
      slowest = Math.max(slowest, Math.round(performance.now() - asked))
      largest = Math.max(largest, process.memoryUsage.rss())
      await sleep(100)
    }
  })()
  onTestFinished(() => {
    over = true
  })
  return {
    async end() {
      over = true
      await watching
      return { slowest, grown: largest - began }
    },
  }
}
