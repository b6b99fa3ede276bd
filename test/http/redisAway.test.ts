import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, inject, test } from 'vitest'
import { serve } from '../../src/commands/serve.ts'
import { readConfig } from '../../src/config.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { createLogger } from '../../src/log.ts'

test('Redis is killed while deliveries come: 202 means that it is there, and everything else is a 503 at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'errand-redis-'))
  let redis = await startRedis(inject('redisServer'), folder)
  const port = await freePort()
  const config = readConfig({
    GITLAB_URL: 'http://127.0.0.1:9',
    GITLAB_TOKEN: 'glpat-x',
    WEBHOOK_SECRETS: 'token',
    REDIS_URL: redis.url,
    ERRAND_URL: `http://127.0.0.1:${port}`,
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: 'k'.repeat(32),
    ERRAND_RUNNER: 'local',
  })
  const serving = await serve({ ...config, listen: { host: '127.0.0.1', port } }, createLogger('silent'))
  const taken: string[] = []
  const statuses = new Set<number>()
  async function deliver(id: number): Promise<number> {
    const response = await fetch(`${config.url}/hook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-gitlab-token': 'token', 'webhook-id': `id-${id}` },
      body: JSON.stringify({
        object_kind: 'note',
        project_id: 1,
        object_attributes: { id, noteable_type: 'Issue' },
        issue: { iid: 1 },
      }),
    })
    statuses.add(response.status)
    if (response.status === 202) taken.push(((await response.json()) as { taken: string }).taken)
    return response.status
  }
  for (let id = 1; id <= 300; id++) {
    await deliver(id)
    if (id === 150) process.kill(redis.pid, 'SIGKILL')
  }
  expect([...statuses].sort()).toEqual([202, 503])
  // Back on the same port with the same data, as a restarted Redis is.
  redis = await startRedis(inject('redisServer'), folder, Number(new URL(redis.url).port))
  for (let id = 1000; ; id++) {
    if ((await deliver(id)) === 202) break
    expect(id, 'it comes back by itself').toBeLessThan(1200)
    await sleep(50)
  }
  const client = new Redis(redis.url)
  expect(await client.llen('{errand}:deliveries:wait')).toBeGreaterThanOrEqual(taken.length)
  client.disconnect()
  await serving[Symbol.asyncDispose]()
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
})
