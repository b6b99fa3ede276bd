/**
 * A world to talk in: the sandbox GitLab, a Redis of its own, and the whole program. Say something, then read the answer.
 * It fails on whatever is left unread, unfinished or thrown, and on a log with a secret in it.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject } from 'vitest'
import { stringify } from 'yaml'
import { runsFolder } from '../../src/commands/runs.ts'
import { start } from '../../src/commands/start.ts'
import { createVitals } from '../../src/commands/vitals.ts'
import { type Config, ownEnvironment, readConfig } from '../../src/config.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { endRuns } from '../../src/local/runner.ts'
import { createLogger } from '../../src/log.ts'
import { connectRedis, PREFIX } from '../../src/redis/connection.ts'
import { createStore } from '../../src/redis/store.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { isFinished } from '../../src/tasks/entry.ts'
import type { Task, Person as TaskPerson } from '../../src/tasks/task.ts'
import { openPage } from './openPage.ts'

export const BOT = 'errand-bot'

export type Person = 'developer' | 'reporter' | 'outsider' | 'maintainer' | typeof BOT
export type Place = { readonly on: 'issues' | 'merge_requests'; readonly iid: number; readonly discussion?: string }
export type Note = {
  id: number
  body: string
  system: boolean
  internal: boolean
  resolved?: boolean
  author: { username: string }
}
type Discussion = { id: string; individual_note: boolean; notes: Note[] }

export const ISSUE: Place = { on: 'issues', iid: 1 }

export type World = Awaited<ReturnType<typeof startWorld>>

type Options = {
  /** More of the configuration file. */
  readonly config?: Record<string, unknown>
  /** What an operator would not: error lines in the log that a test provokes. */
  readonly mayFail?: RegExp
  readonly environment?: Record<string, string>
  /** Where runs find this machine, when they are elsewhere. */
  readonly doorHost?: string
  /** For finding out: the program's log on stderr. */
  readonly show?: boolean
  /** Milliseconds that are waited for anything at most. */
  readonly patience?: number
}

export async function startWorld(options: Options = {}) {
  const data = await mkdtemp(join(tmpdir(), 'errand-world-'))
  const redis = await startRedis(inject('redisServer'), join(data, 'redis'))
  const sandbox = await startSandbox({ port: 0, data: join(data, 'gitlab') })
  let config = await worldConfig(data, redis.url, sandbox.url, options)
  const thrown: string[] = []
  const vitals = createVitals()
  const log = createLogger('info', {
    write(line: string) {
      if (options.show === true) process.stderr.write(line)
      const { level, msg, err } = JSON.parse(line)
      // Whatever a test does: nothing secret is in the log, and no credential of a run.
      const leaks = [...config.secrets(), 'errand.1-n'].filter((secret) => line.includes(secret))
      for (const secret of leaks) thrown.push(`the log has ${secret.slice(0, 6)}…: ${String(msg)}`)
      if (level >= 50 && options.mayFail?.test(line) !== true) thrown.push(`${msg}: ${err?.stack ?? ''}`)
    },
  })
  // A port that was free a moment ago may be somebody else's by now.
  let errand = await start(config, log, vitals).catch(async (error: Error) => {
    if (!/^Port \d+ is taken/.test(error.message)) throw error
    config = await worldConfig(data, redis.url, sandbox.url, options)
    return start(config, log, vitals)
  })
  const connection = connectRedis(redis.url, 'patient', () => {})
  const store = createStore(connection, PREFIX)
  await api(sandbox, 'maintainer', 'POST', 'projects/1/hooks', {
    url: `${config.url}/hook`,
    token: config.webhookSecrets()[0],
    note_events: true,
    confidential_note_events: true,
    issues_events: true,
    confidential_issues_events: true,
    merge_requests_events: true,
    pipeline_events: true,
    push_events: false,
  })
  const read = new Set<number>()
  const readTasks = new Set<string>()

  const world = {
    sandbox,
    store,
    /** What the page and the API do, without their HTTP. */
    page: openPage({ config, gitlabUrl: sandbox.url, connection, store, log }),
    async person(who: Person): Promise<TaskPerson> {
      const { id, username, name } = await api<TaskPerson>(sandbox, who, 'GET', 'user')
      return { id, username, name }
    },
    async task(id: string): Promise<Task> {
      const entry = await store.get(id)
      if (entry?.kind !== 'task') throw new Error(`${id} is no task`)
      return entry
    },
    config,
    redis,
    vitals,
    /** A comment, as a person writes it; its id names the task. */
    async say(who: Person, body: string, { on, iid, discussion }: Place = ISSUE): Promise<string> {
      const path = `projects/1/${on}/${iid}/${discussion === undefined ? 'notes' : `discussions/${discussion}/notes`}`
      const { id } = await api<{ id: number }>(sandbox, who, 'POST', path, { body })
      return `1-n${id}`
    },
    async discussions({ on, iid }: Place = ISSUE): Promise<Discussion[]> {
      return api(sandbox, 'maintainer', 'GET', `projects/1/${on}/${iid}/discussions?per_page=100`)
    },
    /** The discussion that a task was asked in, or where no comment asked, the one that the bot opened for it. */
    async thread(task: string, place: Place = ISSUE): Promise<Discussion> {
      const holds = ({ id, author, body }: Note) =>
        task === `1-n${id}` || (author.username === BOT && body.includes(`<!-- errand:${task} `))
      const found = (await world.discussions(place)).find(({ notes }) => notes.some(holds))
      if (found === undefined) throw new Error(`no discussion holds ${task}`)
      return found
    },
    /** Waits for the bot's last word on a task, and reads it. */
    async answer(task: string, place: Place = ISSUE): Promise<string> {
      const note = await world.until(`an answer to ${task}`, async () => {
        const { notes } = await world.thread(task, place).catch(() => ({ notes: [] }))
        return notes.find(({ author, body }) => author.username === BOT && body.includes(`<!-- errand:${task} reply`))
      })
      read.add(note.id)
      return readable(note.body)
    },
    /** The answers to the other threads of a follow-up are read too. */
    readAll(task: string): void {
      readTasks.add(task)
    },
    /** What the status comment says now. */
    async status(task: string, place: Place = ISSUE): Promise<string | undefined> {
      const { notes } = await world.thread(task, place)
      const found = notes.filter(
        ({ author, body }) => author.username === BOT && body.includes(`<!-- errand:${task} status -->`),
      )
      expect(found.length, 'a task has one status comment').toBeLessThanOrEqual(1)
      return found[0] === undefined ? undefined : readable(found[0].body)
    },
    async reactions(task: string, { on, iid }: Place = ISSUE): Promise<string[]> {
      const awards = await api<{ name: string; user: { username: string } }[]>(
        sandbox,
        'maintainer',
        'GET',
        `projects/1/${on}/${iid}/notes/${task.slice(3)}/award_emoji`,
      )
      return awards.map(({ name, user }) => `${user.username} ${name}`)
    },
    /** All that the page shows of a task to the developer, and its whole log, as the API has it. */
    async shown(task: string): Promise<string> {
      const headers = { 'PRIVATE-TOKEN': 'glpat-demo-developer' }
      const texts = ['', '/log'].map(async (part) => {
        const response = await fetch(`${config.url}/api/tasks/${task}${part}`, { headers })
        if (!response.ok) throw new Error(`/api/tasks/${task}${part}: ${response.status} ${await response.text()}`)
        return response.text()
      })
      return (await Promise.all(texts)).join('\n')
    },
    async api<T>(who: Person, method: string, path: string, body?: unknown): Promise<T> {
      return api(sandbox, who, method, path, body)
    },
    /** A pipeline that has run: the sandbox runs none itself. */
    async pipeline(wish: Record<string, unknown>): Promise<number> {
      const response = await fetch(`${sandbox.url}/-/sandbox/pipelines`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ project: 1, ...wish }),
      })
      const made = (await response.json()) as { id: number }
      expect(response.ok, JSON.stringify(made)).toBe(true)
      return made.id
    },
    async mergeRequests(): Promise<
      { iid: number; title: string; description: string; source_branch: string; target_branch: string; state: string }[]
    > {
      return api(sandbox, 'maintainer', 'GET', 'projects/1/merge_requests?per_page=100')
    },
    async file(path: string, ref: string): Promise<string> {
      return api(
        sandbox,
        'maintainer',
        'GET',
        `projects/1/repository/files/${encodeURIComponent(path)}/raw?ref=${encodeURIComponent(ref)}`,
      )
    },
    /** Waits for a task to be over and cleaned away. */
    async over(task: string): Promise<void> {
      await world.until(`${task} to be over`, async () => {
        const entry = await store.get(task)
        return entry !== undefined && isFinished(entry) ? true : undefined
      })
    },
    async until<T>(
      what: string,
      look: () => Promise<T | undefined>,
      patience = options.patience ?? 60_000,
    ): Promise<T> {
      for (const end = Date.now() + patience; Date.now() < end; ) {
        const found = await look()
        if (found !== undefined) return found
        await sleep(50)
      }
      throw new Error(`waited ${patience / 1000} s for ${what}; thrown meanwhile: ${thrown.join('\n') || 'nothing'}`)
    },
    /** Everything that Redis knew is gone. */
    async flush(): Promise<void> {
      await connection.flushall()
    },
    /** As an operator restarts it: everything closed, everything begun anew. */
    async restart(): Promise<void> {
      await world.down()
      await world.up()
    },
    /** Nobody is there, until `up`: what GitLab sends meanwhile is lost. */
    async down(): Promise<void> {
      await errand[Symbol.asyncDispose]()
    },
    async up(): Promise<void> {
      errand = await start(config, log, vitals)
    },
    async [Symbol.asyncDispose](): Promise<void> {
      const unfinished = await world
        .until('everything to be over', async () => {
          const ids = await store.unfinished()
          return ids.length === 0 ? ids : undefined
        })
        .catch(() => store.unfinished())
      const places = [ISSUE, ...(await world.mergeRequests()).map(({ iid }): Place => ({ on: 'merge_requests', iid }))]
      const notes = (await Promise.all(places.map(world.discussions))).flat().flatMap((discussion) => discussion.notes)
      const unread = notes.filter(
        ({ id, author, body }) =>
          author.username === BOT &&
          !read.has(id) &&
          !readTasks.has(/<!-- errand:(\S+) reply/.exec(body)?.[1] ?? '') &&
          /<!-- errand:\S+ reply/.test(body),
      )
      await errand[Symbol.asyncDispose]()
      await endRuns(runsFolder(config))
      connection.disconnect()
      await sandbox.close()
      await redis.stop()
      await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
      expect(thrown, 'nothing was thrown').toEqual([])
      expect(unfinished, 'nothing is left unfinished').toEqual([])
      expect(
        unread.map(({ body }) => readable(body)),
        'nothing was left unread',
      ).toEqual([])
    },
  }
  return world
}

/** What changes from run to run is named instead: addresses, task names, commits, durations. */
export function readable(body: string): string {
  return body
    .replace(/\n\n<!-- errand:\S+ (status|reply)[ \d]* -->$/, '')
    .replace(/http:\/\/127\.0\.0\.1:\d+\/demo\/shop/g, 'GITLAB')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'ERRAND')
    .replace(/\b1-(?:w[0-9a-f]{16}|[a-z]\d+)/g, 'TASK')
    .replace(/note_\d+/g, 'NOTE')
    .replace(/\b[0-9a-f]{8}\b/g, 'COMMIT')
    .replace(/\d+ s\b/g, 'N s')
}

async function worldConfig(
  data: string,
  redisUrl: string,
  gitlabUrl: string,
  { config = {}, environment = {}, doorHost = '127.0.0.1' }: Options,
): Promise<Config> {
  const [port, doorPort] = [await freePort(), await freePort()]
  const file = join(data, 'errand.yaml')
  const pace = { sweep: 1, quiet: 1, gitlabTimeout: 5, gitlabBackoff: 0.05, status: [0.1, 0.2, 0.2], grace: 20 }
  await writeFile(
    file,
    stringify({ agent: { name: 'rehearsal' }, listen: { port }, door: { port: doorPort }, pace, ...config }),
  )
  return readConfig({
    PATH: ownEnvironment().PATH,
    ERRAND_CONFIG: file,
    GITLAB_URL: gitlabUrl,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: 'a-webhook-secret-of-this-world',
    REDIS_URL: redisUrl,
    ERRAND_URL: `http://127.0.0.1:${port}`,
    ERRAND_DOOR_URL: `http://${doorHost}:${doorPort}`,
    ERRAND_KEY: 'k'.repeat(64),
    ERRAND_RUNNER: 'local',
    ERRAND_DATA: data,
    ...environment,
  })
}

async function api<T>(sandbox: Sandbox, who: Person, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${sandbox.url}/api/v4/${path}`, {
    method,
    headers: { 'PRIVATE-TOKEN': `glpat-demo-${who}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.status === 429) return sleep(50).then(() => api(sandbox, who, method, path, body))
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : (text as T)
}
