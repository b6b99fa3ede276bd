import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createWhoIs } from '../../src/gitlab/whoIs.ts'
import type { Caller, Denied } from '../../src/http/apiNeeds.ts'
import { type LoginWorld, loginWorld } from './loginWorld.ts'

const Made = z.object({ token: z.string() })
const Calls = z.array(z.object({ user: z.string().nullable(), route: z.string(), count: z.number() }))

async function projectToken({ ask }: LoginWorld, scopes: string[], more: object = {}): Promise<string> {
  const body = { name: 'a program', scopes, access_level: 30, ...more }
  return Made.parse((await ask('maintainer', 'POST', '/projects/1/access_tokens', body)).body).token
}

function by({ identity }: LoginWorld, headers: Record<string, string>): Promise<Caller | Denied> {
  return identity.authenticate(Object.assign(Object.create(null), { headers }))
}

test('a personal token is its person, in either header, and writes with the scope api', async () => {
  const world = await loginWorld()
  const developer = {
    person: { id: expect.any(Number), username: 'developer', name: 'Dev Developer' },
    browser: false,
    mayWrite: true,
  }
  expect(await by(world, { 'private-token': 'glpat-demo-developer' })).toEqual(developer)
  expect(await by(world, { authorization: 'bearer glpat-demo-developer' })).toEqual(developer)
})

test('a project token is its bot; with read_api it reads, with less it is refused in words', async () => {
  const world = await loginWorld()
  const reads = await by(world, { 'private-token': await projectToken(world, ['read_api']) })
  expect(reads).toMatchObject({ person: { username: expect.stringMatching(/^project_1_bot_/) }, mayWrite: false })
  for (const scopes of [['read_user'], ['read_repository'], ['self_rotate']]) {
    const refused = await by(world, { 'private-token': await projectToken(world, scopes) })
    expect(refused).toEqual({ status: 403, detail: expect.stringContaining('with the scope read_api') })
  }
})

test.each([
  ['nobody has', () => 'glpat-of-nobody', '401 Unauthorized'],
  ['has expired', (world: LoginWorld) => projectToken(world, ['api'], { expires_at: '2020-01-01' }), 'expired'],
  ['is no token', () => 'two words', 'does not accept this token.'],
  ['is too long', () => 'g'.repeat(513), 'does not accept this token.'],
  ['is empty', () => '', 'does not accept this token.'],
])('a token that %s is 401 in words', async (_, make, says) => {
  const world = await loginWorld()
  const refused = await by(world, { 'private-token': await make(world) })
  expect(refused).toEqual({ status: 401, detail: expect.stringContaining(says) })
})

test("a blocked person's token is 401, also in a browser that is logged in", async () => {
  const world = await loginWorld()
  const mine = world.browser()
  await mine.login('reporter')
  await world.ask('root', 'POST', '/users/developer/block')
  const headers = { 'private-token': 'glpat-demo-developer' }
  expect(await by(world, headers)).toEqual({ status: 401, detail: expect.stringContaining('account has been blocked') })
  expect((await mine.get('/me', { headers })).status).toBe(401)
})

test("an application's token has the scopes that its person gave it", async () => {
  const world = await loginWorld()
  const scopes = ['openid read_api', 'openid api', 'openid']
  const found = await Promise.all(scopes.map(async (scope) => by(world, await oauthBearer(world, scope))))
  expect(found).toMatchObject([
    { person: { username: 'developer' }, mayWrite: false },
    { mayWrite: true },
    { status: 403 },
  ])
})

/** As another program gets it: a public client, without a secret in the way. */
async function oauthBearer({ sandbox, ask }: LoginWorld, scope: string): Promise<Record<string, string>> {
  const redirect_uri = 'http://127.0.0.1:9/back'
  const made = await ask('root', 'POST', '/applications', { name: 'Other', redirect_uri, scopes: scope })
  const { application_id: client_id, secret: client_secret } = z
    .object({ application_id: z.string(), secret: z.string() })
    .parse(made.body)
  const post = (path: string, fields: Record<string, string>) =>
    fetch(`${sandbox.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  const asked = { client_id, redirect_uri, response_type: 'code', scope, person: 'developer' }
  const back = new URL((await post('/oauth/authorize', asked)).headers.get('location') ?? '')
  const code = back.searchParams.get('code') ?? ''
  const grant = { grant_type: 'authorization_code', client_id, client_secret, redirect_uri, code }
  const { access_token } = z
    .object({ access_token: z.string() })
    .parse(await (await post('/oauth/token', grant)).json())
  return { authorization: `Bearer ${access_token}` }
}

test('GitLab is asked once a minute for a token, however often and how many at once', async () => {
  const world = await loginWorld({ kept: 60_000 })
  const headers = { 'private-token': 'glpat-demo-developer' }
  await Promise.all(Array.from({ length: 20 }, () => by(world, headers)))
  await by(world, headers)
  const calls = Calls.parse(await (await fetch(`${world.sandbox.url}/-/sandbox/calls`)).json())
  expect(calls.filter(({ user }) => user === 'developer').map(({ route, count }) => [route, count])).toEqual([
    ['/personal_access_tokens/self', 1],
    ['/user', 1],
  ])
})

test('GitLab away, or throttling, is no word about the token: it is thrown, and asked again', async () => {
  const world = await loginWorld({ kept: 60_000 })
  const headers = { 'private-token': 'glpat-demo-developer' }
  const { api } = world.sandbox.faults
  for (const status of [500, 502, 503, 429] as const) {
    world.sandbox.faults.api = { ...api, failEvery: 1, status, rateLimit: 'text' }
    await expect(by(world, headers)).rejects.toThrow(`GET /api/v4/personal_access_tokens/self: ${status}`)
  }
  world.sandbox.faults.api = api
  expect(await by(world, headers)).toMatchObject({ mayWrite: true })
  await world.sandbox.close()
  expect(await by(world, headers), 'what is known is known for a minute').toMatchObject({ mayWrite: true })
  await expect(by(world, { 'private-token': 'glpat-demo-reporter' })).rejects.toThrow('no answer')
})

test('a token is in no log line, no answer and no error', async () => {
  const world = await loginWorld()
  const canary = 'glpat-CANARY-of-a-person'
  const told: unknown[] = [
    await by(world, { 'private-token': canary }),
    await by(world, { authorization: `Bearer ${canary}` }),
  ]
  const mine = world.browser()
  told.push(await mine.get('/me', { headers: { 'private-token': canary } }))
  await world.sandbox.close()
  told.push(await by(world, { 'private-token': canary }).catch((error: unknown) => error))
  expect(told.at(-1)).toBeInstanceOf(Error)
  // An address that takes no TLS, and one whose answer is no HTTP.
  for (const url of ['https://127.0.0.1:1', 'http://[::1]:1']) {
    const whoIs = createWhoIs(url, { timeout: 1000, kept: 0 })
    told.push(await whoIs(canary).catch((error: unknown) => error))
  }
  expect(inspect(told, { depth: 10, showHidden: true }) + world.logged.join('\n')).not.toContain('CANARY')
})
