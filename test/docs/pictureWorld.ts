/** What the pictures are taken of: the sandbox GitLab, a Redis, and all of Errand with the rehearsal for an agent, on free ports of this machine. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { demoGitLab } from '../../src/commands/demoWorld.ts'
import { runsFolder } from '../../src/commands/runs.ts'
import { start } from '../../src/commands/start.ts'
import { ownEnvironment, readConfig } from '../../src/config.ts'
import { findProgram } from '../../src/local/program.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { endRuns } from '../../src/local/runner.ts'
import { createLogger } from '../../src/log.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'

const SECRET = 'a-webhook-secret-of-these-pictures'
const PATIENCE = 90_000

/** How a status comment of something that has ended begins. */
const OVER = /^(✅|❌|⏸️ |⏹️ \*\*(Stopped|Not begun))/u

export type Who = 'developer' | 'maintainer' | 'errand-bot'
export type Place = { readonly on: 'issues' | 'merge_requests'; readonly iid: number }
type Note = { readonly id: number; readonly body: string; readonly author: { readonly username: string } }
type Discussion = { readonly id: string; readonly notes: readonly Note[] }

export type PictureWorld = Awaited<ReturnType<typeof startPictureWorld>>

export async function startPictureWorld() {
  await using stack = new AsyncDisposableStack()
  const { PATH = '' } = ownEnvironment()
  const data = await mkdtemp(join(tmpdir(), 'errand-pictures-'))
  stack.defer(() => rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
  const program = await findProgram('redis', PATH, console.log)
  if ('missing' in program) throw new Error(program.missing)
  const redis = await startRedis(program.path, join(data, 'redis'))
  stack.defer(() => redis.stop())
  const sandbox = await startSandbox({ port: 0, data: join(data, 'gitlab') })
  stack.defer(() => sandbox.close())
  const [port, doorPort] = [await freePort(), await freePort()]
  const file = join(data, 'errand.yaml')
  const settings = {
    agent: { name: 'rehearsal' },
    listen: { port },
    door: { port: doorPort },
    health: { port: 0 },
    login: { actAs: 'developer' },
    // What takes minutes for people's sake is quick here.
    pace: { sweep: 1, quiet: 1, status: [0.1, 0.2, 0.2], grace: 20 },
  }
  await writeFile(file, stringify(settings))
  const config = readConfig({
    PATH,
    ERRAND_CONFIG: file,
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: SECRET,
    REDIS_URL: redis.url,
    ERRAND_URL: `http://127.0.0.1:${port}`,
    ERRAND_DOOR_URL: `http://127.0.0.1:${doorPort}`,
    ERRAND_KEY: 'k'.repeat(64),
    ERRAND_RUNNER: 'local',
    ERRAND_DATA: data,
  })
  const errand = await start(config, createLogger('error'))
  stack.defer(async () => {
    await errand[Symbol.asyncDispose]()
    await endRuns(runsFolder(config))
  })
  await demoGitLab(sandbox.url).installHook(`${config.url}/hook`, SECRET)

  async function api<T>(who: Who, method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${sandbox.url}/api/v4/projects/1/${path}`, {
      method,
      headers: { 'PRIVATE-TOKEN': `glpat-demo-${who}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : (text as T)
  }

  const parts = stack.move()
  const world = {
    errand: config.url,
    api,
    /** The page of an issue or a merge request, for people. */
    pageOf: ({ on, iid }: Place): string => `${sandbox.url}/demo/shop/-/${on}/${iid}`,
    async issue(title: string, fields: object = {}): Promise<Place> {
      const { iid } = await api<{ iid: number }>('developer', 'POST', 'issues', { title, ...fields })
      return { on: 'issues', iid }
    },
    /** A comment; where it stands. */
    async say(place: Place, body: string, discussion?: string): Promise<{ thread: string; note: number }> {
      const under = discussion === undefined ? '' : `discussions/${discussion}/`
      const { id } = await api<Note>('developer', 'POST', `${place.on}/${place.iid}/${under}notes`, { body })
      const found = (await world.discussions(place)).find(({ notes }) => notes.some((note) => note.id === id))
      return { thread: found?.id ?? '', note: id }
    },
    async discussions({ on, iid }: Place): Promise<readonly Discussion[]> {
      return api('maintainer', 'GET', `${on}/${iid}/discussions?per_page=100`)
    },
    /** Waits until the bot has said so many answers here, and its status comments say how that ended. */
    async answered(place: Place, answers: number): Promise<readonly Discussion[]> {
      return world.until(`${answers} answers on ${place.on} ${place.iid}`, async () => {
        const found = await world.discussions(place)
        const said = found.flatMap(({ notes }) => notes).filter(({ author }) => author.username === 'errand-bot')
        const replies = said.filter(({ body }) => / reply[ \d]* -->$/.test(body))
        const live = said.filter(({ body }) => / status -->$/.test(body) && !OVER.test(body))
        return replies.length >= answers && live.length === 0 ? found : undefined
      })
    },
    async until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
      for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
        const found = await look()
        if (found !== undefined) return found
        await sleep(100)
      }
      throw new Error(`waited ${PATIENCE / 1000} s for ${what}`)
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
  return world
}
