/** The README's first command, as a person types it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ownEnvironment } from '../../src/config.ts'
import { freePort } from '../../src/local/redis.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

type Demo = { readonly child: ChildProcess; readonly said: () => string; readonly code: Promise<number | null> }

async function demo(...more: readonly string[]): Promise<Demo> {
  const ports = ['--port', '--door-port', '--gitlab-port'].map(async (flag) => [flag, String(await freePort())])
  const args = [MAIN, 'demo', ...(await Promise.all(ports)).flat(), ...more]
  const { PATH, HOME, TMPDIR } = ownEnvironment()
  const child = spawn(process.execPath, args, { env: { PATH, HOME, TMPDIR }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  }
  return { child, said: () => said, code: once(child, 'close').then(([code]) => code as number | null) }
}

/** What a demo started besides itself, as it said so. */
function remains(said: string): { data: string; redis: string } {
  return { data: /data {14}(\S+)/.exec(said)?.[1] ?? '', redis: /Redis {13}(\S+)/.exec(said)?.[1] ?? '' }
}

async function expectNothingLeft(said: string): Promise<void> {
  const { data, redis } = remains(said)
  expect(data).not.toBe('')
  expect(existsSync(data)).toBe(false)
  await expect(fetch(redis.replace('redis:', 'http:'))).rejects.toThrow()
}

test('--once prints the merge request and its diff, twice side by side, and leaves nothing behind', async () => {
  const both = [await demo('--once', 'add a health check'), await demo('--once', 'add a cat')]
  expect(await Promise.all(both.map(({ code }) => code))).toEqual([0, 0])
  const [one = '', two = ''] = both.map(({ said }) => said())
  expect(one).toMatch(/\/demo\/shop\/-\/merge_requests\/1\n\n--- [\s\S]*\+- 1-n\d+ \(attempt 1\): add a health check/)
  expect(two).toContain('add a cat')
  for (const mark of ['💬', '👀', '⏳', '🚀', '🛠️', '⬆️', '🔀', '✅']) expect(one).toContain(mark)
  await expectNothingLeft(one)
  await expectNothingLeft(two)
})

test('--once ends with 1 and the reason when the task fails', async () => {
  const failing = await demo('--once', 'add a health check\nrehearse: fail')
  expect(await failing.code).toBe(1)
  expect(failing.said()).toContain('The task failed (agent-error)')
})

test('the curl that it shows works, and an impatient Ctrl-C ends everything, a run in its middle too', async () => {
  const running = await demo()
  const said = async (text: string | RegExp): Promise<string> => {
    while (!running.said().match(text)) await new Promise((resolve) => setTimeout(resolve, 50))
    return running.said()
  }
  const url = /curl -X POST (\S+)/.exec(await said('curl -X POST'))?.[1] ?? ''
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'PRIVATE-TOKEN': 'glpat-demo-developer', 'content-type': 'application/json' },
    body: JSON.stringify({ body: '/agent add a health check\nrehearse: hang' }),
  })
  expect(response.status).toBe(201)
  await said('hangs')
  running.child.kill('SIGINT')
  running.child.kill('SIGINT')
  expect(await running.code).toBe(0)
  await expectNothingLeft(running.said())
})

test('an occupied port is one clear sentence', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = String((server.address() as AddressInfo).port)
  for (const flag of ['--port', '--door-port', '--gitlab-port']) {
    const refused = await demo(flag, port)
    expect(await refused.code).toBe(1)
    expect(refused.said()).toMatch(new RegExp(`^Port ${port} is taken, so .* cannot listen there: .*\\.$`, 'm'))
  }
  server.close()
})

test.each([
  [['--nonsense'], /nonsense/],
  [['--port', 'eighty'], /"eighty" is no port/],
  [['--agent', 'nobody'], /"nobody" is no agent: give --agent claude or rehearsal\./],
  [['--data', MAIN], /--data: /],
])('%j is answered with what is wrong', async (args, says) => {
  const refused = await demo(...args)
  expect(await refused.code).toBe(1)
  expect(refused.said()).toMatch(says)
  expect(refused.said()).not.toContain('    at ')
})

test('a second demo in the same folder is refused, and the first goes on; with Redis gone, Ctrl-C still ends it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'errand-demo-data-'))
  const first = await demo('--data', folder)
  while (!first.said().includes('curl -X POST')) await new Promise((resolve) => setTimeout(resolve, 50))
  const second = await demo('--data', folder)
  expect(await second.code).toBe(1)
  expect(second.said()).toMatch(/is in use by process \d+: end that, or choose another folder\./)
  const { pid } = JSON.parse(await readFile(join(folder, 'redis', 'redis.json'), 'utf8'))
  process.kill(pid, 'SIGKILL')
  first.child.kill('SIGINT')
  expect(await first.code).not.toBeNull()
  await rm(folder, { recursive: true, force: true })
})
