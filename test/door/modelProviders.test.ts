import { type RequestListener, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { sign } from '../../src/door/credential.ts'
import type { Provider } from '../../src/door/modelProvider.ts'
import { modelDoor } from './modelDoor.ts'
import { KEY, openDoor, TASK } from './openDoor.ts'

const credential = sign(KEY, TASK, 2)
const ok: RequestListener = (_, res) => res.writeHead(200, { 'content-type': 'application/json' }).end('{}')

const RESPONSES = '/v1/model/openai/v1/responses'
const GENERATE = '/v1/model/gemini/v1beta/models/gemini-2.5-pro:generateContent'

test.each([
  ['openai', RESPONSES, { authorization: `Bearer ${credential}` }, { authorization: 'Bearer REAL' }],
  ['gemini', GENERATE, { 'x-goog-api-key': credential }, { 'x-goog-api-key': 'REAL' }],
  ['gemini', `${GENERATE}?key=${credential}`, {}, { 'x-goog-api-key': 'REAL' }],
  ['gemini', GENERATE, { authorization: `Bearer ${credential}` }, { 'x-goog-api-key': 'REAL' }],
] as const)('%s %s takes the credential of %j, and sends the real key', async (name, path, headers, sent) => {
  await using door = await modelDoor(name, ok)
  const answer = await fetch(door.url + path, {
    method: 'POST',
    headers: headers as Record<string, string>,
    body: '{}',
  })
  expect(answer.status).toBe(200)
  const [{ req } = expect.unreachable()] = door.seen
  expect(req.headers).toMatchObject(sent)
  expect(req.url).not.toContain('key')
  expect(req.rawHeaders.join()).not.toContain(credential)
})

test.each([
  ['openai', '/v1/responses', '/v1/responses', ''],
  ['openai', '/v1/responses', '/v1/responses', '/v1'],
  ['openai', '/v1/responses', '/openai/v1/responses', '/openai/v1/'],
  ['openai', '/v1/chat/completions', '/v1beta/openai/chat/completions', '/v1beta/openai'],
  ['gemini', '/v1beta/models/g:generateContent', '/a/b/v1beta/models/g:generateContent', '/a/b/'],
  ['anthropic', '/v1/messages', '/a/v1/messages', '/a'],
] as const)('%s %s is asked for as %s where the base address ends in "%s"', async (name, path, url, base) => {
  await using door = await modelDoor(name, ok, { path: base })
  expect((await door.call(`/v1/model/${name}${path}`, { method: 'POST', body: '{}' })).status).toBe(200)
  expect(door.seen[0]?.req.url).toBe(url)
})

test.each([
  ['openai', 'POST', '/v1/chat/completions', 200],
  ['openai', 'GET', '/v1/models', 200],
  ['openai', 'GET', '/v1/models/gpt-5.1-codex', 200],
  ['openai', 'GET', '/v1/models/..', 404],
  ['openai', 'GET', '/v1/responses', 404],
  ['openai', 'GET', '/v1/responses/resp_1', 404],
  ['openai', 'POST', '/v1/responses/', 404],
  ['openai', 'POST', '/v1/files', 404],
  ['openai', 'POST', '/v1/batches', 404],
  ['openai', 'DELETE', '/v1/models/x', 404],
  ['gemini', 'POST', '/v1beta/models/g-2.5:streamGenerateContent', 200],
  ['gemini', 'POST', '/v1beta/models/g:countTokens', 200],
  ['gemini', 'GET', '/v1beta/models', 200],
  ['gemini', 'GET', '/v1beta/models/g', 200],
  ['gemini', 'GET', '/v1beta/models/..', 404],
  ['gemini', 'POST', '/v1beta/models/g:batchGenerateContent', 404],
  ['gemini', 'POST', '/v1beta/models/a/b:generateContent', 404],
  ['gemini', 'POST', '/v1beta/models/..%2ffiles:generateContent', 404],
  ['gemini', 'POST', '/v1beta/tunedModels/g:generateContent', 404],
  ['gemini', 'GET', '/v1beta/files', 404],
  ['gemini', 'POST', '/v1/models/g:generateContent', 404],
  ['anthropic', 'GET', '/v1/models/..', 404],
] as const)('%s: %s %s answers %i', async (name, method, path, status) => {
  await using door = await modelDoor(name, ok)
  // Not by fetch, which would take the dots out.
  const answer = await raw(`${door.url}/v1/model/${name}`, path, method)
  expect(answer.status).toBe(status)
  expect(door.seen).toHaveLength(status === 200 ? 1 : 0)
  if (status === 404)
    expect(answer.body).toMatchObject({ error: { message: expect.stringContaining('not passed on') } })
})

async function raw(url: string, path: string, method: string): Promise<{ status: number | undefined; body: unknown }> {
  const { hostname, port, pathname } = new URL(url)
  const headers = { authorization: `Bearer ${credential}` }
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path: pathname + path, method, headers }, async (res) =>
      resolve({ status: res.statusCode, body: JSON.parse(await text(res)) }),
    )
    call.on('error', reject).end()
  })
}

test.each([
  ['anthropic', '/v1/messages?beta=true&beta=false&x=1&model=claude', '/v1/messages?beta=true'],
  ['openai', '/v1/responses?api-version=1&key=x', '/v1/responses'],
  [
    'gemini',
    '/v1beta/models/g:generateContent?alt=sse&access_token=x&fields=candidates&$alt=proto',
    '/v1beta/models/g:generateContent?alt=sse',
  ],
  ['gemini', '/v1beta/models/g:generateContent?alt=proto', '/v1beta/models/g:generateContent'],
  ['gemini', '/v1beta/models/g:generateContent?__proto__=1&alt=json', '/v1beta/models/g:generateContent?alt=json'],
] as const)('%s: of the query in %s goes on: %s', async (name, path, url) => {
  await using door = await modelDoor(name, ok, { path: '' })
  await door.call(`/v1/model/${name}${path}`, { method: 'POST', body: '{}' })
  expect(door.seen[0]?.req.url).toBe(url)
})

test('of the headers goes on what says something of the call, and nothing else', async () => {
  await using door = await modelDoor('openai', ok)
  const steering = {
    cookie: 'a=b',
    'openai-organization': 'org-1',
    'openai-project': 'proj_1',
    'x-goog-user-project': 'p',
    'x-http-method-override': 'DELETE',
    'x-portkey-config': 'pc-1',
    'helicone-auth': 'Bearer x',
    'x-forwarded-for': '1.2.3.4',
    'x-api-key': 'mine',
    'x-goog-api-key': 'mine',
    'accept-encoding': 'gzip, br',
  }
  const telling = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'codex/1',
    'x-stainless-lang': 'js',
    session_id: 's-1',
    originator: 'codex_exec',
    accept: 'text/event-stream',
  }
  await door.call(RESPONSES, { method: 'POST', headers: { ...steering, ...telling }, body: '{}' })
  const { host, connection, 'content-length': length, ...sent } = door.seen[0]?.req.headers ?? {}
  expect(sent).toEqual({ ...telling, authorization: 'Bearer REAL', 'accept-encoding': 'identity' })
})

test.each([
  ['application/json', 'application/json'],
  ['application/json, text/event-stream;q=0.5', 'application/json, text/event-stream;q=0.5'],
  ['*/*', '*/*'],
  ['application/x-protobuf', undefined],
  ['application/json, application/x-protobuf', undefined],
])('of an answer as %s is asked for: %s', async (accept, sent) => {
  await using door = await modelDoor('gemini', ok)
  await door.call(GENERATE, { method: 'POST', headers: { accept }, body: '{}' })
  expect(door.seen[0]?.req.headers.accept).toBe(sent)
})

const SHAPES: readonly (readonly [Provider['name'], string, string, (message: string) => object])[] = [
  [
    'openai',
    RESPONSES,
    'OpenAI',
    (message) => ({ error: { message, type: 'permission_error', param: null, code: null } }),
  ],
  ['gemini', GENERATE, 'Gemini', (message) => ({ error: { code: 403, message, status: 'PERMISSION_DENIED' } })],
]

test.each(SHAPES)('%s: the agent is told in its words that there is no key', async (_, path, label, shape) => {
  await using door = await openDoor()
  const answer = await door.call(path, { method: 'POST', body: '{}' })
  expect(answer.status).toBe(403)
  expect(await answer.json()).toEqual(
    shape(`Errand has no key for ${label}. Set ${label.toUpperCase()}_API_KEY where Errand runs.`),
  )
})

test.each(SHAPES)(
  '%s: that the key is refused is told in words, and is nothing to try again',
  async (name, path, label, shape) => {
    await using door = await modelDoor(name, (_, res) => res.writeHead(401).end('{}'))
    const answer = await door.call(path, { method: 'POST', body: '{}' })
    expect(answer.status).toBe(403)
    const variable = `${label.toUpperCase()}_API_KEY`
    expect(await answer.json()).toEqual(
      shape(`${label} refused the key that Errand uses. Set a valid ${variable} where Errand runs.`),
    )
  },
)

const invalid = (reason: string) =>
  JSON.stringify({ error: { code: 400, message: 'é'.repeat(2000), status: 'INVALID_ARGUMENT', details: [{ reason }] } })

test('Gemini refuses a key with 400, which is told so, and other 400 pass as they are', async () => {
  let reason = 'API_KEY_INVALID'
  await using door = await modelDoor('gemini', (_, res) => res.writeHead(400, { 'x-id': '1' }).end(invalid(reason)))
  const refused = await door.call(GENERATE, { method: 'POST', body: '{}' })
  expect(refused.status).toBe(403)
  expect(await refused.text()).toContain('GEMINI_API_KEY')
  reason = 'TOO_LONG'
  const passed = await door.call(GENERATE, { method: 'POST', body: '{}' })
  expect([passed.status, passed.headers.get('x-id')]).toEqual([400, '1'])
  expect(await passed.text()).toBe(invalid(reason))
})

test.each([
  ['openai', RESPONSES, { error: { type: 'authentication_error' } }],
  ['gemini', `${GENERATE}?key=mine`, { error: { code: 401, status: 'UNAUTHENTICATED' } }],
] as const)('%s: a stranger is refused in the shape that the agent understands', async (name, path, shape) => {
  await using door = await modelDoor(name, ok)
  const answer = await fetch(door.url + path, { method: 'POST', body: '{}' })
  expect(answer.status).toBe(401)
  expect(await answer.json()).toMatchObject(shape)
  expect(door.seen).toEqual([])
  expect(JSON.stringify(door.logged)).not.toContain('mine')
})

test('a provider that is none is nothing', async () => {
  await using door = await openDoor()
  expect((await door.call('/v1/model/other/v1/messages', { method: 'POST' })).status).toBe(404)
})
