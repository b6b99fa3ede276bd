import { expect, test } from 'vitest'
import { cloned, commit, git } from './clone.ts'
import { hooked } from './hookReceiver.ts'
import { list, startedSandbox } from './startedSandbox.ts'

const notes = '/projects/1/issues/1/notes'

async function setFaults(url: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${url}/-/sandbox/faults`, { method: 'PUT', headers, body: JSON.stringify(body) })
}

test('settings are read and set from outside, and refused when they make no sense', async () => {
  const { sandbox } = await startedSandbox()
  const set = await setFaults(sandbox.url, { api: { failEvery: 2, status: 503, only: '^POST ' } })
  expect(set.status).toBe(200)
  const known = await (await fetch(`${sandbox.url}/-/sandbox/faults`)).json()
  expect(known).toMatchObject({
    api: { failEvery: 2, status: 503, delayMs: 0 },
    delivery: { drop: 0, timeoutMs: 10_000 },
  })
  expect(sandbox.faults.api.failEvery).toBe(2)
  for (const wrong of [{ api: { status: 418 } }, { api: { only: '(' } }, { delivery: { drop: 2 } }, { typo: 1 }]) {
    expect((await setFaults(sandbox.url, wrong)).status).toBe(400)
  }
})

test('every n-th matching call fails, others do not', async () => {
  const { sandbox, ask } = await startedSandbox()
  sandbox.faults.api = { ...sandbox.faults.api, failEvery: 2, status: 503, only: '^POST .*/notes$' }
  const statuses = []
  for (let count = 1; count <= 4; count += 1) {
    statuses.push((await ask('developer', 'POST', notes, { body: 'x' })).status)
    expect((await ask('developer', 'GET', notes)).status).toBe(200)
  }
  expect(statuses).toEqual([201, 503, 201, 503])
  expect(list(await ask('developer', 'GET', notes))).toHaveLength(2)
})

test('a failure can be limited to some times', async () => {
  const { sandbox, ask } = await startedSandbox()
  sandbox.faults.api = { ...sandbox.faults.api, failEvery: 1, times: 2, status: 500 }
  const statuses = []
  for (let count = 1; count <= 3; count += 1) statuses.push((await ask('developer', 'GET', '/user')).status)
  expect(statuses).toEqual([500, 500, 200])
})

test('the two shapes of too many requests', async () => {
  const { sandbox, ask } = await startedSandbox()
  sandbox.faults.api = { ...sandbox.faults.api, failEvery: 1, status: 429 }
  const json = await ask('developer', 'GET', '/user')
  expect([json.status, json.headers.get('retry-after')]).toEqual([429, null])
  expect(json.body).toEqual({ message: { error: 'This endpoint has been requested too many times. Try again later.' } })
  sandbox.faults.api.rateLimit = 'text'
  const text = await ask('developer', 'GET', '/user')
  expect([text.status, text.text]).toEqual([429, 'Retry later\n'])
  expect(text.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(text.headers.get('ratelimit-remaining')).toBe('0')
})

test('a gateway that fails after the work was done', async () => {
  const { sandbox, ask } = await startedSandbox()
  sandbox.faults.api = { ...sandbox.faults.api, failEvery: 1, times: 1, afterCommit: true, only: '^POST ' }
  const reply = await ask('developer', 'POST', notes, { body: 'twice?' })
  expect([reply.status, reply.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8'])
  expect(list(await ask('developer', 'GET', notes))).toMatchObject([{ body: 'twice?' }])
})

test('calls can be slow', async () => {
  const { sandbox, ask } = await startedSandbox()
  sandbox.faults.api.delayMs = 150
  const began = performance.now()
  await ask('developer', 'GET', '/user')
  expect(performance.now() - began).toBeGreaterThanOrEqual(145)
})

test('deliveries are dropped the same way for the same seed, and never sent again', async () => {
  const lost = async (seed: number) => {
    const { sandbox, ask } = await startedSandbox()
    await hooked(ask)
    sandbox.faults.seed = seed
    sandbox.faults.delivery.drop = 0.5
    for (let count = 1; count <= 20; count += 1) await ask('developer', 'POST', notes, { body: `${count}` })
    await expect
      .poll(async () => (await deliveries(sandbox.url)).filter((entry) => entry.status === 'pending'))
      .toHaveLength(0)
    return (await deliveries(sandbox.url)).map((entry) => entry.status)
  }
  const [one, same, other] = [await lost(7), await lost(7), await lost(8)]
  expect(one).toEqual(same)
  expect(one).not.toEqual(other)
  expect(one).toContain('dropped')
  expect(one).toContain(200)
})

test('deliveries come several times, with the same key or with fresh ones', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask)
  sandbox.faults.delivery.duplicate = 2
  await ask('developer', 'POST', notes, { body: 'thrice' })
  const keys = (await receiver.wait(3)).map(({ headers }) => headers['webhook-id'])
  expect(new Set(keys).size).toBe(1)
  sandbox.faults.delivery.freshKeys = true
  await ask('developer', 'POST', notes, { body: 'thrice' })
  const fresh = (await receiver.wait(6)).slice(3).map(({ headers }) => headers['webhook-id'])
  expect(new Set(fresh).size).toBe(3)
})

test('of two deliveries the second comes first, and one alone comes all the same', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask)
  sandbox.faults.delivery.reorder = true
  await ask('developer', 'POST', notes, { body: 'one' })
  await ask('developer', 'POST', notes, { body: 'two' })
  const order = (await receiver.wait(2)).map(({ payload }) => payload.object_attributes.note)
  expect(order).toEqual(['two', 'one'])
  await ask('developer', 'POST', notes, { body: 'three' })
  expect((await receiver.wait(3))[2]?.payload.object_attributes).toMatchObject({ note: 'three' })
})

test('deliveries can be late', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask)
  sandbox.faults.delivery.delayMs = 200
  const began = performance.now()
  await ask('developer', 'POST', notes, { body: 'later' })
  await receiver.wait(1)
  expect(performance.now() - began).toBeGreaterThanOrEqual(195)
})

test('git can fail, before the work and after it', async () => {
  const { sandbox, ask } = await startedSandbox()
  const folder = await cloned(sandbox.url, 'developer')
  await commit(folder, 'work', 'A.md', 'a\n')
  sandbox.faults.git = { ...sandbox.faults.git, failEvery: 1, times: 1, status: 503 }
  expect((await git(folder, 'push', 'origin', 'work')).text).toContain('503')
  expect((await ask('developer', 'GET', '/projects/1/repository/branches/work')).status).toBe(404)
  const lost = { failEvery: 1, times: 1, afterCommit: true, only: '^POST .*git-receive-pack$' }
  sandbox.faults.git = { ...sandbox.faults.git, ...lost }
  expect((await git(folder, 'push', 'origin', 'work')).code).not.toBe(0)
  expect((await ask('developer', 'GET', '/projects/1/repository/branches/work')).status).toBe(200)
  expect((await git(folder, 'push', 'origin', 'work')).text).toContain('Everything up-to-date')
})

test('calls are counted by who, method and route', async () => {
  const { sandbox, ask } = await startedSandbox()
  await ask('developer', 'GET', '/projects/1/issues/1')
  await ask('developer', 'GET', '/projects/demo%2Fshop/issues/1')
  await ask('nobody', 'GET', '/projects/1')
  await cloned(sandbox.url, 'errand-bot')
  const counts = await (await fetch(`${sandbox.url}/-/sandbox/calls`)).json()
  expect(counts).toEqual(
    expect.arrayContaining([
      { user: 'developer', method: 'GET', route: '/projects/:id/issues/:iid', count: 2 },
      { user: null, method: 'GET', route: '/projects/:id', count: 1 },
      // What is public is fetched without the password, also by who has one.
      { user: null, method: 'POST', route: 'git-upload-pack', count: expect.any(Number) },
    ]),
  )
  await fetch(`${sandbox.url}/-/sandbox/calls`, { method: 'DELETE' })
  expect(await (await fetch(`${sandbox.url}/-/sandbox/calls`)).json()).toEqual([])
})

async function deliveries(url: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${url}/-/sandbox/deliveries`)
  return list({ status: 200, headers: response.headers, text: '', body: await response.json() })
}
