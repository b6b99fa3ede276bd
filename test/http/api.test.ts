/** The API by its own description: every answer that it tells of occurs here, and no other. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiWorld, apiWorld, DEVELOPER, SHOP, VAULT } from './apiWorld.ts'

let world: ApiWorld
beforeAll(async () => {
  world = await apiWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const NEW = { repository: 'demo/shop', prompt: 'add a health check' }

test('a task is asked for, found, looked at and stopped', async () => {
  const made = await world.call('developer', 'POST', '/api/tasks', { body: { ...NEW, model: undefined } })
  expect(made.status).toBe(201)
  const { id } = made.json
  expect(id).toMatch(/^1-w[0-9a-f]{16}$/)
  expect(made.headers.get('location')).toBe(`/api/tasks/${id}`)
  expect(made.json).toMatchObject({
    id,
    prompt: 'add a health check',
    repository: 'demo/shop',
    projectId: SHOP,
    branch: `agent/${id}`,
    base: 'main',
    status: 'queued',
    jobName: null,
    mergeRequestUrl: null,
    continues: null,
    source: { on: 'page', url: null },
    asker: { username: 'developer', name: 'Dev Developer' },
    may: { stop: true, retry: false },
    stopping: false,
  })
  const list = await world.call('developer', 'GET', '/api/tasks')
  expect(list.json.tasks.map((task: { id: string }) => task.id)).toContain(id)
  expect((await world.call('developer', 'GET', `/api/tasks/${id}`)).json).toMatchObject({
    id,
    doing: 'starts in a moment',
  })
  expect((await world.call('reporter', 'GET', `/api/tasks/${id}`)).json.may).toEqual({ stop: false, retry: false })
  const stopped = await world.call('developer', 'POST', `/api/tasks/${id}/stop`)
  expect(stopped.status).toBe(202)
  expect(stopped.json).toMatchObject({ id, stopping: true })
})

test('the same key asks once; for something else it is refused', async () => {
  const headers = { 'idempotency-key': 'one-key' }
  const first = await world.call('developer', 'POST', '/api/tasks', { body: NEW, headers })
  const again = await world.call('developer', 'POST', '/api/tasks', { body: NEW, headers })
  expect([first.status, again.status, again.json.id]).toEqual([201, 200, first.json.id])
  const other = await world.call('developer', 'POST', '/api/tasks', { body: { ...NEW, prompt: 'else' }, headers })
  expect(other.status).toBe(409)
  const bad = await world.call('developer', 'POST', '/api/tasks', { body: NEW, headers: { 'idempotency-key': 'a b' } })
  expect([bad.status, bad.json.errors[0].field]).toEqual([400, 'idempotency-key'])
})

test('what is wrong is said at its field, all of it at once', async () => {
  const wrong = await world.call('developer', 'POST', '/api/tasks', {
    body: { repository: '', prompt: '  ', budget: -1, mode: 'dance', color: 'red' },
  })
  expect(wrong.status).toBe(422)
  expect(wrong.json.errors).toMatchInlineSnapshot(`
    [
      {
        "field": "repository",
        "message": "Too small: expected string to have >=1 characters",
      },
      {
        "field": "prompt",
        "message": "Say what is to be done.",
      },
      {
        "field": "budget",
        "message": "Give more than 0 US dollars.",
      },
      {
        "field": "mode",
        "message": "Give \`do\`, or \`plan\` for a plan that changes nothing.",
      },
      {
        "field": "color",
        "message": "There is no such field.",
      },
    ]
  `)
  const unknown = await world.call('developer', 'POST', '/api/tasks', {
    body: { ...NEW, branch: 'no-such', agent: 'nobody', budget: 1e6 },
  })
  expect(unknown.status).toBe(422)
  expect(unknown.json.errors.map(({ field }: { field: string }) => field).sort()).toEqual(['agent', 'branch', 'budget'])
  const foreign = await world.call('outsider', 'POST', '/api/tasks', { body: { ...NEW, repository: 'demo/vault' } })
  const missing = await world.call('outsider', 'POST', '/api/tasks', { body: { ...NEW, repository: 'demo/nowhere' } })
  expect(foreign.status).toBe(422)
  expect(foreign.text.replaceAll('vault', 'nowhere')).toBe(missing.text)
  expect((await world.call('reporter', 'POST', '/api/tasks', { body: NEW })).status).toBe(403)
})

test.each([
  ['no JSON', { body: '{"prompt":' }, 400],
  ['a list', { body: '[]' }, 422],
  ['a number', { body: '7' }, 400],
  ['a form', { body: 'prompt=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
  ['another charset', { body: '{}', headers: { 'content-type': 'application/json; charset=latin1' } }, 415],
  ['2 MB', { body: { ...NEW, prompt: 'x'.repeat(2 * 1024 * 1024) } }, 413],
  ['a prompt of 101 KB', { body: { ...NEW, prompt: 'x'.repeat(101 * 1024) } }, 422],
  ['nothing', {}, 422],
] as const)('a body that is %s', async (_, sent, status) => {
  expect((await world.call('developer', 'POST', '/api/tasks', sent)).status).toBe(status)
})

test('a task that failed is tried again, one that worked or runs is not; what is over is not stopped', async () => {
  const end = { is: 'failed', cause: 'agent-error', message: 'boom' } as const
  const over = { state: 'failed', endedAt: Date.now(), end, attempt: 1, cleaned: true } as const
  const failed = await world.plant(over)
  expect((await world.call('developer', 'GET', `/api/tasks/${failed.id}`)).json).toMatchObject({
    status: 'failed',
    cause: 'agent-error',
    failure: { what: 'the agent ended with an error.', detail: 'boom' },
    may: { stop: false, retry: true },
  })
  const headers = { 'idempotency-key': 'retry-key' }
  const retried = await world.call('developer', 'POST', `/api/tasks/${failed.id}/retry`, { headers })
  expect([retried.status, retried.json?.continues, retried.text]).toEqual([201, failed.id, expect.anything()])
  expect((await world.call('developer', 'POST', `/api/tasks/${failed.id}/retry`, { headers })).status).toBe(200)
  const bad = { 'idempotency-key': 'x y' }
  expect((await world.call('developer', 'POST', `/api/tasks/${failed.id}/retry`, { headers: bad })).status).toBe(400)
  expect((await world.call('developer', 'POST', `/api/tasks/${failed.id}/stop`)).status).toBe(409)
  const running = await world.plant({ state: 'running', attempt: 1 })
  expect((await world.call('developer', 'POST', `/api/tasks/${running.id}/retry`)).status).toBe(409)
  expect((await world.call('reporter', 'POST', `/api/tasks/${running.id}/stop`)).status).toBe(403)
  const form = { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  for (const order of ['stop', 'retry'])
    expect((await world.call('developer', 'POST', `/api/tasks/${running.id}/${order}`, form)).status).toBe(415)
})

test('tasks are filtered and paged by the server', async () => {
  const wanted = await Promise.all(['Zebra one', 'zebra two', 'ZEBRA three'].map((prompt) => world.plant({ prompt })))
  const asked = async (query: string) => (await world.call('developer', 'GET', `/api/tasks?${query}`)).json
  const ids = async (query: string) => (await asked(query)).tasks.map((task: { id: string }) => task.id).sort()
  const all = wanted.map(({ id }) => id).sort()
  expect(await ids('text=zebra')).toEqual(all)
  expect(await ids('text=zebra&person=@Developer&project=demo/SHOP&status=queued&status=running')).toEqual(all)
  expect(await ids('text=zebra&project=1')).toEqual(all)
  for (const none of [
    'text=zebra&status=failed',
    'text=zebra&person=mara',
    'text=zebra&project=demo/vault',
    'text=zebra&project=2',
  ])
    expect(await ids(none), none).toEqual([])
  const first = await asked('text=zebra&limit=2')
  const second = await asked(`text=zebra&limit=2&before=${first.next}`)
  expect([...first.tasks, ...second.tasks].map(({ id }) => id).sort()).toEqual(all)
  for (const bad of ['status=lost', 'limit=0', 'limit=x', 'before=nowhere'])
    expect((await world.call('developer', 'GET', `/api/tasks?${bad}`)).status, bad).toBe(400)
})

test('what is foreign is as what is missing', async () => {
  const thread = { projectId: VAULT, on: 'issue', iid: 1, internal: false } as const
  const task = await world.plant({ thread, repository: 'demo/vault', prompt: 'a secret wish' })
  await world.write(task, 'secret line\n')
  const routes = world.described.routes.filter(({ path }) => path.startsWith('/api/tasks/{id}'))
  expect(routes).toHaveLength(7)
  for (const { method, path } of routes) {
    const at = (id: string) => `${path.replace('{id}', id)}${path.endsWith('search') ? '?q=secret' : ''}`
    const foreign = await world.call('outsider', method, at(task.id))
    const missing = await world.call('outsider', method, at('2-n99999'))
    const strange = await world.call('outsider', method, at('..%2Fx'))
    expect([foreign.status, missing.status, strange.status], path).toEqual([404, 404, 404])
    expect(foreign.text).toBe(missing.text)
    expect(Object.fromEntries(foreign.headers)).toEqual({
      ...Object.fromEntries(missing.headers),
      date: foreign.headers.get('date'),
    })
  }
  const list = await world.call('outsider', 'GET', '/api/tasks?limit=200')
  expect(list.text).not.toContain(task.id)
  expect(list.text).not.toContain('secret')
  for (const path of [
    `/api/projects/${VAULT}`,
    `/api/projects/${VAULT}/branches`,
    '/api/projects/999',
    '/api/projects/x/branches',
  ])
    expect((await world.call('outsider', 'GET', path)).status, path).toBe(404)
  expect((await world.call('outsider', 'GET', '/api/numbers')).json.projects).toEqual([])
})

test('what not everybody may read is shown by name and state alone', async () => {
  const thread = { projectId: SHOP, on: 'issue', iid: 1, internal: true } as const
  const task = await world.plant({ thread, prompt: 'the quiet wish', about: 'The quiet issue' })
  await world.write(task, 'quiet line\n')
  const open = await world.call('reporter', 'GET', `/api/tasks/${task.id}`)
  expect(open.json).toMatchObject({ prompt: 'the quiet wish', discreet: true })
  const closed = await world.call('outsider', 'GET', `/api/tasks/${task.id}`)
  expect(closed.json).toMatchObject({
    prompt: '(not for everybody)',
    title: '(not for everybody)',
    answer: null,
    log: { size: 0 },
  })
  expect(closed.text).not.toContain('quiet')
  for (const path of ['log', 'log/lines', 'log/search?q=quiet'])
    expect((await world.call('outsider', 'GET', `/api/tasks/${task.id}/${path}`)).status, path).toBe(403)
  expect((await world.call('outsider', 'GET', '/api/tasks?text=quiet')).json.tasks).toEqual([])
  expect((await world.call('outsider', 'POST', `/api/tasks/${task.id}/retry`)).status).toBe(404)
})

test('projects, branches, numbers, oneself', async () => {
  expect((await world.call('developer', 'GET', '/api/projects?search=sho')).json.projects).toEqual([
    { id: SHOP, path: 'demo/shop', defaultBranch: 'main' },
  ])
  expect((await world.call('developer', 'GET', `/api/projects/${SHOP}`)).json).toMatchObject({
    path: 'demo/shop',
    budget: 20,
    budgetMax: 100,
  })
  expect((await world.call('developer', 'GET', `/api/projects/${SHOP}/branches?search=ma`)).json.branches).toContain(
    'main',
  )
  expect((await world.call('developer', 'GET', '/api/numbers?days=7&project=demo/shop')).json.days).toHaveLength(7)
  expect((await world.call('nobody', 'GET', '/api/me')).json).toEqual({
    user: null,
    login: 'gitlab',
    actsAs: null,
    gitlab: world.sandbox.url,
    trigger: '/agent',
  })
  expect((await world.call('developer', 'GET', '/api/me')).json.user).toEqual(DEVELOPER)
  const long = 'x'.repeat(201)
  for (const path of [
    `/api/projects?search=${long}`,
    `/api/projects/1/branches?search=${long}`,
    '/api/numbers?days=0',
    '/api/tasks/events?status=x',
    `/api/tasks/1-n1/events?from=x`,
    '/api/tasks/1-n1/log?download=2',
    '/api/tasks/1-n1/log/search',
  ])
    expect((await world.call('developer', 'GET', path)).status, path).toBe(400)
})

test('a log and its parts; streams open', async () => {
  const task = await world.plant()
  await world.write(task, 'first line\nsecond line\n')
  const log = `/api/tasks/${task.id}/log`
  expect((await world.call('developer', 'GET', log)).text).toBe('first line\nsecond line\n')
  const part = await world.call('developer', 'GET', log, { headers: { range: 'bytes=6-9' } })
  expect([part.status, part.text, part.headers.get('content-range')]).toEqual([206, 'line', 'bytes 6-9/23'])
  const outside = await world.call('developer', 'GET', log, { headers: { range: 'bytes=23-' } })
  expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */23'])
  expect((await world.call('developer', 'GET', `${log}/lines`)).json).toEqual({
    size: 23,
    lines: 2,
    chunkBytes: 65536,
    newlines: [0],
  })
  expect((await world.call('developer', 'GET', `${log}/search?q=SECOND`)).json).toEqual({
    matches: [{ line: 1, at: 11 }],
    more: false,
  })
  for (const path of ['/api/tasks/events', `/api/tasks/${task.id}/events`]) {
    const stream = await world.send('developer', 'GET', path)
    world.described.check('GET', path, stream.status, stream.headers.get('content-type') ?? '', '')
    await stream.body?.cancel()
  }
})

const PATHS: Readonly<Record<string, string>> = { '/api/tasks/{id}/log/search': '?q=x' }
async function everyRoute(call: (method: string, path: string) => Promise<void>, id = '1-n1') {
  for (const { method, path } of world.described.routes)
    await call(method, path.replace('{id}', path.includes('projects') ? '1' : id) + (PATHS[path] ?? ''))
}

test('a token that is none is 401 everywhere, one without the scope 403; nobody gets 401 with the way in', async () => {
  const { token } = await world.gitlab('maintainer', 'POST', '/projects/1/access_tokens', {
    name: 'a',
    scopes: ['read_user'],
    access_level: 30,
    expires_at: '2030-01-01',
  })
  expect(token).toEqual(expect.any(String))
  const { token: reading } = await world.gitlab('maintainer', 'POST', '/projects/1/access_tokens', {
    name: 'b',
    scopes: ['read_api'],
    access_level: 30,
    expires_at: '2030-01-01',
  })
  await everyRoute(async (method, path) => {
    const wrong = await world.call('nobody', method, path, { headers: { 'private-token': 'glpat-wrong' } })
    expect([wrong.status, wrong.headers.get('www-authenticate')], path).toEqual([
      401,
      expect.stringContaining('Bearer'),
    ])
    if (path !== '/api/me') expect((await world.call('nobody', method, path)).status, path).toBe(401)
    expect(
      (await world.call('nobody', method, path, { headers: { authorization: `Bearer ${token}` } })).status,
      path,
    ).toBe(403)
    if (method === 'POST') {
      const read = await world.call('nobody', method, path, { headers: { 'private-token': String(reading) }, body: {} })
      expect([read.status, read.json.detail]).toEqual([403, expect.stringContaining('scope `api`')])
    }
  })
})

test('what is not there, and what cannot be done there', async () => {
  const wrong = await world.send('developer', 'DELETE', '/api/tasks/1-n1')
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect(await wrong.json()).toMatchObject({ type: 'about:blank', title: 'Method Not Allowed', status: 405 })
  expect((await world.send('developer', 'POST', '/api/me', { body: {} })).status).toBe(405)
  const nothing = await world.send('developer', 'GET', '/api/nothing')
  expect([nothing.status, nothing.headers.get('content-type')]).toEqual([
    404,
    'application/problem+json; charset=utf-8',
  ])
  expect((await world.send('developer', 'GET', '/api/tasks/%zz')).status).toBe(404)
  const head = await world.send('developer', 'HEAD', '/api/tasks')
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect((await world.send('developer', 'HEAD', '/api/tasks/events')).status).toBe(200)
})

test('too much in a minute, or too many streams, is 429 with the time to come again', async () => {
  const { id } = await world.plant()
  const open = await Promise.all(Array.from({ length: 20 }, () => world.send('developer', 'GET', '/api/tasks/events')))
  expect(open.map(({ status }) => status)).toEqual(Array(20).fill(200))
  const more = await world.send('developer', 'GET', '/api/tasks/events')
  expect(more.status, 'one stream more').toBe(429)
  for (const kind of ['read', 'ask']) await world.redis.set(`{errand}:rate:${kind}:${DEVELOPER.id}`, 601, 'EX', 60)
  await everyRoute(async (method, path) => {
    const over = await world.call('developer', method, path, method === 'POST' ? { body: {} } : {})
    expect([over.status, Number(over.headers.get('retry-after'))], path).toEqual([429, expect.any(Number)])
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0)
  }, id)
  expect((await world.call('maintainer', 'GET', '/api/tasks')).status, 'others may').toBe(200)
  for (const stream of open) await stream.body?.cancel()
  await world.redis.del(...['read', 'ask'].map((kind) => `{errand}:rate:${kind}:${DEVELOPER.id}`))
  await expect
    .poll(async () => {
      const stream = await world.send('developer', 'GET', '/api/tasks/events')
      await stream.body?.cancel()
      return stream.status
    })
    .toBe(200)
})

test('a mistake of ours is 500 without its words, and is logged', async () => {
  const cookie = await world.cookie()
  await everyRoute(async (method, path) => {
    const before = world.errors.length
    const broken = await world.call('nobody', method, path, { headers: { cookie } })
    expect(broken.status, path).toBe(500)
    expect(broken.text).not.toMatch(/JSON|broken|at .*\.ts/)
    expect(world.errors.length, path).toBe(before + 1)
  })
})

test('with GitLab away it is 503, as nobody knows who may what', async () => {
  world.sandbox.faults.api.failEvery = 1
  try {
    const away = await world.call('nobody', 'GET', '/api/tasks', { headers: { 'private-token': 'glpat-not-yet-seen' } })
    expect([away.status, away.json.detail]).toEqual([503, 'GitLab does not answer. Try again in a moment.'])
  } finally {
    world.sandbox.faults.api.failEvery = 0
  }
})

test('with Redis away everything is 503 within a second, and is back when it is', async () => {
  process.kill(world.server.pid, 'SIGSTOP')
  const began = performance.now()
  expect((await world.call('developer', 'GET', '/api/tasks')).status).toBe(503)
  expect(performance.now() - began).toBeLessThan(1000)
  process.kill(world.server.pid, 'SIGCONT')
  await expect
    .poll(async () => (await world.send('developer', 'GET', '/api/tasks')).status, { timeout: 10_000 })
    .toBe(200)
  process.kill(world.server.pid, 'SIGKILL')
  await everyRoute(async (method, path) => {
    const from = performance.now()
    const away = await world.call('developer', method, path, method === 'POST' ? { body: {} } : {})
    expect([away.status, away.headers.get('retry-after'), away.json.detail], path).toEqual([
      503,
      '5',
      'Redis does not answer. Try again in a moment.',
    ])
    expect(performance.now() - from, path).toBeLessThan(1000)
  })
})

test('every answer that is described has occurred', () => {
  expect(world.described.unseen()).toEqual([])
})
