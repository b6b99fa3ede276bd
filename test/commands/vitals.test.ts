import { expect, onTestFinished, test, vi } from 'vitest'
import { listen } from '../../src/commands/listen.ts'
import { createVitals } from '../../src/commands/vitals.ts'

async function started() {
  const vitals = createVitals()
  const server = await listen('health', vitals.app, { host: '127.0.0.1', port: 0 }, 15_000)
  onTestFinished(() => server[Symbol.asyncDispose]())
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
    const isJson = answer.headers.get('content-type')?.includes('json')
    return [answer.status, isJson ? await answer.json() : await answer.text()]
  }
  return { vitals, get }
}

test('it lives until a part of it says what is wrong', async () => {
  const { vitals, get } = await started()
  let wrong: string | undefined
  vitals.live(() => wrong)
  expect(await get('/livez')).toEqual([200, { live: true, wrong: [] }])
  wrong = 'no job was done'
  expect(await get('/livez')).toEqual([503, { live: false, wrong: ['no job was done'] }])
})

test('it is ready without what it does not need, and every dependency is told', async () => {
  const { vitals, get } = await started()
  vitals.depend({ name: 'redis', needed: true, ask: async () => undefined })
  vitals.depend({ name: 'gitlab', needed: false, ask: async () => Promise.reject(new Error('GET /version: 502')) })
  const gitlab = { name: 'gitlab', needed: false, ok: false, wrong: 'GET /version: 502' }
  const redis = { name: 'redis', needed: true, ok: true }
  expect(await get('/readyz')).toEqual([200, { ready: true, dependencies: [redis, gitlab] }])
  // A part that can do without it is in the same process as one that cannot.
  vitals.depend({ name: 'redis', needed: false, ask: () => new Promise(() => {}) })
  const away = { ...redis, ok: false, wrong: 'no answer within 3 s' }
  expect(await get('/readyz')).toEqual([503, { ready: false, dependencies: [away, gitlab] }])
})

test('a dependency is asked once for many probes', async () => {
  const { vitals, get } = await started()
  let asked = 0
  vitals.depend({ name: 'gitlab', needed: false, ask: async () => void asked++ })
  await Promise.all(Array.from({ length: 20 }, () => get('/readyz')))
  expect(asked).toBe(1)
})

test('who is away is asked once, however long it takes; the answer is kept as long as is said', async () => {
  const { vitals, get } = await started()
  const answers: ((wrong: string | undefined) => void)[] = []
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const ask = () => new Promise<string | undefined>((answer) => void answers.push(answer))
  vitals.depend({ name: 'gitlab', needed: false, kept: 30_000, ask })
  const gitlab = async () => JSON.stringify((await get('/readyz'))[1])
  expect(await gitlab()).toContain('no answer within 3 s')
  vi.setSystemTime(Date.now() + 3_600_000)
  expect(await gitlab()).toContain('no answer within 3 s')
  expect(answers).toHaveLength(1)
  answers[0]?.(undefined)
  await vi.waitFor(async () => expect(await gitlab()).toContain('"ok":true'))
  vi.setSystemTime(Date.now() + 29_000)
  await gitlab()
  expect(answers).toHaveLength(1)
  vi.setSystemTime(Date.now() + 2000)
  const second = gitlab()
  await vi.waitFor(() => expect(answers).toHaveLength(2))
  answers[1]?.('it is away')
  expect(await second).toContain('it is away')
})

test('the numbers are there for Prometheus', async () => {
  const { vitals, get } = await started()
  vitals.metrics.delivered(202)
  const [status, text] = await get('/metrics')
  expect(status).toBe(200)
  expect(text).toContain('errand_deliveries_total{status="202"} 1\n')
})
