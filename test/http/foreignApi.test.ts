/** The whole service, asked by somebody who is not to know: of what is foreign there is no sign. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { serve } from '../../src/commands/serve.ts'
import { readConfig } from '../../src/config.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { createLogger } from '../../src/log.ts'
import { connectRedis, PREFIX } from '../../src/redis/connection.ts'
import { createStore } from '../../src/redis/store.ts'
import type { Task } from '../../src/tasks/task.ts'
import { startedSandbox } from '../sandbox/startedSandbox.ts'
import { aTask, THREAD } from '../tasks/aTask.ts'

const VAULT = 2

async function service() {
  const folder = await mkdtemp(join(tmpdir(), 'errand-foreign-'))
  const redis = await startRedis(inject('redisServer'), folder)
  const { sandbox, ask } = await startedSandbox()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const made = await ask('root', 'POST', '/applications', {
    name: 'Errand',
    redirect_uri: `${url}/login/callback`,
    scopes: 'openid profile',
  })
  const { application_id, secret } = made.body as { application_id: string; secret: string }
  const config = readConfig({
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: 'x',
    REDIS_URL: redis.url,
    ERRAND_URL: url,
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: 'k'.repeat(32),
    ERRAND_RUNNER: 'local',
    OAUTH_CLIENT_ID: application_id,
    OAUTH_CLIENT_SECRET: secret,
  })
  const bot = (await ask('errand-bot', 'GET', '/user')).body as { id: number }
  await ask('maintainer', 'POST', `/projects/${VAULT}/members`, { user_id: bot.id, access_level: 30 })
  const serving = await serve({ ...config, listen: { host: '127.0.0.1', port } }, createLogger('silent'))
  const connection = connectRedis(redis.url, 'patient', () => {})
  onTestFinished(async () => {
    await serving[Symbol.asyncDispose]()
    connection.disconnect()
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const store = createStore(connection, PREFIX)
  const add = (id: string, projectId: number, changes: Partial<Task> = {}) =>
    store.create(
      aTask({
        id,
        first: id,
        branch: `agent/${id}`,
        thread: { ...THREAD, projectId },
        asker: { id: 3, username: 'developer', name: 'Dev Developer' },
        repository: projectId === VAULT ? 'demo/vault' : 'demo/shop',
        ...changes,
      }),
    )
  const as = async (who: string, path: string, method = 'GET') => {
    const headers = { 'private-token': `glpat-demo-${who}`, 'content-type': 'application/json' }
    const response = await fetch(url + path, { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  return { url, sandbox, add, as }
}

test('a foreign task is answered as one that there never was, by every route', async () => {
  const { add, as } = await service()
  await add('2-n77', VAULT, { prompt: 'CANARY of the vault' })
  for (const [method, path] of [
    ['GET', '/api/tasks/ID'],
    ['GET', '/api/tasks/ID/log'],
    ['GET', '/api/tasks/ID/log?download=1'],
    ['GET', '/api/tasks/ID/log/lines'],
    ['GET', '/api/tasks/ID/log/search?q=a'],
    ['GET', '/api/tasks/ID/events'],
    ['POST', '/api/tasks/ID/stop'],
    ['POST', '/api/tasks/ID/retry'],
  ] as const) {
    const [foreign, missing] = [
      await as('developer', path.replace('ID', '2-n77'), method),
      await as('developer', path.replace('ID', '2-n78'), method),
    ]
    expect([method, path, foreign.status, foreign.text]).toEqual([method, path, 404, missing.text])
    expect(missing.status).toBe(404)
  }
  expect((await as('maintainer', '/api/tasks/2-n77')).text).toContain('CANARY')
})

test('no list, search or sum tells of what is foreign', async () => {
  const { add, as } = await service()
  await add('2-n77', VAULT, { prompt: 'CANARY of the vault' })
  await add('1-n7', 1)
  await add('1-n8', 1, { discreet: true, prompt: 'CANARY of a few', about: 'CANARY as well' })
  for (const path of [
    '/api/tasks',
    '/api/tasks?text=CANARY',
    '/api/tasks?status=queued',
    '/api/tasks?person=developer',
    '/api/tasks/1-n8',
    '/api/projects?search=',
    '/api/projects?search=vault',
    '/api/numbers?days=30',
  ]) {
    const { status, text } = await as('outsider', path)
    expect([path, status]).toEqual([path, 200])
    expect(text, path).not.toMatch(/CANARY|vault|2-n77/)
  }
  const seen = JSON.parse((await as('outsider', '/api/tasks')).text) as { tasks: { id: string }[] }
  expect(seen.tasks.map(({ id }) => id).sort()).toEqual(['1-n7', '1-n8'])
  for (const path of [
    '/api/projects/ID',
    '/api/projects/ID/branches?search=',
    '/api/numbers?project=ID',
    '/api/tasks?project=ID',
  ]) {
    const [foreign, missing] = [
      await as('outsider', path.replace('ID', '2')),
      await as('outsider', path.replace('ID', '999')),
    ]
    expect([path, foreign.status, foreign.text]).toEqual([path, missing.status, missing.text])
  }
  const [foreign, missing] = [
    await as('outsider', '/api/tasks?project=demo%2Fvault'),
    await as('outsider', '/api/tasks?project=demo%2Fnothing'),
  ]
  expect([foreign.status, foreign.text]).toEqual([missing.status, missing.text])
  expect((await as('reporter', '/api/tasks/1-n8')).text).toContain('CANARY of a few')
})

test('in a browser one logs in at the sandbox and is somebody; without, nobody sees a thing', async () => {
  const { url, sandbox } = await service()
  const nobody = await fetch(`${url}/api/tasks`)
  expect([nobody.status, await nobody.text()]).toEqual([401, expect.stringContaining('Log in at /login')])
  const manual = { redirect: 'manual' } as const
  const begun = await fetch(`${url}/login?to=/numbers`, manual)
  const asked = new URL(begun.headers.get('location') ?? '').searchParams
  asked.set('person', 'developer')
  const chosen = await fetch(`${sandbox.url}/oauth/authorize`, { method: 'POST', body: asked, ...manual })
  const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const back = await fetch(chosen.headers.get('location') ?? '', { headers: { cookie }, ...manual })
  expect([back.status, back.headers.get('location')]).toEqual([303, '/numbers'])
  const session =
    back.headers
      .getSetCookie()
      .find((line) => line.startsWith('errand='))
      ?.split(';')[0] ?? ''
  const me = await (await fetch(`${url}/api/me`, { headers: { cookie: session } })).json()
  expect(me).toMatchObject({ user: { username: 'developer' }, login: 'gitlab', actsAs: null })
  const page = await fetch(`${url}/login/callback?code=x&state=y`, manual)
  expect(page.status).toBe(400)
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
})
