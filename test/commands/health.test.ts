/** The port for health and numbers, of a whole Errand as a process. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, inject, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { ownEnvironment } from '../../src/config.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { startedSandbox, tempFolder } from '../sandbox/startedSandbox.ts'

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname

test('it lives, is ready, says what it depends on and tells its numbers; its port is in nobody else’s hands', async () => {
  const folder = tempFolder()
  const { sandbox } = await startedSandbox()
  const redis = await startRedis(inject('redisServer'), join(folder, 'redis'))
  onTestFinished(() => redis.stop())
  const [port, health] = [await freePort(), await freePort()]
  const file = join(folder, 'errand.yaml')
  await writeFile(
    file,
    stringify({ agent: { name: 'rehearsal' }, listen: { port }, door: { port: 0 }, health: { port: health } }),
  )
  const env = {
    PATH: ownEnvironment().PATH,
    ERRAND_CONFIG: file,
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: 'secret',
    REDIS_URL: redis.url,
    ERRAND_URL: `http://127.0.0.1:${port}`,
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: 'k'.repeat(64),
    ERRAND_RUNNER: 'local',
    ERRAND_DATA: folder,
  }
  const begin = () => spawn(process.execPath, [MAIN, 'start'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const errand = begin()
  onTestFinished(() => void errand.kill('SIGKILL'))
  const get = async (path: string) => fetch(`http://127.0.0.1:${health}${path}`)
  const isUp = async () => (await get('/readyz').catch(() => undefined))?.status === 200
  for (const end = Date.now() + 30_000; !(await isUp()); ) {
    if (Date.now() > end) throw new Error('it was not ready within 30 s')
    await new Promise((done) => setTimeout(done, 50))
  }
  expect(await (await get('/livez')).json()).toEqual({ live: true, wrong: [] })
  const ready = await get('/readyz')
  expect(await ready.json()).toEqual({
    ready: true,
    dependencies: [
      { name: 'redis', needed: true, ok: true },
      { name: 'gitlab', needed: false, ok: true },
    ],
  })
  const numbers = await (await get('/metrics')).text()
  for (const name of [
    'errand_queue_age_seconds{queue="tasks"}',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(numbers).toContain(`\n${name} `)
  expect(numbers, 'its token never ends').not.toContain('\nerrand_gitlab_token_expires_seconds ')

  const second = begin()
  const [said, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')])
  expect(said).toBe(
    `Port ${health} is taken, so its health cannot listen there: end what uses it, or choose another port.\n`,
  )
  expect(code).toBe(1)

  await redis.stop()
  for (const end = Date.now() + 30_000; (await get('/readyz')).status !== 503; ) {
    if (Date.now() > end) throw new Error('it is ready without Redis')
    await new Promise((done) => setTimeout(done, 50))
  }
  expect(await (await get('/livez')).json(), 'Redis away is no reason to start again').toEqual({
    live: true,
    wrong: [],
  })
})
