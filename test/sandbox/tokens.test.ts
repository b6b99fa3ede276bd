import { expect, test } from 'vitest'
import { z } from 'zod'
import { startedSandbox } from './startedSandbox.ts'

const Made = z.looseObject({ token: z.string(), user_id: z.number(), expires_at: z.string() })

async function call(url: string, token: string, method: string, path: string, body?: object) {
  const headers = { 'private-token': token, 'content-type': 'application/json' }
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const response = await fetch(`${url}/api/v4${path}`, init)
  return { status: response.status, body: (await response.json()) as unknown }
}

async function projectToken(url: string, scopes = ['api', 'self_rotate'], more: object = {}) {
  const body = { name: 'errand', scopes, access_level: 30, ...more }
  const reply = await call(url, 'glpat-demo-maintainer', 'POST', '/projects/1/access_tokens', body)
  expect(reply.status).toBe(201)
  return Made.parse(reply.body)
}

test('a project token is a bot of its own with a role', async () => {
  const { sandbox } = await startedSandbox()
  const { token, user_id } = await projectToken(sandbox.url)
  const user = await call(sandbox.url, token, 'GET', '/user')
  expect(user.body).toMatchObject({
    id: user_id,
    bot: true,
    username: expect.stringMatching(/^project_1_bot_[0-9a-f]{32}$/),
  })
  const member = await call(sandbox.url, token, 'GET', `/projects/1/members/all/${user_id}`)
  expect(member.body).toMatchObject({ access_level: 30 })
})

test('a rotated token lives a week, and the old one is dead', async () => {
  const { sandbox } = await startedSandbox()
  const old = await projectToken(sandbox.url)
  const fresh = Made.parse((await call(sandbox.url, old.token, 'POST', '/personal_access_tokens/self/rotate')).body)
  const days = (Date.parse(fresh.expires_at) - Date.now()) / (24 * 3600 * 1000)
  expect(days).toBeGreaterThan(5.9)
  expect(days).toBeLessThan(7.1)
  expect(fresh.user_id).toBe(old.user_id)
  expect((await call(sandbox.url, fresh.token, 'GET', '/user')).status).toBe(200)
  expect(await call(sandbox.url, old.token, 'GET', '/user')).toMatchObject({
    status: 401,
    body: { error: 'invalid_token' },
  })
})

test('rotating with a token that was rotated before ends the whole family', async () => {
  const { sandbox } = await startedSandbox()
  const old = await projectToken(sandbox.url)
  const fresh = Made.parse((await call(sandbox.url, old.token, 'POST', '/projects/1/access_tokens/self/rotate')).body)
  expect((await call(sandbox.url, old.token, 'POST', '/projects/1/access_tokens/self/rotate')).status).toBe(401)
  expect((await call(sandbox.url, fresh.token, 'GET', '/user')).status).toBe(401)
})

test('an expired token says so', async () => {
  const { sandbox } = await startedSandbox()
  const { token } = await projectToken(sandbox.url, ['api'], { expires_at: '2020-01-01' })
  expect((await call(sandbox.url, token, 'GET', '/user')).body).toMatchObject({
    error: 'invalid_token',
    error_description: expect.stringContaining('expired'),
  })
})

test('a token that may only read does not write', async () => {
  const { sandbox } = await startedSandbox()
  const { token } = await projectToken(sandbox.url, ['read_api'])
  expect((await call(sandbox.url, token, 'GET', '/user')).status).toBe(200)
  const refused = await call(sandbox.url, token, 'POST', '/projects/1/issues/1/notes', { body: 'x' })
  expect(refused).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
})
