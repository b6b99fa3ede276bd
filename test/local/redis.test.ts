import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startOf } from '../../src/local/processes.ts'
import { findProgram } from '../../src/local/program.ts'
import { startRedis } from '../../src/local/redis.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'errand-local-redis-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

test('a live Redis of the same folder is connected to, and a stopped one is gone', async () => {
  const where = await folder()
  const [one, two] = [await startRedis(inject('redisServer'), where), await startRedis(inject('redisServer'), where)]
  expect(two).toMatchObject({ url: one.url, pid: one.pid })
  await one.stop()
  expect(await startOf(one.pid)).toBeUndefined()
})

test('a killed one is started again, though its note still lies there', async () => {
  const where = await folder()
  const one = await startRedis(inject('redisServer'), where)
  process.kill(one.pid, 'SIGKILL')
  const two = await startRedis(inject('redisServer'), where)
  expect(two.pid).not.toBe(one.pid)
  await two.stop()
})

test('several at once in one folder end up with one', async () => {
  const where = await folder()
  const all = await Promise.all(Array.from({ length: 4 }, () => startRedis(inject('redisServer'), where)))
  expect(new Set(all.map(({ pid }) => pid)).size).toBe(1)
  await all[0]?.stop()
})

test('a program that is missing where nothing may be installed is asked for in one sentence', async () => {
  const uid = process.getuid
  process.getuid = () => 1000
  onTestFinished(() => {
    if (uid !== undefined) process.getuid = uid
  })
  const found = await findProgram('redis', '/nowhere', () => {}, [])
  expect(found).toEqual({
    missing: expect.stringMatching(/^redis-server is not on the PATH: type `.*redis.*`, or set REDIS_URL/),
  })
})
