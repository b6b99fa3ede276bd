import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { sign } from '../../src/door/credential.ts'
import { KEY, openDoor, TASK } from './openDoor.ts'

const current = sign(KEY, TASK, 2)
const basic = (credential: string) => `Basic ${Buffer.from(`whoever:${credential}`).toString('base64')}`

const ROUTES = [
  ['GET', '/v1/request'],
  ['PATCH', '/v1/log'],
  ['PUT', '/v1/activity'],
  ['PUT', '/v1/outcome'],
  ['GET', '/v1/git/info/refs?service=git-upload-pack'],
  ['POST', '/v1/git/git-upload-pack'],
  ['POST', '/v1/git/git-receive-pack'],
  ['POST', '/v1/model/anthropic/v1/messages'],
] as const

test.each(ROUTES)('%s %s wants the credential of the current attempt', async (method, path) => {
  await using door = await openDoor()
  const refused = [
    [sign(KEY, TASK, 1), 'this attempt is over'],
    [sign(KEY, TASK, 3), 'this attempt is over'],
    [sign(KEY, '42-n9', 2), 'this attempt is over'],
    [sign('another key', TASK, 2), 'not signed by this Errand'],
    ['glpat-something', 'not signed by this Errand'],
  ] as const
  for (const [credential, reason] of refused) {
    door.logged.length = 0
    const { status } = await fetch(door.url + path, { method, headers: { authorization: `Bearer ${credential}` } })
    expect(status).toBe(401)
    expect(door.logged).toHaveLength(1)
    expect(door.logged[0]).toMatchObject({ reason, method })
    expect(JSON.stringify(door.logged)).not.toContain(credential)
  }
  expect(door.logged[0]).not.toHaveProperty('task')
  door.logged.length = 0
  expect((await fetch(door.url + path, { method })).status).toBe(401)
  expect(door.logged).toEqual([])
})

test('the log line of a refusal names the task', async () => {
  await using door = await openDoor()
  await fetch(`${door.url}/v1/request`, { headers: { authorization: `Bearer ${sign(KEY, TASK, 1)}` } })
  expect(door.logged[0]).toMatchObject({ task: TASK, attempt: 1, path: '/v1/request' })
})

test('a genuine credential of a task that is not known is asked to come back', async () => {
  await using door = await openDoor()
  const answer = await fetch(`${door.url}/v1/request`, {
    headers: { authorization: `Bearer ${sign(KEY, '42-n1', 1)}` },
  })
  expect(answer.status).toBe(503)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
})

test.each([
  ['/v1/request', { 'x-api-key': current }, 401],
  ['/v1/request', { authorization: basic(current) }, 401],
  ['/v1/request', { authorization: `bearer ${current}` }, 200],
  ['/v1/git/nothing', { authorization: basic(current) }, 404],
  ['/v1/git/nothing', { authorization: `Bearer ${current}` }, 404],
  ['/v1/git/nothing', { 'x-api-key': current }, 401],
  ['/v1/model/anthropic/nothing', { 'x-api-key': current }, 404],
  ['/v1/model/anthropic/nothing', { authorization: `Bearer ${current}` }, 404],
  ['/v1/model/anthropic/nothing', { authorization: basic(current) }, 401],
])('%s with %j answers %i', async (path, headers, status) => {
  await using door = await openDoor()
  expect((await fetch(door.url + path, { headers: headers as Record<string, string> })).status).toBe(status)
})

test('git is asked for a password', async () => {
  await using door = await openDoor()
  const answer = await fetch(`${door.url}/v1/git/info/refs?service=git-upload-pack`)
  expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Errand"')
})

test('the answer does not wait for the body of a stranger', async () => {
  await using door = await openDoor()
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1')
  socket.write('PUT /v1/outcome HTTP/1.1\r\nHost: door\r\nAuthorization: Bearer x\r\nContent-Length: 1000000\r\n\r\n{')
  const [first] = await new Promise<[string]>((resolve) => socket.once('data', (data) => resolve([String(data)])))
  expect(first).toMatch(/^HTTP\/1.1 401 /)
  socket.destroy()
})

test('when it cannot be known who is current, the container is asked to try again', async () => {
  await using door = await openDoor({
    standing: async () => {
      throw new Error('Redis is away')
    },
  })
  const answer = await door.call('/v1/request')
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(await answer.json()).toEqual({ error: 'Errand cannot answer now; try again.' })
  expect(door.logged[0]).toMatchObject({ level: 50, path: '/v1/request', err: { message: 'Redis is away' } })
})
