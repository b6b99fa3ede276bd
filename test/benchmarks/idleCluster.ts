/**
 * `npm run bench:cluster`: what one worker costs while 1,000 Jobs run and nothing happens. Prints its memory, and its
 * processor time as a share of one core; goals: under 300 MB, under 0.5.
 */

import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { stringify } from 'yaml'
import { ownEnvironment } from '../../src/config.ts'
import { createClient } from '../../src/kubernetes/client.ts'
import { PACE } from '../../src/kubernetes/pace.ts'
import { createKubernetesRunner } from '../../src/kubernetes/runner.ts'
import { KubernetesSettings } from '../../src/kubernetes/settings.ts'
import { findProgram } from '../../src/local/program.ts'
import { startRedis } from '../../src/local/redis.ts'
import { createLogger } from '../../src/log.ts'
import { PREFIX } from '../../src/redis/connection.ts'
import { createStore } from '../../src/redis/store.ts'
import type { Task } from '../../src/tasks/task.ts'
import { openCluster } from '../kubernetes/standIn/cluster.ts'
import { runs } from '../kubernetes/standIn/scripts.ts'
import { aTask } from '../tasks/aTask.ts'

const JOBS = 1000
const SETTLE = 20_000
const MEASURED = 45_000
/** Clock ticks a second, as every Linux of the last decades has them. */
const TICKS = 100

const found = await findProgram('redis', ownEnvironment().PATH ?? '', console.log)
if ('missing' in found) throw new Error(found.missing)
const data = await mkdtemp(join(tmpdir(), 'errand-bench-'))
await using stack = new AsyncDisposableStack()
stack.defer(() => rm(data, { recursive: true, force: true }))
const redis = await startRedis(found.path, join(data, 'redis'))
stack.defer(() => redis.stop())
const cluster = stack.use(await openCluster(runs))
const settings = KubernetesSettings.parse({ image: 'registry.example.com/runtime:1', namespace: 'runs' })

const tasks = Array.from({ length: JOBS }, (_, n): Task => {
  const project = 1 + (n % 50)
  const thread = { ...aTask().thread, projectId: project, note: n + 1 }
  const id = `${project}-n${n + 1}`
  const since = Date.now()
  const status = { note: 1, state: 'running', shows: {}, at: since, edits: 0 } as const
  return aTask({
    id,
    thread,
    branch: `agent/${id}`,
    state: 'running',
    since,
    createdAt: since,
    attempt: 1,
    attemptAt: since,
    launched: true,
    status,
  })
})

const client = stack.use(createClient(cluster.server.config(), PACE))
const times = { deadline: 3_600_000, pendingLimit: 900_000, grace: 120_000 }
{
  const options = {
    client,
    namespace: 'runs',
    settings,
    door: 'http://door',
    times,
    pace: PACE,
    log: createLogger('silent'),
  }
  await using runner = createKubernetesRunner({ ...options, sign: () => 'x', leftLog: async () => {} })
  for (let from = 0; from < JOBS; from += 50)
    await Promise.all(tasks.slice(from, from + 50).map((task) => runner.launch(task)))
}
const connection = new Redis(redis.url)
const store = createStore(connection, PREFIX)
await store.claim('http://127.0.0.1:9')
for (const task of tasks) await store.create(task)
connection.disconnect()

const kubeconfig = join(data, 'kubeconfig')
await writeFile(kubeconfig, cluster.server.config().exportConfig())
const file = join(data, 'errand.yaml')
await writeFile(
  file,
  stringify({ health: { port: 0 }, kubernetes: { image: settings.image, namespace: 'runs', kubeconfig } }),
)
// As `npm run errand` starts it: a small nursery costs a little time and saves 100 MB of garbage.
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const worker = spawn(process.execPath, ['--max-semi-space-size=8', MAIN, 'work'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    PATH: ownEnvironment().PATH,
    ERRAND_CONFIG: file,
    ERRAND_RUNNER: 'kubernetes',
    GITLAB_URL: 'http://127.0.0.1:9',
    GITLAB_TOKEN: 'glpat-x',
    WEBHOOK_SECRETS: 'secret',
    REDIS_URL: redis.url,
    ERRAND_URL: 'http://127.0.0.1:9',
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: 'k'.repeat(32),
  },
})
stack.defer(async () => {
  worker.kill('SIGKILL')
})

/** Seconds of processor time that the worker has used, and its resident bytes now. */
async function usage(): Promise<{ cpu: number; memory: number }> {
  const stat = await readFile(`/proc/${worker.pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const rss = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${worker.pid}/status`, 'utf8'))?.[1]
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, memory: Number(rss) * 1024 }
}

await sleep(SETTLE)
const before = await usage()
await sleep(MEASURED)
const after = await usage()
const share = (after.cpu - before.cpu) / (MEASURED / 1000)
console.log(`${JOBS} Jobs run, nothing happens, one worker, ${MEASURED / 1000} s:`)
console.log(`  memory     ${Math.round(after.memory / 1e6)} MB   (goal: under 300)`)
console.log(`  processor  ${share.toFixed(3)} of a core   (goal: under 0.5)`)
