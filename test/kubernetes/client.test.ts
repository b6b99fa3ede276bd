/** Calls against an API server that misbehaves: each ends, with an answer or with an error of a known kind. */

import { expect, onTestFinished, test } from 'vitest'
import { createClient } from '../../src/kubernetes/client.ts'
import { openNamespace } from '../../src/kubernetes/namespace.ts'
import { missingPermissions, PERMISSIONS } from '../../src/kubernetes/permissions.ts'
import { eventually, QUICK } from './aWorld.ts'
import type { Fault } from './standIn/faults.ts'
import { openServer } from './standIn/server.ts'

async function open(protocols?: string[]) {
  const server = await openServer(protocols)
  const client = createClient(server.config(), QUICK)
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })
  return { server, client, namespace: openNamespace(client, 'runs') }
}
type Opened = Awaited<ReturnType<typeof open>>

const secret = { metadata: { name: 's' } }
const CALLS: readonly (readonly [what: string, call: (of: Opened) => Promise<unknown>])[] = [
  ['LIST', ({ namespace }) => namespace.list('jobs', (job) => job)],
  ['GET', ({ namespace }) => namespace.job('gone')],
  ['POST', ({ namespace }) => namespace.createJob({ metadata: { name: 'j' } })],
  ['POST of a Secret', ({ namespace }) => namespace.createSecret(secret)],
  ['DELETE', ({ namespace }) => namespace.deleteJob('gone')],
]
const FAULTS: readonly (readonly [what: string, fault: Fault])[] = [
  ['429', { do: 'answer', status: 429, headers: { 'retry-after': '0' } }],
  ['500', { do: 'answer', status: 500 }],
  ['503 of a proxy', { do: 'answer', status: 503, body: '<html>' }],
  ['an answer that is no JSON', { do: 'garble' }],
  ['a reset', { do: 'reset' }],
  ['a black hole', { do: 'hang' }],
]

for (const [call, perform] of CALLS) {
  for (const [what, fault] of FAULTS) {
    test(`K1: ${call} gets through after ${what}, twice`, async () => {
      const opened = await open()
      opened.server.faults.add(() => true, fault, 2)
      await perform(opened)
      expect(opened.server.calls.length).toBeGreaterThanOrEqual(3)
    })
  }
}

test('what fails on and on is told as `later`, with what was asked and answered', async () => {
  const { server, namespace } = await open()
  server.faults.add(() => true, { do: 'answer', status: 503, body: { message: 'etcd is away' } }, 100)
  await expect(namespace.job('j')).rejects.toMatchObject({
    problem: 'later',
    status: 503,
    message: expect.stringMatching(/GET .*jobs\/j: 503 etcd is away/),
  })
  expect(server.calls).toHaveLength(QUICK.tries)
})

test('Retry-After is honoured, and one that is longer than our patience is told', async () => {
  const { server, namespace } = await open()
  server.faults.add(() => true, { do: 'answer', status: 429, headers: { 'retry-after': '3600' } })
  await expect(namespace.job('j')).rejects.toMatchObject({ problem: 'later', after: 3_600_000 })
  expect(server.calls).toHaveLength(1)
})

const ANSWERS: readonly (readonly [status: number, reason: string, problem: string])[] = [
  [400, 'BadRequest', 'invalid'],
  [401, 'Unauthorized', 'unauthorized'],
  [403, 'Forbidden', 'forbidden'],
  [404, 'NotFound', 'not-found'],
  [409, 'AlreadyExists', 'exists'],
  [409, 'Conflict', 'conflict'],
  [410, 'Expired', 'gone'],
  [422, 'Invalid', 'invalid'],
]
for (const [status, reason, problem] of ANSWERS) {
  test(`${status} ${reason} is ${problem}, and asked once`, async () => {
    const { server, namespace } = await open()
    server.faults.add(() => true, { do: 'answer', status, body: { reason, message: 'no' } })
    await expect(namespace.createSecret(secret)).rejects.toMatchObject({ problem, status })
    expect(server.calls).toHaveLength(1)
  })
}

test('a list of many pages is whole, and one version', async () => {
  const { server, namespace } = await open()
  const labels = {
    'app.kubernetes.io/name': 'errand',
    'app.kubernetes.io/component': 'run',
    'app.kubernetes.io/managed-by': 'errand',
  }
  for (let number = 0; number < 1203; number++) {
    server.objects.create('jobs', { metadata: { name: `j${String(number).padStart(4, '0')}`, labels } })
  }
  server.objects.create('jobs', { metadata: { name: 'foreign' } })
  const { items, version } = await namespace.list('jobs', (job: { metadata: { name: string } }) => job.metadata.name)
  expect(new Set(items).size).toBe(1203)
  expect(version).toBe(server.objects.version())
  expect(server.calls).toHaveLength(3)
})

for (const protocols of [['h2', 'http/1.1'], ['http/1.1']]) {
  test(`300 calls at once, and two watches, where ${protocols.join(' and ')} is spoken: at most 4 connections`, async () => {
    const { server, namespace } = await open(protocols)
    const stop = new AbortController()
    const watching = Promise.allSettled(
      (['jobs', 'pods'] as const).map(async (kind) => {
        for await (const _ of namespace.watch(kind, '1000', QUICK, stop.signal)) break
      }),
    )
    await eventually(() => server.watches.now() === 2)
    await Promise.all(Array.from({ length: 300 }, () => namespace.job('gone')))
    for (let times = 0; times < 50; times++) await namespace.job('gone')
    expect(server.connections.most).toBeLessThanOrEqual(4)
    stop.abort()
    await watching
  })
}

test('a token that is rotated is used at once, on the same connections', async () => {
  const { server } = await open()
  const config = server.config('old')
  server.tokens.add('old')
  const client = createClient(config, QUICK)
  onTestFinished(() => client[Symbol.asyncDispose]())
  const namespace = openNamespace(client, 'runs')
  await namespace.job('gone')
  server.tokens.delete('old')
  await expect(namespace.job('gone')).rejects.toMatchObject({ problem: 'unauthorized' })
  Object.assign(config.users[0] ?? {}, { token: 'token' })
  await namespace.job('gone')
  expect(server.connections.all).toBeLessThanOrEqual(2)
})

test('time is the API server’s', async () => {
  const { client, server, namespace } = await open()
  const date = new Date(Date.now() + 3_600_000).toUTCString()
  server.faults.add(() => true, { do: 'answer', status: 200, headers: { date } })
  await namespace.job('j')
  expect(Math.abs(client.now() - Date.now() - 3_600_000)).toBeLessThan(1500)
})

test('what is not allowed is said, verb by verb, with the rule that is missing', async () => {
  const { server, namespace } = await open()
  expect(await missingPermissions(namespace)).toEqual([])
  server.denied.add('get pods/log').add('create secrets')
  const missing = await missingPermissions(namespace)
  expect(missing).toEqual([
    expect.stringContaining('apiGroups: [""], resources: ["pods/log"], verbs: ["get"]'),
    expect.stringMatching(/^Errand may not create secrets in namespace runs \(.*\): add to its Role/),
  ])
})

test('T13: nothing can be read or changed that is not needed', () => {
  const verbs = PERMISSIONS.flatMap(({ resource, subresource, verbs }) =>
    verbs.map((verb) => [verb, resource, subresource].filter(Boolean).join(' ')),
  )
  expect(verbs).not.toContain('get secrets')
  expect(verbs).not.toContain('list secrets')
  expect(verbs.some((verb) => /exec|impersonate|\*|update|patch/.test(verb))).toBe(false)
})
