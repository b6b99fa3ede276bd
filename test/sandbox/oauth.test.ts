import { createHash, createPublicKey, verify } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { startedSandbox } from './startedSandbox.ts'

const BACK = 'http://127.0.0.1:9/login/callback'
const VERIFIER = 'v'.repeat(43)
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

const Registered = z.object({ id: z.number(), application_id: z.string(), secret: z.string() })
type Client = z.infer<typeof Registered>

async function register(url: string, scopes = 'openid profile'): Promise<Client> {
  const response = await fetch(`${url}/api/v4/applications`, {
    method: 'POST',
    headers: { 'private-token': 'glpat-demo-root', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Errand', redirect_uri: BACK, scopes }),
  })
  return Registered.parse(await response.json())
}

function asked({ application_id }: Client, more: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams({
    client_id: application_id,
    redirect_uri: BACK,
    response_type: 'code',
    scope: 'openid profile',
    state: 'a-state',
    nonce: 'a-nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...more,
  })
}

/** Where the page sends whoever chose. */
async function choose({ url }: Sandbox, fields: URLSearchParams): Promise<URL> {
  const response = await fetch(`${url}/oauth/authorize`, { method: 'POST', body: fields, redirect: 'manual' })
  expect(response.status).toBe(302)
  return new URL(response.headers.get('location') ?? '')
}

async function codeFor(sandbox: Sandbox, client: Client, person = 'developer'): Promise<string> {
  return (await choose(sandbox, asked(client, { person }))).searchParams.get('code') ?? ''
}

async function exchange({ url }: Sandbox, client: Client, code: string, more: Record<string, string> = {}) {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: client.application_id,
    client_secret: client.secret,
    code,
    redirect_uri: BACK,
    code_verifier: VERIFIER,
    ...more,
  })
  const response = await fetch(`${url}/oauth/token`, { method: 'POST', body })
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) }
}

test('only administrators register applications; the secret is told once', async () => {
  const { sandbox, ask } = await startedSandbox()
  expect((await ask('developer', 'POST', '/applications', { name: 'x', redirect_uri: BACK })).status).toBe(403)
  await register(sandbox.url)
  const list = await ask('root', 'GET', '/applications')
  expect(list.body).toMatchObject([{ application_name: 'Errand', callback_url: BACK }])
  expect(list.text).not.toContain('gloas-')
})

test('a code becomes an id token, signed by the key that is published, and a token for userinfo', async () => {
  const { sandbox } = await startedSandbox()
  const client = await register(sandbox.url)
  const page = await fetch(`${sandbox.url}/oauth/authorize?${asked(client)}`)
  expect(page.status).toBe(200)
  const html = await page.text()
  expect(html).toContain('Authorize Errand?')
  expect(html).toContain('value="developer"')
  expect(html).not.toContain('errand-bot')
  const chosen = await choose(sandbox, asked(client, { person: 'developer' }))
  expect(chosen.searchParams.get('state')).toBe('a-state')
  const { status, body } = await exchange(sandbox, client, chosen.searchParams.get('code') ?? '')
  expect([status, body.token_type, body.scope, body.expires_in]).toEqual([200, 'Bearer', 'openid profile', 7200])

  const [head = '', claims = '', signature = ''] = String(body.id_token).split('.')
  const { keys } = (await (await fetch(`${sandbox.url}/oauth/discovery/keys`)).json()) as {
    keys: [Record<string, unknown>]
  }
  const key = createPublicKey({ key: keys[0], format: 'jwk' })
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
  const told = JSON.parse(Buffer.from(claims, 'base64url').toString())
  expect(told).toMatchObject({
    iss: sandbox.url,
    aud: client.application_id,
    nonce: 'a-nonce',
    sub: expect.any(String),
  })

  const headers = { authorization: `Bearer ${body.access_token}` }
  const info = await (await fetch(`${sandbox.url}/oauth/userinfo`, { headers })).json()
  expect(info).toMatchObject({ sub: told.sub, preferred_username: 'developer', name: 'Dev Developer' })
  const token = await (await fetch(`${sandbox.url}/oauth/token/info`, { headers })).json()
  expect(token).toMatchObject({ scope: ['openid', 'profile'], application: { uid: client.application_id } })
  // It says who somebody is, and opens nothing.
  expect((await fetch(`${sandbox.url}/api/v4/projects/1`, { headers })).status).toBe(403)
})

test('a code is good once, for its own client, address and verifier', async () => {
  const { sandbox } = await startedSandbox()
  const [client, other] = [await register(sandbox.url), await register(sandbox.url)]
  const code = await codeFor(sandbox, client)
  expect((await exchange(sandbox, client, code)).status).toBe(200)
  for (const wrong of [
    exchange(sandbox, client, code),
    exchange(sandbox, other, await codeFor(sandbox, client)),
    exchange(sandbox, client, await codeFor(sandbox, client), { redirect_uri: `${BACK}/x` }),
    exchange(sandbox, client, await codeFor(sandbox, client), { code_verifier: 'w'.repeat(43) }),
  ])
    expect(await wrong).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  const guessed = await exchange(sandbox, client, await codeFor(sandbox, client), { client_secret: 'guess' })
  expect(guessed).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
})

test('who asks wrongly is sent back with the reason, but only to an address of the application', async () => {
  const { sandbox } = await startedSandbox()
  const client = await register(sandbox.url)
  const error = async (fields: URLSearchParams) => (await choose(sandbox, fields)).searchParams.get('error')
  expect(await error(asked(client, { deny: '1' }))).toBe('access_denied')
  expect(await error(asked(client, { person: 'errand-bot' }))).toBe('access_denied')
  expect(await error(asked(client, { scope: 'api' }))).toBe('invalid_scope')
  expect(await error(asked(client, { response_type: 'token' }))).toBe('unsupported_response_type')
  const page = (fields: URLSearchParams) =>
    fetch(`${sandbox.url}/oauth/authorize?${fields}`, { redirect: 'manual' }).then(({ status }) => status)
  expect(await page(asked(client, { redirect_uri: 'http://evil.example/' }))).toBe(400)
  expect(await page(asked(client, { client_id: 'nobody' }))).toBe(401)
  expect(
    await (await fetch(`${sandbox.url}/oauth/authorize?${asked(client, { state: '"><b>' })}`)).text(),
  ).not.toContain('<b>')
})

test('a revoked token, and one of somebody blocked since, is nothing', async () => {
  const { sandbox, ask } = await startedSandbox()
  const client = await register(sandbox.url)
  const tokenOf = async () =>
    String((await exchange(sandbox, client, await codeFor(sandbox, client))).body.access_token)
  const status = async (token: string) =>
    (await fetch(`${sandbox.url}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status
  const [one, two] = [await tokenOf(), await tokenOf()]
  const body = new URLSearchParams({ client_id: client.application_id, client_secret: client.secret, token: one })
  expect((await fetch(`${sandbox.url}/oauth/revoke`, { method: 'POST', body })).status).toBe(200)
  expect([await status(one), await status(two)]).toEqual([401, 200])
  await ask('root', 'POST', '/users/developer/block')
  expect(await status(two)).toBe(401)
})

test("an application's token is a bearer's, with scopes of its own; /personal_access_tokens/self is not for it", async () => {
  const { sandbox } = await startedSandbox()
  const client = await register(sandbox.url, 'openid read_api')
  const chosen = await choose(sandbox, asked(client, { person: 'developer', scope: 'openid read_api' }))
  const { body } = await exchange(sandbox, client, chosen.searchParams.get('code') ?? '')
  const call = async (path: string, headers: Record<string, string>) =>
    (await fetch(`${sandbox.url}/api/v4${path}`, { headers })).status
  const bearer = { authorization: `Bearer ${body.access_token}` }
  expect(await call('/user', bearer)).toBe(200)
  expect(await call('/user', { 'private-token': String(body.access_token) })).toBe(401)
  expect(await call('/personal_access_tokens/self', bearer)).toBe(400)
})

test('the key and the applications outlive a restart; external people see internal projects only as members', async () => {
  const { sandbox, ask, data } = await startedSandbox()
  const client = await register(sandbox.url)
  const keys = async (url: string) => (await fetch(`${url}/oauth/discovery/keys`)).text()
  const before = await keys(sandbox.url)
  await ask('maintainer', 'PUT', '/projects/1', { visibility: 'internal' })
  await fetch(`${sandbox.url}/-/sandbox/people`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'contractor', external: true }),
  })
  await sandbox.close()
  const again = await startSandbox({ port: 0, data })
  onTestFinished(() => again.close())
  expect(await keys(again.url)).toBe(before)
  expect((await exchange(again, client, await codeFor(again, client))).status).toBe(200)
  const shop = async (who: string) =>
    (await fetch(`${again.url}/api/v4/projects/1`, { headers: { 'private-token': `glpat-demo-${who}` } })).status
  expect([await shop('outsider'), await shop('contractor'), await shop('developer')]).toEqual([200, 404, 200])
  const external = async (who: string) => {
    const headers = { 'private-token': `glpat-demo-${who}` }
    const response = await fetch(`${again.url}/api/v4/users/contractor`, { headers })
    return z.object({ external: z.boolean().optional() }).parse(await response.json()).external
  }
  expect([await external('root'), await external('errand-bot')]).toEqual([true, undefined])
})
