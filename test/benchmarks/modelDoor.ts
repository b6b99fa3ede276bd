/**
 * `node test/benchmarks/modelDoor.ts`: what the door adds to a call of a model, until the first byte of its answer. The same
 * calls go straight to a provider on loopback, and through a door in a process of its own, with a real Redis, in turns.
 * Goal: under 3 ms at p50.
 */

import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { stringify } from 'yaml'
import { ownEnvironment } from '../../src/config.ts'
import { sign } from '../../src/door/credential.ts'
import { findProgram } from '../../src/local/program.ts'
import { startRedis } from '../../src/local/redis.ts'
import { PREFIX } from '../../src/redis/connection.ts'
import { createSpending } from '../../src/redis/spending.ts'
import { createStore } from '../../src/redis/store.ts'
import { ANTHROPIC } from '../door/modelSamples.ts'
import { aTask } from '../tasks/aTask.ts'

const WARM = 200
const CALLS = 600
const KEY = 'k'.repeat(32)
const GOAL = 3

const found = await findProgram('redis', ownEnvironment().PATH ?? '', console.log)
if ('missing' in found) throw new Error(found.missing)
const data = await mkdtemp(join(tmpdir(), 'errand-bench-'))
await using stack = new AsyncDisposableStack()
stack.defer(() => rm(data, { recursive: true, force: true }))
const redis = await startRedis(found.path, join(data, 'redis'))
stack.defer(() => redis.stop())

const provider = createServer((req, res) => {
  req.resume().on('end', () => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANTHROPIC.stream)
  })
})
await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
stack.defer(async () => {
  provider.close()
  provider.closeAllConnections()
})
const direct = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`

const task = aTask({ state: 'running', attempt: 1, attemptAt: Date.now(), launched: true })
const connection = new Redis(redis.url)
stack.defer(() => connection.disconnect())
await createStore(connection, PREFIX).create(task)

const file = join(data, 'errand.yaml')
await writeFile(
  file,
  stringify({
    door: { port: 0 },
    health: { port: 0 },
    models: { allow: ['claude-*'] },
    limits: { turns: 1e6, budget: 1e6 },
  }),
)
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
// As `npm run errand` starts it.
const door = spawn(process.execPath, ['--max-semi-space-size=8', MAIN, 'door'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    PATH: ownEnvironment().PATH,
    ERRAND_CONFIG: file,
    ERRAND_RUNNER: 'local',
    GITLAB_URL: 'http://127.0.0.1:9',
    GITLAB_TOKEN: 'glpat-x',
    WEBHOOK_SECRETS: 'secret',
    REDIS_URL: redis.url,
    ERRAND_URL: 'http://127.0.0.1:9',
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: KEY,
    ANTHROPIC_BASE_URL: direct,
    ANTHROPIC_API_KEY: 'key',
  },
})
stack.defer(async () => {
  door.kill('SIGKILL')
})
const port = await new Promise<number>((resolve, reject) => {
  door.once('exit', (code) => reject(new Error(`the door ended with ${code}`)))
  createInterface(door.stdout).on('line', (line) => {
    const { event, port } = JSON.parse(line)
    if (event === 'door') resolve(port)
  })
})

const body = JSON.stringify({
  model: 'claude-opus-5-5',
  max_tokens: 32_000,
  stream: true,
  messages: [{ role: 'user', content: 'function answer() {\n  return "42"\n}\n'.repeat(1220) }],
})
const headers = {
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
  authorization: `Bearer ${sign(KEY, task.id, 1)}`,
}
const agent = new Agent({ keepAlive: true })
stack.defer(() => agent.destroy())

/** Milliseconds from the call to the first byte of the answer's body. */
function firstByte(address: string): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const call = request(`${address}/v1/messages`, { method: 'POST', headers, agent }, (res) => {
      if (res.statusCode !== 200) reject(new Error(`${address} answered ${res.statusCode}`))
      let first = Number.NaN
      res.once('data', () => {
        first = performance.now() - began
      })
      res.on('end', () => resolve(first))
    })
    call.on('error', reject)
    call.end(body)
  })
}

const through = `http://127.0.0.1:${port}/v1/model/anthropic`
const times: Record<'direct' | 'through', number[]> = { direct: [], through: [] }
for (let n = -WARM; n < CALLS; n++) {
  const [one, other] = [await firstByte(direct), await firstByte(through)]
  if (n < 0) continue
  times.direct.push(one)
  times.through.push(other)
}
const { turns } = await createSpending(connection, PREFIX).of(task.id)
if (turns !== WARM + CALLS) throw new Error(`the door has counted ${turns} of ${WARM + CALLS} calls`)

const at = (all: readonly number[], share: number) =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length * share)] ?? Number.NaN
console.log(`First byte of ${CALLS} calls of ${Math.round(body.length / 1000)} KB, in ms:`)
console.log('          direct   through the door   added   ratio')
for (const [name, share] of [
  ['p50', 0.5],
  ['p99', 0.99],
] as const) {
  const [one, other] = [at(times.direct, share), at(times.through, share)]
  const cells = [one.toFixed(2).padStart(6), other.toFixed(2).padStart(18), (other - one).toFixed(2).padStart(7)]
  console.log(`  ${name}    ${cells.join(' ')}   ${(other / one).toFixed(1)}`)
}
console.log(`Goal: under ${GOAL} ms added at p50`)
