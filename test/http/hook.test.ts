/** The hook as GitLab meets it: the whole serving side over HTTP, with a real Redis. */

import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { serve } from '../../src/commands/serve.ts'
import { ownEnvironment, readConfig } from '../../src/config.ts'
import { freePort } from '../../src/local/redis.ts'
import { createLogger } from '../../src/log.ts'

const TOKEN = 'old-token-of-the-hook'
const SIGNING = 'whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q='
const NOTE = {
  object_kind: 'note',
  event_type: 'note',
  user: { id: 2, name: 'Dora', username: 'dora' },
  project_id: 42,
  project: { id: 42, path_with_namespace: 'demo/shop' },
  object_attributes: {
    id: 1337,
    note: '/agent fix it',
    noteable_type: 'Issue',
    system: false,
    action: 'create',
    discussion_id: 'ab12',
  },
  issue: { iid: 7, title: 'x' },
}

let url = ''
let close: () => Promise<void>
const errors: string[] = []

async function startServing(redisUrl: string) {
  const port = await freePort()
  const config = readConfig({
    GITLAB_URL: 'http://127.0.0.1:9',
    GITLAB_TOKEN: 'glpat-x',
    WEBHOOK_SECRETS: `${SIGNING}, ${TOKEN}, new-token`,
    REDIS_URL: redisUrl,
    ERRAND_URL: `http://127.0.0.1:${port}`,
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: 'k'.repeat(32),
    ERRAND_RUNNER: 'local',
    ERRAND_CONFIG: '',
  })
  const log = createLogger('error', { write: (line: string) => errors.push(line) })
  const serving = await serve({ ...config, listen: { host: '127.0.0.1', port } }, log)
  return { url: config.url, close: async () => serving[Symbol.asyncDispose]() }
}

beforeAll(async () => {
  // A database of its own, so that the parsed queue names are nobody else's.
  ;({ url, close } = await startServing(`${inject('redisUrl')}/7`))
})
afterAll(() => close())

type Sent = { body?: string | Buffer; headers?: Record<string, string>; method?: string; path?: string }

async function send({ body = JSON.stringify(NOTE), headers = {}, method = 'POST', path = '/hook' }: Sent = {}) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-gitlab-event': 'Note Hook', 'x-gitlab-token': TOKEN, ...headers },
    ...(method === 'GET' ? {} : { body }),
  })
  return { status: response.status, text: await response.text() }
}

const changed = (attributes: object, more: object = {}): string =>
  JSON.stringify({ ...NOTE, ...more, object_attributes: { ...NOTE.object_attributes, ...attributes } })

function signed(
  body: string,
  { id = 'f5e5f430', at = Math.floor(Date.now() / 1000), token = SIGNING } = {},
): Record<string, string> {
  const key = Buffer.from(token.slice(6), 'base64')
  const mac = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,AAAA v1,${mac}` }
}

const BODY = JSON.stringify(NOTE)
const SIGNED_ONLY = { 'x-gitlab-token': '' }

const TABLE: readonly (readonly [what: string, sent: Sent, status: number, says: string])[] = [
  ['a note', {}, 202, 'taken'],
  ['the same again', {}, 202, 'taken'],
  ['with the other token, as while it is rotated', { headers: { 'x-gitlab-token': 'new-token' } }, 202, 'taken'],
  ['signed, without a token', { headers: { ...SIGNED_ONLY, ...signed(BODY) } }, 202, 'taken'],
  ['an older GitLab: no action', { body: changed({ action: undefined }) }, 202, 'taken'],
  ['with fields of a version to come', { body: changed({ mood: { is: 'good' } }, { planet: 'Mars' }) }, 202, 'taken'],
  ['charset in the content type', { headers: { 'content-type': 'application/json; charset=utf-8' } }, 202, 'taken'],
  ['an edit', { body: changed({ action: 'update' }) }, 202, 'd'],
  ['a system note', { body: changed({ system: true }) }, 200, 'GitLab wrote'],
  ['a commit note', { body: changed({ noteable_type: 'Commit' }) }, 200, 'Commit'],
  ['another event', { body: '{"object_kind":"push"}' }, 200, 'push'],
  ['an event without a kind', { body: '{"hello":1}' }, 200, 'without object_kind'],
  ['an array', { body: '[]' }, 200, 'without object_kind'],
  ['null', { body: 'null' }, 200, 'without object_kind'],
  ['no token', { headers: { 'x-gitlab-token': '' } }, 401, 'X-Gitlab-Token'],
  ['a wrong token', { headers: { 'x-gitlab-token': 'nearly' } }, 401, 'X-Gitlab-Token'],
  ['the signing secret as a token', { headers: { 'x-gitlab-token': SIGNING } }, 401, 'X-Gitlab-Token'],
  ['a wrong signature beside the right token', { headers: signed(`${BODY} `) }, 401, 'signature'],
  [
    'signed with another key',
    { headers: { ...SIGNED_ONLY, ...signed(BODY, { token: `whsec_${randomBytes(32).toString('base64')}` }) } },
    401,
    'signature',
  ],
  [
    'signed an hour ago',
    { headers: { ...SIGNED_ONLY, ...signed(BODY, { at: Math.floor(Date.now() / 1000) - 3600 }) } },
    401,
    '5 minutes',
  ],
  ['signed at no time', { headers: { ...SIGNED_ONLY, ...signed(BODY), 'webhook-timestamp': 'now' } }, 401, '5 minutes'],
  ['no JSON', { body: '{' }, 400, 'not JSON'],
  ['an empty body', { body: '' }, 400, 'not JSON'],
  ['wrong types', { body: changed({ id: 'x' }) }, 400, 'object_attributes.id'],
  ['a note without its issue', { body: changed({}, { issue: undefined }) }, 400, 'issue.iid'],
  ['a project that is none', { body: changed({}, { project_id: -1 }) }, 400, 'project_id'],
  ['a path for a discussion', { body: changed({ discussion_id: '../../users' }) }, 400, 'discussion_id'],
  ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'application/json'],
  ['another method', { method: 'GET' }, 405, 'POST /hook'],
  ['another origin', { headers: { origin: 'https://evil.example.com' } }, 403, 'other sites'],
]

test.each(TABLE)('%s', async (_, sent, status, says) => {
  expect(await send(sent)).toEqual({ status, text: expect.stringContaining(says) })
})

test('a body over 10 MB is refused before it is read, and when its length was a lie', async () => {
  const big = Buffer.alloc(11 * 1024 * 1024, 32)
  const announced = await send({ body: big }).catch(() => ({ status: 413 }))
  expect(announced.status).toBe(413)
  // Far over the limit, but not endless: a client that is told too late goes on filling its own memory.
  let sent = 0
  const stream = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (sent++ < 40) controller.enqueue(big.subarray(0, 1024 * 1024))
      else controller.close()
    },
  })
  const endless = await fetch(`${url}/hook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-gitlab-token': TOKEN },
    body: stream,
    duplex: 'half',
  }).then(
    ({ status }) => status,
    () => 413,
  )
  expect(endless).toBe(413)
})

test('another host name is refused: a page elsewhere may resolve to this machine', async () => {
  const port = Number(new URL(url).port)
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET /tasks/1-n1 HTTP/1.1\r\nHost: evil.example.com\r\nConnection: close\r\n\r\n'),
    )
    let text = ''
    socket.on('data', (data) => {
      text += data.toString()
    })
    socket.on('end', () => resolve(text)).on('error', reject)
  })
  expect(answer).toMatch(/^HTTP\/1.1 421 /)
})

test('a client that drips its headers is cut, and others are served meanwhile', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('POST /hook HTTP/1.1\r\nHost: 127.0.0.1\r\n')
  const closed = new Promise((resolve) => socket.on('close', resolve).on('error', resolve))
  expect((await send()).status).toBe(202)
  socket.resume()
  await closed
})

test('10,000 mutated payloads: an answer each, never a 5xx, never a crash', async () => {
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>(null, '', -1, 1e308, [], {}, '__proto__', { __proto__: 1 }, 'x'.repeat(5000)),
  )
  const paths = [
    ['object_kind'],
    ['project_id'],
    ['issue'],
    ['issue', 'iid'],
    ['user'],
    ['object_attributes'],
    ...Object.keys(NOTE.object_attributes).map((key) => ['object_attributes', key]),
  ]
  const mutated = fc.array(fc.tuple(fc.constantFrom(...paths), odd), { minLength: 1, maxLength: 3 }).map((changes) => {
    const payload = structuredClone(NOTE) as unknown as Record<string, unknown>
    for (const [[first = '', second], value] of changes) {
      const inner = payload[first]
      if (second === undefined) payload[first] = structuredClone(value)
      else if (typeof inner === 'object' && inner !== null)
        (inner as Record<string, unknown>)[second] = structuredClone(value)
    }
    return JSON.stringify(payload)
  })
  const broken = fc
    .tuple(fc.string(), fc.nat())
    .map(([junk, at]) => `${BODY.slice(0, at % BODY.length)}${junk}${BODY.slice((at % BODY.length) + 3)}`)
  // By the hundred, and with seeds, so that one that fails can be had again.
  const bodies = Array.from({ length: 100 }, (_, seed) =>
    fc.sample(fc.oneof(mutated, broken), { numRuns: 100, seed }),
  ).flat()
  const statuses = new Map<number, number>()
  for (let from = 0; from < bodies.length; from += 50) {
    const answers = await Promise.all(bodies.slice(from, from + 50).map((body) => send({ body })))
    for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  expect([...statuses.keys()].sort()).toEqual([200, 202, 400])
  expect(errors).toEqual([])
  expect((await send()).status).toBe(202)
})

const PAYLOADS = ownEnvironment().ERRAND_PAYLOADS ?? ''
const FILES = existsSync(PAYLOADS) ? readdirSync(PAYLOADS).filter((name) => name.endsWith('.json')) : []

test.skipIf(FILES.length === 0)("GitLab's own examples are understood (skipped without ERRAND_PAYLOADS)", async () => {
  for (const name of FILES) {
    const { status } = await send({ body: readFileSync(join(PAYLOADS, name)) })
    expect(status, name).toBe(name === 'pipeline.json' ? 200 : 202)
  }
})
