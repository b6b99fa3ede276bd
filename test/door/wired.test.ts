/** The door as the program opens it: before a GitLab (the sandbox) and a Redis, for tasks that are on record. */

import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { stringify } from 'yaml'
import type { Request } from '../../runtime/protocol.ts'
import { door } from '../../src/commands/door.ts'
import { createVitals } from '../../src/commands/vitals.ts'
import { readConfig } from '../../src/config.ts'
import { sign } from '../../src/door/credential.ts'
import { startRedis } from '../../src/local/redis.ts'
import { createLogger } from '../../src/log.ts'
import { connectRedis, PREFIX } from '../../src/redis/connection.ts'
import { createLogbook } from '../../src/redis/logbook.ts'
import { createPushes } from '../../src/redis/pushes.ts'
import { createStore } from '../../src/redis/store.ts'
import type { Task } from '../../src/tasks/task.ts'
import { startModel } from '../models/server.ts'
import { startedSandbox } from '../sandbox/startedSandbox.ts'
import { aTask } from '../tasks/aTask.ts'
import { git, gitOk, temporaryFolder } from './gitServer.ts'
import { callOf, TOOL_TOKEN, toolServer } from './toolServer.ts'

const KEY = 'k'.repeat(32)

async function world(environment: Record<string, string> = {}) {
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const folder = stack.use(await temporaryFolder())
  const tools = stack.use(await toolServer())
  const { sandbox, ask } = await startedSandbox()
  const redis = await startRedis(inject('redisServer'), join(folder.path, 'redis'))
  stack.defer(() => redis.stop())
  const [file, token] = [join(folder.path, 'errand.yaml'), join(folder.path, 'token')]
  await writeFile(token, TOOL_TOKEN)
  const settings = {
    door: { port: 0 },
    tools: {
      gitlab: {
        url: tools.url,
        headers: { 'PRIVATE-TOKEN': { file: token } },
        allow: ['get_*'],
        projects: ['project_id'],
      },
      echo: { command: ['mcp-echo'] },
    },
  }
  await writeFile(file, stringify(settings))
  const config = readConfig({
    ERRAND_CONFIG: file,
    GITLAB_URL: sandbox.url,
    // Of an administrator, who sees every project: what counts is who asked.
    GITLAB_TOKEN: 'glpat-demo-root',
    WEBHOOK_SECRETS: 'a-webhook-secret',
    REDIS_URL: redis.url,
    ERRAND_URL: 'http://127.0.0.1:8080',
    ERRAND_DOOR_URL: 'http://127.0.0.1:8081',
    ERRAND_KEY: KEY,
    ERRAND_RUNNER: 'local',
    ...environment,
  })
  const vitals = createVitals()
  const opened = stack.use(await door(config, createLogger('silent'), vitals))
  const url = `http://127.0.0.1:${opened.port}`
  const connection = connectRedis(redis.url, 'patient', () => {})
  stack.defer(() => connection.disconnect())
  const store = createStore(connection, PREFIX)
  const asker = (await ask('developer', 'GET', '/user')).body as Task['asker']
  const path = '/projects/demo%2Fshop/issues/1/discussions'
  const asked = (await ask('developer', 'POST', path, { body: '/agent fix it' })).body as {
    id: string
    notes: { id: number }[]
  }
  const thread = {
    projectId: 1,
    on: 'issue',
    iid: 1,
    discussion: asked.id,
    note: asked.notes[0]?.id ?? 0,
    internal: false,
  } as const
  return {
    url,
    config,
    numbers: () => vitals.metrics.read(),
    pushes: createPushes(connection, PREFIX),
    logbook: createLogbook(connection, PREFIX),
    /** A task in its first attempt, and calls with its credential. */
    async task(id: string, changes: Partial<Task> = {}) {
      const first = changes.first ?? id
      await store.create(aTask({ id, first, thread, asker, attempt: 1, branch: `agent/${first}`, ...changes }))
      const credential = sign(KEY, id, 1)
      return {
        through: ['-c', `http.extraHeader=Authorization: Bearer ${credential}`],
        call: (at: string, init: RequestInit = {}) =>
          fetch(`${url}${at}`, {
            ...init,
            headers: { authorization: `Bearer ${credential}`, ...(init.headers as Record<string, string>) },
          }),
      }
    },
  }
}

test('a session goes to the tasks of its chain, with the same agent, and to nobody else', async () => {
  const { task } = await world()
  const [first, next, other, codex] = await Promise.all([
    task('1-n1'),
    task('1-n2', { first: '1-n1', continues: '1-n1' }),
    task('1-n3'),
    task('1-n4', { first: '1-n1', continues: '1-n1', agent: 'codex' }),
  ])
  const request = async ({ call }: typeof first) => (await (await call('/v1/request')).json()) as Request
  expect(await request(first)).toMatchObject({
    session: false,
    tools: [
      { name: 'gitlab', at: 'door' },
      { name: 'echo', at: 'image', command: ['mcp-echo'], env: {} },
    ],
    repositoryTools: false,
  })
  const bytes = randomBytes(700_000)
  const headers = { 'content-type': 'application/gzip' }
  expect((await first.call('/v1/session', { method: 'PUT', headers, body: bytes })).status).toBe(204)
  expect((await request(next)).session).toBe(true)
  expect(Buffer.from(await (await next.call('/v1/session')).arrayBuffer()).equals(bytes)).toBe(true)
  for (const stranger of [other, codex]) {
    expect((await request(stranger)).session).toBe(false)
    expect((await stranger.call('/v1/session')).status).toBe(404)
  }
})

test('submodules and tools read what the person who asked may read, with whatever eyes Errand has', async () => {
  const { task, url } = await world()
  const { through, call } = await task('1-n1')
  await using folder = await temporaryFolder()
  const at = (project: string) => `${url}/v1/repositories/${project}.git`
  expect(await gitOk(folder.path, ...through, 'ls-remote', at('demo/shop'), 'main')).toContain('refs/heads/main')
  const words = '@developer, who asked for this, may not read demo/vault.'
  expect((await git(folder.path, ...through, 'ls-remote', at('demo/vault'))).err).toContain(`remote: ${words}`)
  const tool = async (name: string, project: string) =>
    (
      await call('/v1/tools/gitlab', { method: 'POST', body: JSON.stringify(callOf(name, { project_id: project })) })
    ).json()
  expect(await tool('get_issue', 'demo/shop')).toMatchObject({ result: { content: [{}] } })
  expect(await tool('get_issue', 'demo/vault')).toMatchObject({ error: { message: words } })
  expect(await tool('delete_issue', 'demo/shop')).toMatchObject({ error: {} })
})

test('a task has the tools that its project wants, and the door holds it to them', async () => {
  const { task } = await world()
  const ways = { trigger: '/agent', labels: { todo: 'a', doing: 'b', done: 'c', failed: 'd' }, tools: ['echo'] }
  const { call } = await task('1-n1', { ways })
  expect(await (await call('/v1/request')).json()).toMatchObject({ tools: [{ name: 'echo', at: 'image' }] })
  const body = JSON.stringify(callOf('get_issue', { project_id: 'demo/shop' }))
  const refused = await call('/v1/tools/gitlab', { method: 'POST', body })
  expect([refused.status, await refused.json()]).toEqual([
    404,
    { error: 'Errand has no tool server of the name gitlab.' },
  ])
})

test('a branch that a push rewrote is on record, with what stood there before', async () => {
  const { task, url, pushes } = await world()
  const { through } = await task('1-n1')
  await using folder = await temporaryFolder()
  const clone = join(folder.path, 'clone')
  await gitOk(folder.path, ...through, 'clone', '--quiet', `${url}/v1/git`, clone)
  const branch = 'agent/1-n1'
  const commit = async (...args: string[]) => {
    await gitOk(clone, 'commit', '--quiet', '--allow-empty', '-m', 'work', ...args)
    return gitOk(clone, 'rev-parse', 'HEAD')
  }
  const push = (...args: string[]) => gitOk(clone, ...through, 'push', '--quiet', ...args, 'origin', `HEAD:${branch}`)
  await gitOk(clone, 'checkout', '--quiet', '-b', branch)
  const commits = [await commit()]
  await push()
  commits.push(await commit())
  await push()
  commits.push(await commit('--amend', '-m', 'other work'))
  await push('--force')
  expect(await pushes.of('1-n1')).toEqual([
    { branch, before: '0'.repeat(40), after: commits[0] },
    { branch, before: commits[0], after: commits[1], rewritten: false },
    { branch, before: commits[1], after: commits[2], rewritten: true },
  ])
  const plan = await task('1-n2', { mode: 'plan' })
  const refused = await git(clone, ...plan.through, 'push', 'origin', 'HEAD:agent/1-n2')
  expect(refused.err).toContain('(this is a plan: nothing is pushed)')
})

test("what a container names, and the tools' tokens, are masked in its log and counted", async () => {
  const { task, logbook, config, numbers } = await world()
  const { call } = await task('1-n1')
  expect(config.secrets()).toContain(TOOL_TOKEN)
  const value = 'the-mirror-password'
  expect((await call('/v1/masks', { method: 'PUT', body: JSON.stringify({ values: [value] }) })).status).toBe(204)
  const body = `${value} and ${TOOL_TOKEN}\n`
  const headers = { 'content-range': `bytes 0-${body.length - 1}/*`, 'errand-log-end': 'true' }
  expect((await call('/v1/log', { method: 'PATCH', headers, body })).status).toBe(200)
  expect(String(await logbook.read('1-n1', 0, 999))).toBe('[masked] and [masked]\n')
  expect(await logbook.maskedPlaces('1-n1')).toBe(2)
  expect(await numbers()).toContain('errand_log_bytes_total 22\n')
  expect(await numbers()).toContain('errand_masked_total 2\n')
})

test('what a task uses of models is counted by project, agent and model, and its beginning once', async () => {
  await using model = await startModel({ steps: [{ text: 'Hello.' }] })
  const { task, numbers } = await world({ ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'sk-ant-test-0123456789' })
  const { call } = await task('1-n1', { agent: 'claude', repository: 'demo/shop', askedAt: Date.now() - 4000 })
  const body = JSON.stringify({
    model: 'claude-opus-5',
    max_tokens: 10,
    messages: [{ role: 'user', content: 'Hello?' }],
    tools: [{ name: 'Read', input_schema: { type: 'object' } }],
  })
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }
  const answer = await call('/v1/model/anthropic/v1/messages', { method: 'POST', headers, body })
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Hello.')])
  const labels = 'project="demo/shop",agent="claude",model="claude-opus-5"'
  await vi.waitFor(async () => expect(await numbers()).toContain(`errand_model_calls_total{${labels}} 1\n`))
  expect(await numbers()).toMatch(new RegExp(`errand_model_tokens_total\\{${labels},kind="output"\\} [1-9]`))
  expect(await numbers()).toMatch(new RegExp(`errand_model_usd_total\\{${labels}\\} 0\\.0`))
  for (const text of ['starts', 'reads'])
    await call('/v1/activity', { method: 'PUT', body: JSON.stringify({ text, phase: 'agent' }) })
  expect(await numbers()).toContain('errand_milestone_seconds_count{milestone="agent"} 1\n')
  expect(await numbers()).toContain('errand_milestone_seconds_bucket{le="2",milestone="agent"} 0\n')
})
