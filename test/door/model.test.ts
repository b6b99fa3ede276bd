import type { IncomingMessage, RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { type Key, modelDoor } from './modelDoor.ts'
import { listen, openDoor } from './openDoor.ts'

const before = (app: RequestListener, key: Key = { apiKey: 'sk-ant-REAL' }) => modelDoor('anthropic', app, { key })

const echo: RequestListener = (_, res) => {
  res
    .writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_1', 'set-cookie': 'a=b' })
    .end('{"ok":true}')
}

const MESSAGES = '/v1/model/anthropic/v1/messages'

test('a message reaches the provider with the real key, and without the credential', async () => {
  await using door = await before(echo)
  const headers = {
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'a,b',
    'x-api-key': door.credential,
    cookie: 'c=d',
  }
  const answer = await door.call(`${MESSAGES}?beta=true`, { method: 'POST', headers, body: '{"stream":false}' })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ ok: true })
  expect(answer.headers.get('request-id')).toBe('req_1')
  expect(answer.headers.get('set-cookie')).toBeNull()
  const [{ req, body }] = door.seen as [{ req: IncomingMessage; body: string }]
  expect(req.url).toBe('/gateway/v1/messages?beta=true')
  expect(body).toBe('{"stream":false}')
  expect(req.headers).toMatchObject({
    'x-api-key': 'sk-ant-REAL',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'a,b',
  })
  expect(req.headers.authorization).toBeUndefined()
  expect(req.headers.cookie).toBeUndefined()
  expect(req.rawHeaders.join()).not.toContain(door.credential)
})

test.each([
  [{ apiKey: 'K' }, 'K', undefined],
  [{ authToken: 'T' }, undefined, 'Bearer T'],
  [{ apiKey: 'K', authToken: 'T' }, 'K', undefined],
  [{}, undefined, undefined],
])('with %j the provider gets key %s and authorization %s', async (key, apiKey, authorization) => {
  await using door = await before(echo, key)
  expect((await door.call('/v1/model/anthropic/v1/models')).status).toBe(200)
  expect(door.seen[0]?.req.headers['x-api-key']).toBe(apiKey)
  expect(door.seen[0]?.req.headers.authorization).toBe(authorization)
})

test.each([
  ['POST', '/v1/messages', 200],
  ['POST', '/v1/messages/count_tokens', 200],
  ['GET', '/v1/models', 200],
  ['GET', '/v1/models/claude-opus-5-5', 200],
  ['HEAD', '/api/hello', 200],
  ['GET', '/api/hello', 200],
  ['GET', '/v1/messages', 404],
  ['POST', '/v1/messages/batches', 404],
  ['POST', '/v1/messages/', 404],
  ['GET', '/v1/files', 404],
  ['GET', '/v1/organizations/api_keys', 404],
  ['GET', '/v1/models/..%2ffiles', 404],
  ['GET', '/v1/models/%2e%2e/files', 404],
  ['DELETE', '/v1/models/x', 404],
  ['POST', '//v1/messages', 404],
])('%s %s answers %i', async (method, path, status) => {
  await using door = await before(echo)
  const answer = await door.call(`/v1/model/anthropic${path}`, { method })
  expect(answer.status).toBe(status)
  expect(door.seen).toHaveLength(status === 200 ? 1 : 0)
  if (status === 404) expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } })
})

test('each event passes when it comes', async () => {
  const steps = ['event: a\n\n', 'event: b\n\n', 'event: c\n\n']
  const next = steps.map(() => Promise.withResolvers<void>())
  await using door = await before(async (_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const [n, step] of steps.entries()) {
      await next[n]?.promise
      res.write(step)
    }
    res.end()
  })
  // The headers come only with the first event from this provider; each further one is sent after the last was read.
  next[0]?.resolve()
  const answer = await door.call(MESSAGES, { method: 'POST', body: '{}' })
  const reader = answer.body?.getReader()
  for (const [n, step] of steps.entries()) {
    const read = await reader?.read()
    expect(Buffer.from(read?.value ?? []).toString()).toBe(step)
    next[n + 1]?.resolve()
  }
  expect((await reader?.read())?.done).toBe(true)
})

test('when the agent breaks off, the call to the provider ends', async () => {
  const ended = Promise.withResolvers<void>()
  await using door = await before((_, res) => {
    res.on('close', ended.resolve)
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: a\n\n')
  })
  const gone = new AbortController()
  const answer = await door.call(MESSAGES, { method: 'POST', body: '{}', signal: gone.signal })
  await answer.body?.getReader().read()
  gone.abort()
  await ended.promise
})

test('an answer that breaks off breaks off for the agent too', async () => {
  await using door = await before((_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: a\n\n', () => res.destroy())
  })
  const answer = await door.call(MESSAGES, { method: 'POST', body: '{}' })
  await expect(answer.text()).rejects.toThrow()
})

test.each([429, 500, 529, 400, 404])('%i of the provider passes as it is', async (status) => {
  await using door = await before((_, res) => res.writeHead(status, { 'retry-after': '7' }).end('{"type":"error"}'))
  const answer = await door.call(MESSAGES, { method: 'POST', body: '{}' })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('retry-after')).toBe('7')
  expect(await answer.text()).toBe('{"type":"error"}')
})

test.each([
  [{ apiKey: 'wrong' }, 'Anthropic refused the key that Errand uses. Set a valid ANTHROPIC_API_KEY where Errand runs.'],
  [{}, 'Errand has no key for Anthropic. Set ANTHROPIC_API_KEY where Errand runs.'],
])('that the provider refuses %j is told in words, and is nothing to try again', async (key, message) => {
  await using door = await before((_, res) => res.writeHead(401).end('{}'), key)
  const answer = await door.call(MESSAGES, { method: 'POST', body: '{}' })
  expect(answer.status).toBe(403)
  expect(await answer.json()).toEqual({ type: 'error', error: { type: 'permission_error', message } })
})

test('without a provider the agent is told so', async () => {
  await using door = await openDoor()
  const answer = await door.call(MESSAGES, { method: 'POST', body: '{}' })
  expect(answer.status).toBe(403)
  expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('ANTHROPIC_API_KEY') } })
})

test('a redirect is not followed', async () => {
  await using door = await before((_, res) => res.writeHead(307, { location: 'http://169.254.169.254/' }).end())
  const answer = await door.call(MESSAGES, { method: 'POST', body: '{}', redirect: 'manual' })
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ type: 'error', error: { message: expect.stringContaining('redirect') } })
  expect(door.seen).toHaveLength(1)
})

test('a provider that is away is 503, which agents try again', async () => {
  const gone = await listen(() => {})
  await gone[Symbol.asyncDispose]()
  await using door = await openDoor({ model: { anthropic: { baseUrl: gone.url, apiKey: 'K' } } })
  const answer = await door.call(MESSAGES, { method: 'POST', body: '{}' })
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'api_error' } })
})

test('a stranger is refused in the shape that the agent understands', async () => {
  await using door = await before(echo)
  const answer = await fetch(door.url + MESSAGES, {
    method: 'POST',
    headers: { 'x-api-key': 'sk-ant-mine' },
    body: '{}',
  })
  expect(answer.status).toBe(401)
  expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } })
  expect(door.seen).toEqual([])
})
