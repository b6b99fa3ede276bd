import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT } from '../../runtime/protocol.ts'
import { BRANCH, newAttempt, READY } from './attempt.ts'

const setup = (script: string) => ({
  files: { ...READY, 'agent-setup.sh': script },
  prompt: 'rehearse: change nothing',
})

test('a flood: a line of 60 MB and 200,000 lines arrive whole, and memory does not grow', async () => {
  const script = `head -c 60000000 /dev/zero | tr '\\0' x; echo; seq 200000; grep VmHWM /proc/$PPID/status || true\n`
  const attempt = await newAttempt(setup(script))
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.log.equals(readFileSync(join(attempt.workspace, 'log')))).toBe(true)
  expect(attempt.door.log.length).toBeGreaterThan(61_000_000)
  expect(Math.max(...attempt.door.patches)).toBeLessThanOrEqual(4 * 1024 * 1024)
  const peak = /VmHWM:\s+(\d+) kB/.exec(attempt.door.log.subarray(-2000).toString())?.[1]
  if (process.platform === 'linux') expect(Number(peak)).toBeLessThan(250_000)
})

test('a flood by the agent itself goes the same way', async () => {
  const attempt = await newAttempt({ agent: 'claude' })
  attempt.standIn(`#!/bin/sh
head -c 30000000 /dev/zero | tr '\\0' y
echo; seq 100000; head -c 1000 /dev/urandom; echo
echo '{"type":"result","subtype":"success","is_error":false,"result":"Done.","num_turns":1}'
`)
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.log.length).toBeGreaterThan(30_500_000)
  expect(attempt.door.log.equals(readFileSync(join(attempt.workspace, 'log')))).toBe(true)
  expect(attempt.door.outcome?.answer).toBe('Done.')
})

test('what the door holds back is sent again with what came after', async () => {
  const attempt = await newAttempt(setup('for i in 1 2 3 4; do echo line $i; sleep 0.3; done\n'))
  attempt.door.holdBack = 7
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.log.equals(readFileSync(join(attempt.workspace, 'log')))).toBe(true)
  expect(attempt.door.logEnded).toBe(true)
})

test('a door that lost the end of the log is served from the file', async () => {
  const attempt = await newAttempt(setup('seq 2000; sleep 1.5; seq 2000\n'))
  let forgot = false
  attempt.door.fault = (method) => {
    if (method === 'PATCH' && !forgot && attempt.door.log.length > 5000) {
      forgot = true
      attempt.door.log = attempt.door.log.subarray(0, 1234)
    }
    return undefined
  }
  expect(await attempt.run()).toBe(0)
  expect(forgot).toBe(true)
  expect(attempt.door.log.equals(readFileSync(join(attempt.workspace, 'log')))).toBe(true)
})

test('a door that is away now and then gets everything', async () => {
  const attempt = await newAttempt()
  let calls = 0
  attempt.door.fault = (_, path) =>
    !path.startsWith('/v1/git') && ++calls % 3 !== 0 ? { status: 503, headers: { 'retry-after': '0.1' } } : undefined
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome?.result).toBe('pushed')
  expect(attempt.door.log.equals(readFileSync(join(attempt.workspace, 'log')))).toBe(true)
})

test('a door that is closed from the beginning', async () => {
  const attempt = await newAttempt()
  attempt.door.fault = () => ({ status: 401 })
  expect(await attempt.run()).toBe(EXIT['door-closed'])
  expect(attempt.door.seen).toEqual(['PUT /v1/masks'])
})

test('a door that closes in the middle: the agent is stopped, and nothing is pushed', async () => {
  const attempt = await newAttempt({ agent: 'claude' })
  attempt.standIn('#!/bin/sh\necho change > change\nwhile sleep 0.1; do echo tick; done\n')
  attempt.door.fault = () => (attempt.door.log.includes('tick') ? { status: 401 } : undefined)
  expect(await attempt.run()).toBe(EXIT['door-closed'])
  expect(attempt.git('branch', '--list', BRANCH)).toBe('')
  expect(attempt.door.outcome).toBeUndefined()
})

test('a door that is never reached: the last words and the exit code are all there is', async () => {
  const attempt = await newAttempt()
  await attempt.door.close()
  expect(await attempt.run({ ERRAND_PATIENCE: '1' })).toBe(EXIT['door-closed'])
})

test('a door that is away at the end: cause, branch and commit are in the last words', async () => {
  const attempt = await newAttempt({ prompt: 'rehearse: fail' })
  attempt.door.fault = (_, path) => (path === '/v1/outcome' ? { status: 503 } : undefined)
  expect(await attempt.run({ ERRAND_PATIENCE: '1' })).toBe(EXIT['agent-error'])
  expect(attempt.lastWords()).toEqual({
    cause: 'agent-error',
    branch: BRANCH,
    commit: attempt.git('rev-parse', BRANCH),
  })
})

test('the values to mask are named before anything else; a door that does not take them gets no log of a run', async () => {
  const attempt = await newAttempt()
  const env = {
    ACME_TOKEN: 'tok-123456',
    HTTPS_PROXY: 'http://me:p%40ssword@127.0.0.1:9',
    PIN_TOKEN: '123',
    EDITOR: 'ed',
  }
  expect(await attempt.run(env)).toBe(0)
  expect(attempt.door.seen[0]).toBe('PUT /v1/masks')
  expect(attempt.door.masks.sort()).toEqual(['must-not-be-seen', 'p%40ssword', 'p@ssword', 'tok-123456'])
  attempt.again({})
  attempt.door.fault = (_, path) => (path === '/v1/masks' ? { status: 413 } : undefined)
  expect(await attempt.run(env)).toBe(EXIT['internal-error'])
  expect(attempt.door.outcome?.failure?.message).toContain('values to mask')
  expect(attempt.door.log.toString()).not.toContain('42-n1337')
})

test('a redirect is not followed', async () => {
  const attempt = await newAttempt()
  attempt.door.fault = (_, path) =>
    path === '/elsewhere' ? { status: 200 } : { status: 302, headers: { location: '/elsewhere' } }
  expect(await attempt.run({ ERRAND_PATIENCE: '1' })).toBe(EXIT['door-closed'])
  expect(attempt.door.seen).not.toContain('GET /elsewhere')
})

test('without its environment it says what is missing', async () => {
  const attempt = await newAttempt()
  expect(await attempt.run({ ERRAND_DOOR: '' })).toBe(EXIT['internal-error'])
  expect(attempt.door.seen).toEqual([])
})
