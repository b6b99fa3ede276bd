/** The Redis that comes along, with the configuration that it gets. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { freePort } from '../../src/local/redis.ts'
import { containerOf, errandsIn, podsIn } from './pods.ts'
import { all, type Rendered, render, the } from './render.ts'

test('it keeps what it is told, forgets nothing, and wants the password', async () => {
  const objects = await render()
  const folder = await mkdtemp(join(tmpdir(), 'errand-redis-'))
  const port = await freePort()
  const { data } = the(objects, 'ConfigMap', 'errand-redis') as unknown as { data: { 'redis.conf': string } }
  const secret = the(objects, 'Secret').stringData as Record<string, string>
  const pod = podsIn(objects).find(({ of }) => of === 'errand-redis')
  if (pod === undefined) throw new Error('there is no Redis')
  const [shell = '', ...args] = containerOf(pod).command ?? []
  const conf = data['redis.conf'].replace('port 6379', `port ${port}`).replace('dir /data', `dir ${folder}`)
  await writeFile(join(folder, 'redis.conf'), conf)
  const here = (arg: string) =>
    arg.replace('redis-server', inject('redisServer')).replace('/etc/errand-redis/config', folder)
  const server = spawn(shell, args.map(here), { stdio: 'ignore', env: { REDISCLI_AUTH: secret.REDIS_PASSWORD } })
  const redis = new Redis(port, '127.0.0.1', { password: secret.REDIS_PASSWORD ?? '' })
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
  // The shell is gone: what ends the pod ends Redis, and it closes its file.
  server.kill('SIGTERM')
  expect(await once(server, 'exit')).toEqual([0, null])
})

/** Where our pods have the password from, and Redis has. */
function passwordsOf(objects: readonly Rendered[]): readonly unknown[] {
  return podsIn(objects).map((pod) => {
    const name = pod.of === 'errand-redis' ? 'REDISCLI_AUTH' : 'REDIS_PASSWORD'
    return containerOf(pod).env?.find((one) => one.name === name)?.valueFrom?.secretKeyRef
  })
}

test('each render of the same values has the same password, if there is a key to make it of', async () => {
  const password = async (values: object) =>
    (the(await render({ secrets: { values } }), 'Secret').stringData as Record<string, string>).REDIS_PASSWORD
  const key = { ERRAND_KEY: 'k'.repeat(64) }
  expect(await password(key)).toMatch(/^[0-9a-f]{64}$/)
  expect(await password(key)).toBe(await password(key))
  expect(await password({ ERRAND_KEY: 'q'.repeat(64) })).not.toBe(await password(key))
  expect(await password({ ...key, REDIS_PASSWORD: 'a-password_of-mine' })).toBe('a-password_of-mine')
  expect(await password({})).not.toBe(await password({}))
})

test('all have the password from one Secret, ours or yours, and the address is that of its Service', async () => {
  for (const [values, name] of [
    [{}, 'errand'],
    [{ secrets: { existing: 'mine', keys: ['REDIS_PASSWORD', 'ERRAND_KEY'] } }, 'mine'],
  ] as const) {
    const objects = await render(values)
    expect(new Set(passwordsOf(objects).map((from) => JSON.stringify(from)))).toEqual(
      new Set([JSON.stringify({ name, key: 'REDIS_PASSWORD' })]),
    )
    for (const pod of errandsIn(objects))
      expect(containerOf(pod).env).toContainEqual({
        name: 'REDIS_URL',
        value: 'redis://:$(REDIS_PASSWORD)@errand-redis.ours.svc:6379',
      })
    expect('REDIS_PASSWORD' in (the(objects, 'Secret').stringData as object)).toBe(name === 'errand')
  }
})

test('its volume goes with the release, or stays', async () => {
  const policy = async (persistence: object) =>
    the(await render({ redis: { persistence } }, '--kube-version', '1.27.0'), 'StatefulSet').spec
  const whenScaled = 'Retain'
  expect(await policy({})).toMatchObject({
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled },
  })
  expect(await policy({ whenDeleted: 'Retain' })).toMatchObject({
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled },
  })
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
