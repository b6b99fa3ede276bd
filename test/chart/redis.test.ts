/** The Redis that comes along, with the configuration that it gets. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { freePort } from '../../src/local/redis.ts'
import { all, render, the } from './render.ts'

test('it keeps what it is told, forgets nothing, and wants the password', async () => {
  const objects = await render()
  const folder = await mkdtemp(join(tmpdir(), 'errand-redis-'))
  const port = await freePort()
  const { data } = the(objects, 'ConfigMap', 'errand-redis') as unknown as { data: { 'redis.conf': string } }
  const secret = the(objects, 'Secret').stringData as Record<string, string>
  const conf = data['redis.conf']
    .replace('port 6379', `port ${port}`)
    .replace('dir /data', `dir ${folder}`)
    .replace('/etc/errand-redis/password/', `${folder}/password/`)
  await mkdir(join(folder, 'password'))
  await writeFile(join(folder, 'password', 'redis.conf'), secret['redis.conf'] ?? '')
  await writeFile(join(folder, 'redis.conf'), conf)
  const server = spawn(inject('redisServer'), [join(folder, 'redis.conf')], { stdio: 'ignore' })
  const url = new URL(secret.REDIS_URL ?? '')
  const redis = new Redis(port, '127.0.0.1', { password: decodeURIComponent(url.password) })
  redis.on('error', () => {})
  const stranger = new Redis(port, '127.0.0.1', { enableReadyCheck: false })
  stranger.on('error', () => {})
  onTestFinished(async () => {
    redis.disconnect()
    stranger.disconnect()
    if (server.exitCode === null) {
      server.kill('SIGKILL')
      await once(server, 'exit')
    }
    await rm(folder, { recursive: true, force: true })
  })
  const settings = await Promise.all(
    ['appendonly', 'maxmemory-policy', 'maxmemory', 'save'].map((one) => redis.config('GET', one)),
  )
  expect(settings.map((answer) => Object.values(answer as object).at(-1))).toEqual([
    'yes',
    'noeviction',
    String(512 * 1024 ** 2),
    '',
  ])
  await expect(stranger.get('a')).rejects.toThrow(/NOAUTH/)
  expect(url.hostname).toBe('errand-redis.ours.svc')
})

test('with a Redis of your own there is none', async () => {
  for (const values of [
    { redis: { external: 'redis://mine:6379' } },
    { secrets: { values: { REDIS_URL: 'redis://:p@mine:6379' } } },
  ]) {
    const objects = await render(values)
    expect(all(objects, 'StatefulSet')).toEqual([])
    expect(the(objects, 'Secret').stringData).toMatchObject({ REDIS_URL: expect.stringContaining('mine:6379') })
  }
})
