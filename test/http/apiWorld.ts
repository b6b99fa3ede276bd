/** The side that people talk to, with a GitLab and a Redis of its own, and its API as its own description has it. Nobody does the tasks. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { serve } from '../../src/commands/serve.ts'
import { createVitals } from '../../src/commands/vitals.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { createCookies } from '../../src/http/sessionCookie.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { createLogger } from '../../src/log.ts'
import { PREFIX } from '../../src/redis/connection.ts'
import { createLogbook } from '../../src/redis/logbook.ts'
import { createLogins } from '../../src/redis/logins.ts'
import { createStore } from '../../src/redis/store.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import type { Task } from '../../src/tasks/task.ts'
import { aTask } from '../tasks/aTask.ts'
import { type Described, describedAnswers } from './described.ts'

export type ApiWorld = Awaited<ReturnType<typeof apiWorld>>
export type Who = 'maintainer' | 'developer' | 'reporter' | 'outsider' | 'nobody'

export const SHOP = 1
export const VAULT = 2
/** Of the sandbox's people, as they are in its seed. */
export const DEVELOPER = { id: 3, username: 'developer', name: 'Dev Developer' }

export type Sent = {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** `login`: as in the configuration; people come with tokens otherwise. */
export async function apiWorld({ login }: { readonly login?: Config['login'] } = {}) {
  await using stack = new AsyncDisposableStack()
  const data = await mkdtemp(join(tmpdir(), 'errand-api-'))
  stack.defer(() => rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  const server = await startRedis(inject('redisServer'), join(data, 'redis'))
  stack.defer(() => server.stop())
  const sandbox = await startSandbox({ port: 0, data: join(data, 'gitlab') })
  stack.defer(() => sandbox.close())
  const port = await freePort()
  const read = readConfig({
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: 'token',
    REDIS_URL: server.url,
    ERRAND_URL: `http://127.0.0.1:${port}`,
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: 'k'.repeat(32),
    ERRAND_RUNNER: 'local',
    ERRAND_DATA: data,
    OAUTH_CLIENT_ID: 'an-application',
    OAUTH_CLIENT_SECRET: 'its-secret',
  })
  const config = { ...read, listen: { host: '127.0.0.1', port }, login: login ?? read.login }
  const errors: string[] = []
  const log = createLogger('error', { write: (line: string) => void errors.push(line) })
  const vitals = createVitals()
  let serving = await serve(config, log, vitals)
  stack.defer(() => serving[Symbol.asyncDispose]())
  const redis = new Redis(server.url)
  stack.defer(() => redis.disconnect())
  redis.on('error', () => {})
  const store = createStore(redis, PREFIX)
  const logbook = createLogbook(redis, PREFIX)
  const described: Described = describedAnswers(await (await fetch(`${config.url}/api/openapi.json`)).json())

  async function send(who: Who, method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Response> {
    const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const all = {
      ...(who === 'nobody' ? {} : { 'private-token': `glpat-demo-${who}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    }
    return fetch(`${config.url}${path}`, { method, headers: all, ...(sent === undefined ? {} : { body: sent }) })
  }

  let notes = 1000
  const parts = stack.move()
  return {
    config,
    sandbox,
    server,
    redis,
    store,
    logbook,
    described,
    errors,
    metrics: vitals.metrics,
    send,
    /** Sends it, and holds the answer against the description. */
    async call(who: Who, method: string, path: string, sent: Sent = {}) {
      const response = await send(who, method, path, sent)
      const text = await response.text()
      const { status, headers } = response
      described.check(method, path, status, headers.get('content-type') ?? '', text)
      const isJson = headers.get('content-type')?.includes('json') === true
      return { status, headers, text, json: isJson ? JSON.parse(text) : undefined }
    },
    /** GitLab's own API, as somebody. */
    async gitlab(who: string, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
      const response = await fetch(`${sandbox.url}/api/v4${path}`, {
        method,
        headers: { 'private-token': `glpat-demo-${who}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return (await response.json()) as Record<string, unknown>
    },
    /** A task that is there, as if somebody had asked for it in the shop. */
    async plant(changes: Partial<Task> = {}): Promise<Task> {
      const id = `${changes.thread?.projectId ?? SHOP}-n${++notes}`
      const now = Date.now()
      const thread = {
        projectId: SHOP,
        on: 'issue',
        iid: 1,
        discussion: `d${notes}`,
        note: notes,
        internal: false,
      } as const
      const times = { askedAt: now, createdAt: now, since: now, attemptAt: now }
      const task = aTask({ id, first: id, thread, branch: `agent/${id}`, asker: DEVELOPER, ...times, ...changes })
      await store.create(task)
      return task
    },
    async write(task: Task, text: string | Buffer, from = 0): Promise<number> {
      const bytes = Buffer.from(text)
      const { offset } = await logbook.append(task.id, 1, from, from + bytes.length, bytes)
      return offset
    },
    /** What the browser of somebody who is logged in sends; without a person, of a login that Redis has garbled. */
    async cookie(person?: Task['asker']): Promise<string> {
      const id = person === undefined ? 'garbled' : await createLogins(redis, PREFIX).open(person)
      if (person === undefined) await redis.set(`${PREFIX}:login:${id}`, '{"broken')
      const [pair = ''] = createCookies(config.url, config.key).keep('session', id).split(';')
      return pair
    },
    async restart(): Promise<void> {
      await serving[Symbol.asyncDispose]()
      serving = await serve(config, log, createVitals())
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
