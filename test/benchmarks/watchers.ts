/**
 * `npm run bench:watchers`: 500 people watch 50 logs of one `errand serve`, over real sockets and with a real Redis. Prints how long
 * each line took to all of its watchers, and how much of a core the process used. Goals: 500 ms and one core.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { stringify } from 'yaml'
import { ownEnvironment } from '../../src/config.ts'
import { findProgram } from '../../src/local/program.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { PREFIX } from '../../src/redis/connection.ts'
import { createLogbook } from '../../src/redis/logbook.ts'
import { createStore } from '../../src/redis/store.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { aTask } from '../tasks/aTask.ts'

const WATCHERS = 500
const LOGS = 50
/** Nobody may have more than 20 streams open. */
const PEOPLE = 50
/** Of each log, and for how long. */
const LINES_A_SECOND = 5
const SECONDS = 15
const GOAL = { ms: 500, cores: 1 }

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const LINE = `> writes src/some/file/of/the/project.ts ${'.'.repeat(60)}`

await using stack = new AsyncDisposableStack()
const data = await mkdtemp(join(tmpdir(), 'errand-bench-'))
stack.defer(() => rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
const program = await findProgram('redis', ownEnvironment().PATH ?? '', console.log)
if ('missing' in program) throw new Error(program.missing)
const server = await startRedis(program.path, join(data, 'redis'))
stack.defer(() => server.stop())
const sandbox = await startSandbox({ port: 0, data: join(data, 'gitlab') })
stack.defer(() => sandbox.close())
const ports = { http: await freePort(), health: await freePort() }
const url = `http://127.0.0.1:${ports.http}`
const serve = await startServe()
stack.defer(() => end(serve))

const redis = new Redis(server.url)
stack.defer(() => redis.disconnect())
const store = createStore(redis, PREFIX)
const logbook = createLogbook(redis, PREFIX)
const tasks = Array.from({ length: LOGS }, (_, number) => `1-n${5000 + number}`)
const thread = { projectId: 1, on: 'issue', iid: 1, internal: false } as const
for (const id of tasks) await store.create(aTask({ id, first: id, thread, branch: `agent/${id}`, state: 'running' }))
const tokens = await Promise.all(Array.from({ length: PEOPLE }, (_, number) => newPerson(`watcher-${number}`)))

/** When each line was written, and how long it took to each of its watchers; milliseconds. */
const written: number[] = []
const delays: number[] = []
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
stack.defer(() => agent.destroy())
const streams: IncomingMessage[] = []
const opening = performance.now()
while (streams.length < WATCHERS) {
  const some = Array.from({ length: 50 }, (_, number) => streams.length + number)
  streams.push(...(await Promise.all(some.map((n) => watch(tasks[n % LOGS] ?? '', tokens[n % PEOPLE] ?? '')))))
}
const opened = performance.now() - opening
stack.defer(() => {
  for (const stream of streams) stream.destroy()
})

const before = { cpu: await cpuSeconds(), at: performance.now() }
await Promise.all(tasks.map(writeLog))
const wanted = (written.length * WATCHERS) / LOGS
for (let waited = 0; delays.length < wanted && waited < 10_000; waited += 50) await sleep(50)
const cores = (((await cpuSeconds()) - before.cpu) * 1000) / (performance.now() - before.at)
delays.sort((a, b) => a - b)
const at = (part: number) => Math.round(delays[Math.min(delays.length - 1, Math.floor(part * delays.length))] ?? 0)
console.log(
  `${WATCHERS} watchers of ${LOGS} logs, ${written.length} lines in ${SECONDS} s, ${delays.length} of ${wanted} arrivals`,
)
console.log(`opened in ${Math.round(opened)} ms`)
console.log(`delay   p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   most ${at(1)} ms   (goal ${GOAL.ms} ms)`)
console.log(`errand serve used ${cores.toFixed(2)} of a core   (goal ${GOAL.cores})`)
if (delays.length !== wanted || at(1) > GOAL.ms || cores > GOAL.cores) process.exitCode = 1

async function startServe(): Promise<ChildProcess> {
  const file = join(data, 'errand.yaml')
  await writeFile(file, stringify({ listen: { port: ports.http }, health: { port: ports.health }, log: 'warn' }))
  const env = {
    PATH: ownEnvironment().PATH,
    ERRAND_CONFIG: file,
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: 'secret',
    REDIS_URL: server.url,
    ERRAND_URL: url,
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: 'k'.repeat(64),
    ERRAND_RUNNER: 'local',
    ERRAND_DATA: data,
  }
  const child = spawn(process.execPath, ['--max-semi-space-size=8', MAIN, 'serve'], { env, stdio: 'inherit' })
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`http://127.0.0.1:${ports.health}/readyz`).catch(() => undefined)
    if (answer?.ok === true) return child
    await sleep(100)
  }
  throw new Error('errand serve was not ready within 10 s')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** Somebody new in the sandbox; their token. */
async function newPerson(username: string): Promise<string> {
  const made = await fetch(`${sandbox.url}/-/sandbox/people`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username }),
  })
  if (!made.ok) throw new Error(`the sandbox answered ${made.status}: ${await made.text()}`)
  return `glpat-demo-${username}`
}

/** Resolves with the open stream; every line that comes is compared with the time of its writing. */
async function watch(task: string, token: string): Promise<IncomingMessage> {
  const options = { agent, headers: { 'private-token': token } }
  const [response] = (await once(get(`${url}/api/tasks/${task}/events?from=end`, options), 'response')) as [
    IncomingMessage,
  ]
  if (response.statusCode !== 200) throw new Error(`a watcher was answered ${response.statusCode}`)
  let [rest, begun] = ['', () => {}]
  // It tells the task once it knows where the log ends: what is written after that is to come.
  const here = new Promise<void>((resolve) => {
    begun = resolve
  })
  response.setEncoding('utf8').on('data', (piece: string) => {
    const now = performance.now()
    const events = (rest + piece).split('\n\n')
    rest = events.pop() ?? ''
    if (events.some((event) => event.startsWith('event: task'))) begun()
    for (const event of events)
      for (const [, number] of event.matchAll(/#(\d+)#/g)) delays.push(now - (written[Number(number)] ?? 0))
  })
  const lost = once(response, 'close').then(() => Promise.reject(new Error(`a watcher of ${task} lost its stream`)))
  lost.catch(() => {})
  response.on('error', () => {})
  await Promise.race([here, lost])
  return response
}

async function writeLog(task: string, log: number): Promise<void> {
  // Not all in the same moment.
  await sleep((log * 1000) / LINES_A_SECOND / LOGS)
  for (let [line, raw] = [0, 0]; line < SECONDS * LINES_A_SECOND; line++) {
    const next = performance.now() + 1000 / LINES_A_SECOND
    const bytes = Buffer.from(`${LINE} #${written.length}#\n`)
    written.push(performance.now())
    const { ok } = await logbook.append(task, 1, raw, raw + bytes.length, bytes)
    if (!ok) throw new Error(`${task} did not take its line ${line}`)
    raw += bytes.length
    await sleep(Math.max(0, next - performance.now()))
  }
}

async function cpuSeconds(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${ports.health}/metrics`)).text()
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1] ?? Number.NaN)
}
