/** Sandbox, serve, work and door as processes of their own; each is killed in the middle of a run, and started again. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { expect, inject, test } from 'vitest'
import { stringify } from 'yaml'
import { ownEnvironment } from '../../src/config.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { PREFIX } from '../../src/redis/connection.ts'
import { createStore } from '../../src/redis/store.ts'
import { isFinished } from '../../src/tasks/entry.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

type Part = 'sandbox' | 'serve' | 'work' | 'door'
const PARTS: readonly Part[] = ['sandbox', 'serve', 'work', 'door']

async function startParts() {
  const data = await mkdtemp(join(tmpdir(), 'errand-killed-'))
  const redis = await startRedis(inject('redisServer'), join(data, 'redis'))
  const ports = { gitlab: await freePort(), http: await freePort(), door: await freePort() }
  const gitlab = `http://127.0.0.1:${ports.gitlab}`
  const file = join(data, 'errand.yaml')
  const pace = { sweep: 1, gitlabTimeout: 2, gitlabBackoff: 0.1, grace: 20 }
  await writeFile(
    file,
    stringify({
      agent: { name: 'rehearsal' },
      listen: { port: ports.http },
      door: { port: ports.door },
      health: { port: 0 },
      pace,
    }),
  )
  const environment = {
    PATH: ownEnvironment().PATH,
    ERRAND_CONFIG: file,
    GITLAB_URL: gitlab,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: 'secret',
    REDIS_URL: redis.url,
    ERRAND_URL: `http://127.0.0.1:${ports.http}`,
    ERRAND_DOOR_URL: `http://127.0.0.1:${ports.door}`,
    ERRAND_KEY: 'k'.repeat(64),
    ERRAND_RUNNER: 'local',
    ERRAND_DATA: data,
  }
  const running = new Map<Part, ChildProcess>()
  const begin = (part: Part): void => {
    const args = part === 'sandbox' ? ['--port', String(ports.gitlab), '--data', join(data, 'gitlab')] : []
    running.set(
      part,
      spawn(process.execPath, [MAIN, part, ...args], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] }),
    )
  }
  const client = new Redis(redis.url)
  const parts = {
    data,
    store: createStore(client, PREFIX),
    gitlab: async <T>(who: string, method: string, path: string, body?: unknown): Promise<T> => {
      const response = await fetch(`${gitlab}/api/v4/projects/1/${path}`, {
        method,
        headers: { 'PRIVATE-TOKEN': `glpat-demo-${who}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    async kill(part: Part): Promise<void> {
      const child = running.get(part)
      child?.kill('SIGKILL')
      if (child !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
    begin,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const part of PARTS) await parts.kill(part)
      client.disconnect()
      await redis.stop()
      await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
  PARTS.forEach(begin)
  await until('GitLab', () => parts.gitlab('developer', 'GET', 'issues/1'))
  await until('Errand', () => fetch(`http://127.0.0.1:${ports.http}/api/me`).then(({ ok }) => ok || undefined))
  await until('the door', () => fetch(`http://127.0.0.1:${ports.door}/`))
  const hook = { url: `http://127.0.0.1:${ports.http}/hook`, token: 'secret', note_events: true, push_events: false }
  await parts.gitlab('maintainer', 'POST', 'hooks', hook)
  return parts
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 900; tries++) {
    const found = await look().catch(() => undefined)
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error(`waited 90 s for ${what}`)
}

async function startRun(parts: Awaited<ReturnType<typeof startParts>>): Promise<string> {
  const body = '/agent add a health check\nrehearse: wait 4 s'
  const { id } = await parts.gitlab<{ id: number }>('developer', 'POST', 'issues/1/notes', { body })
  const task = `1-n${id}`
  await until(
    'the agent to work',
    async () => ((await parts.store.get(task)) as { state?: string })?.state === 'running' || undefined,
  )
  await sleep(500)
  return task
}

async function expectOneOfEverything(parts: Awaited<ReturnType<typeof startParts>>, task: string): Promise<void> {
  await until(`${task} to be over`, async () => {
    const entry = await parts.store.get(task)
    return entry !== undefined && isFinished(entry) ? true : undefined
  })
  expect(await parts.store.get(task)).toMatchObject({ state: 'succeeded' })
  const mergeRequests = await parts.gitlab<{ source_branch: string }[]>('developer', 'GET', 'merge_requests')
  expect(mergeRequests.map(({ source_branch }) => source_branch)).toEqual([`agent/${task}`])
  type Discussion = { notes: { body: string; system: boolean; author: { username: string } }[] }
  const discussions = await parts.gitlab<Discussion[]>('developer', 'GET', 'issues/1/discussions')
  const said = discussions
    .flatMap(({ notes }) => notes)
    .filter(({ author, system }) => author.username === 'errand-bot' && !system)
  expect(said.map(({ body }) => /<!-- errand:\S+ (\w+) -->/.exec(body)?.[1])).toEqual(['status', 'reply'])
}

test.each(PARTS)(
  '%s is killed in the middle of a run, and started again',
  async (part) => {
    await using parts = await startParts()
    const task = await startRun(parts)
    await parts.kill(part)
    await sleep(1000)
    parts.begin(part)
    await expectOneOfEverything(parts, task)
    expect(await parts.store.get(task), 'the run itself went on').toMatchObject({ attempt: 1 })
  },
  120_000,
)

test('everything is killed at once, and started again', async () => {
  await using parts = await startParts()
  const task = await startRun(parts)
  await Promise.all(PARTS.map(parts.kill))
  for (const part of PARTS) parts.begin(part)
  await expectOneOfEverything(parts, task)
}, 120_000)

test('the run itself is killed: it is begun again, and nothing of the old one lives on', async () => {
  await using parts = await startParts()
  const task = await startRun(parts)
  const { pid } = JSON.parse(await readFile(join(parts.data, 'runs', `${task}-1`, 'pid.json'), 'utf8'))
  process.kill(pid, 'SIGKILL')
  await expectOneOfEverything(parts, task)
  expect(await parts.store.get(task)).toMatchObject({ attempt: 2 })
}, 120_000)
