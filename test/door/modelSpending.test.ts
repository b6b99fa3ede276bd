import { type RequestListener, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import type { Provider } from '../../src/door/modelProvider.ts'
import { createSpending, type Spending } from '../../src/redis/spending.ts'
import { modelDoor } from './modelDoor.ts'
import { ANTHROPIC, GEMINI, RESPONSES } from './modelSamples.ts'
import { TASK } from './openDoor.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())
let prefixes = 0
/** Two cores are shared with all other tests. */
const SOON = { timeout: 30_000, interval: 10 }

type Options = {
  turns?: number
  budget?: number
  allow?: readonly string[]
  through?: (spending: Spending) => Spending
}

/** A door that keeps its sums in Redis. */
async function counting(name: Provider['name'], app: RequestListener, options: Options = {}) {
  const { turns = 100, budget = 100, allow, through = (spending) => spending } = options
  const spending = createSpending(redis, `{model-${process.pid}-${prefixes++}}`)
  const door = await modelDoor(name, app, {
    needs: {
      spending: through(spending),
      limitsOf: async () => ({ turns, budget }),
      models: { prices: {}, ...(allow === undefined ? {} : { allow: [...allow] }) },
    },
  })
  return Object.assign(door, { spent: () => spending.of(TASK) })
}

const says =
  (answer: string, type = 'text/event-stream'): RequestListener =>
  (_, res) =>
    res.writeHead(200, { 'content-type': type }).end(answer)

const MESSAGES = '/v1/model/anthropic/v1/messages'
const RESPOND = '/v1/model/openai/v1/responses'
const GENERATE = '/v1/model/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent'
const post = (body: string) => ({ method: 'POST', body })

test.each([
  ['anthropic', MESSAGES, ANTHROPIC.stream, { inputTokens: 31_225, outputTokens: 15, costUsd: 0.0154 }],
  ['openai', RESPOND, RESPONSES.stream, { inputTokens: 1000, outputTokens: 50, costUsd: 0.00157 }],
  ['gemini', GENERATE, GEMINI.stream, { inputTokens: 510, outputTokens: 38, costUsd: 0.000568 }],
] as const)(
  '%s: each call is a turn, and costs what it tells; its bytes are as they were',
  async (name, path, stream, sums) => {
    await using door = await counting(name, says(stream))
    for (const turns of [1, 2]) {
      expect(await (await door.call(path, post('{}'))).text()).toBe(stream)
      const spent = await door.spent()
      expect(spent).toMatchObject({
        turns,
        inputTokens: turns * sums.inputTokens,
        outputTokens: turns * sums.outputTokens,
      })
      expect(spent.costUsd).toBeCloseTo(turns * sums.costUsd, 5)
      expect(spent.estimated).toBe(0)
    }
  },
)

test('what is not answered, and what makes no model work, is no turn', async () => {
  await using door = await counting('anthropic', (req, res) =>
    res.writeHead(req.method === 'POST' && req.url?.endsWith('messages') ? 429 : 200).end(ANTHROPIC.json),
  )
  expect((await door.call(MESSAGES, post('{}'))).status).toBe(429)
  expect((await door.call(`${MESSAGES}/count_tokens`, post('{}'))).status).toBe(200)
  expect((await door.call('/v1/model/anthropic/v1/models')).status).toBe(200)
  expect(await door.spent()).toMatchObject({ turns: 0, inputTokens: 0 })
})

test.each([
  [{ budget: 0.02 }, 2, 'budget-spent', 'The budget of $0.02 for this task is spent ($0.0308).'],
  [{ turns: 3 }, 3, 'turns-spent', 'The 3 calls of the model that this task may make are made (3).'],
] as const)('with %j call %d is the last, and the agent is told so', async (limits, last, refused, words) => {
  await using door = await counting('anthropic', says(ANTHROPIC.json, 'application/json'), limits)
  for (let n = 1; n <= last; n++) expect((await door.call(MESSAGES, post('{}'))).status).toBe(200)
  const answer = await door.call(MESSAGES, post('{}'))
  expect(answer.status).toBe(403)
  const message = `${words} Stop here and summarize; Errand saves your work.`
  expect(await answer.json()).toEqual({ type: 'error', error: { type: 'permission_error', message } })
  expect(door.seen).toHaveLength(last)
  expect(await door.spent()).toMatchObject({ turns: last, refused })
  expect((await door.call(`${MESSAGES}/count_tokens`, post('{}'))).status, 'costs nothing').toBe(200)
})

test('whoever has read the last event finds it counted, though the answer has not ended yet', async () => {
  const ends: (() => void)[] = []
  const stream: RequestListener = (_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write(RESPONSES.stream)
    ends.push(() => res.end())
  }
  await using door = await counting('openai', stream, { turns: 1 })
  const reader = (await door.call(RESPOND, post('{}'))).body?.getReader()
  let read = ''
  while (read.length < RESPONSES.stream.length) read += Buffer.from((await reader?.read())?.value ?? []).toString()
  expect((await door.call(RESPOND, post('{}'))).status).toBe(403)
  for (const end of ends) end()
  expect((await reader?.read())?.done).toBe(true)
  expect((await door.spent()).turns).toBe(1)
})

const begun = ANTHROPIC.stream.slice(0, ANTHROPIC.stream.indexOf('event: message_delta'))

test('a stream that the provider cuts counts what it told', async () => {
  await using door = await counting('anthropic', (_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write(begun, () => res.destroy())
  })
  await expect(door.call(MESSAGES, post('{}')).then((answer) => answer.text())).rejects.toThrow()
  await expect.poll(door.spent, SOON).toMatchObject({ turns: 1, inputTokens: 31_225, outputTokens: 9, estimated: 1 })
})

test('a stream that the agent breaks off counts, too', async () => {
  await using door = await counting('anthropic', (_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write(begun)
  })
  const gone = new AbortController()
  const answer = await door.call(MESSAGES, { ...post('{}'), signal: gone.signal })
  await answer.body?.getReader().read()
  gone.abort()
  await expect.poll(door.spent, SOON).toMatchObject({ turns: 1, inputTokens: 31_225, estimated: 1 })
})

test('a call that the agent leaves before its answer costs its input, and is no turn', async () => {
  const asked = Promise.withResolvers<void>()
  await using door = await counting('anthropic', () => asked.resolve())
  const gone = new AbortController()
  const call = door.call(MESSAGES, {
    ...post(`{"model":"claude-opus-5-5","x":"${'x'.repeat(366)}"}`),
    signal: gone.signal,
  })
  await asked.promise
  gone.abort()
  await expect(call).rejects.toThrow()
  await expect
    .poll(door.spent, SOON)
    .toEqual({ turns: 0, inputTokens: 100, outputTokens: 0, costUsd: 0.0004, estimated: 1 })
})

test('a call whose body breaks off never was one', async () => {
  const asked = Promise.withResolvers<void>()
  await using door = await counting('anthropic', says(ANTHROPIC.json))
  const { hostname, port } = new URL(door.url)
  const headers = { 'x-api-key': door.credential, 'content-length': 100 }
  const call = request({ hostname, port, path: MESSAGES, method: 'POST', headers })
  call.on('error', () => asked.resolve())
  call.write('{"model":"claude-opus-5-5"', () => call.destroy(new Error('gone')))
  await asked.promise
  // What comes after it is counted after it.
  expect((await door.call(MESSAGES, post('{}'))).status).toBe(200)
  expect(door.seen).toHaveLength(1)
  expect((await door.spent()).turns).toBe(1)
})

test('a task has so many calls under way, and no more', async () => {
  const ends: (() => void)[] = []
  await using door = await counting('anthropic', (_, res) => ends.push(() => res.end(ANTHROPIC.json)))
  const calls = Array.from({ length: 16 }, () => door.call(MESSAGES, post('{}')))
  await expect.poll(() => ends.length, SOON).toBe(16)
  const answer = await door.call(MESSAGES, post('{}'))
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1'])
  expect(await answer.json()).toMatchObject({ error: { type: 'rate_limit_error' } })
  for (const end of ends) end()
  await Promise.all(calls.map(async (call) => (await call).text()))
  const after = door.call(MESSAGES, post('{}'))
  await expect.poll(() => ends.length, SOON).toBe(17)
  ends[16]?.()
  expect((await after).status).toBe(200)
})

test('what Redis could not take is owed, and paid before the next call', async () => {
  let away = false
  const gone = <T>(perform: () => Promise<T>): Promise<T> =>
    away ? Promise.reject(new Error('Redis is away')) : perform()
  const through = (spending: Spending): Spending => ({
    ...spending,
    add: (task, use) => gone(() => spending.add(task, use)),
  })
  const json = says(ANTHROPIC.json, 'application/json')
  const app: RequestListener = (req, res) => {
    away = true
    json(req, res)
  }
  await using door = await counting('anthropic', app, { turns: 1, through })
  expect((await door.call(MESSAGES, post('{}'))).status).toBe(200)
  expect((await door.call(MESSAGES, post('{}'))).status, 'not before it is paid').toBe(503)
  expect((await door.spent()).turns).toBe(0)
  away = false
  expect((await door.call(MESSAGES, post('{}'))).status).toBe(403)
  expect(door.seen).toHaveLength(1)
  expect((await door.spent()).turns).toBe(1)
})

test.each([
  ['anthropic', MESSAGES, '{"model":"gpt-5"}', 403],
  ['anthropic', `${MESSAGES}/count_tokens`, '{"model":"gpt-5"}', 403],
  ['anthropic', MESSAGES, '{"model":"claude-opus-5-5"}', 200],
  ['anthropic', MESSAGES, '{"model":"claude-opus-5-5","model":"gpt-5"}', 400],
  ['anthropic', MESSAGES, undefined, 400],
  ['openai', RESPOND, '{"model":"gpt-5"}', 403],
  ['gemini', GENERATE, '{"model":"claude-x"}', 403],
  ['gemini', GENERATE.replace('gemini-2.5-pro', 'claude-x'), '{"model":"gemini-2.5-pro"}', 200],
] as const)('%s: with a list of models, %s of %s answers %i', async (name, path, body, status) => {
  await using door = await counting(name, says(ANTHROPIC.json, 'application/json'), { allow: ['claude-*'] })
  const answer = await door.call(path, { method: 'POST', ...(body === undefined ? {} : { body }) })
  expect(answer.status).toBe(status)
  if (status === 403) expect(await answer.text()).toContain('is not allowed here. Allowed: claude-*.')
  if (status === 400) expect(await answer.text()).toContain('one \\"model\\"')
  expect(door.seen).toHaveLength(status === 200 ? 1 : 0)
  if (status !== 200) expect(await door.spent()).toMatchObject({ turns: 0, inputTokens: 0 })
})

test('a large body whose model stands at its end is answered, and never was a request', async () => {
  await using door = await counting('anthropic', says(ANTHROPIC.json, 'application/json'), { allow: ['claude-*'] })
  const { hostname, port } = new URL(door.url)
  const part = Buffer.alloc(1024 * 1024, 'x')
  const answered = new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const headers = { 'x-api-key': door.credential }
    const call = request({ hostname, port, path: MESSAGES, method: 'POST', headers }, async (res) =>
      resolve({ status: res.statusCode, body: await text(res) }),
    )
    call.on('error', reject)
    call.write('{"messages":"')
    for (let n = 0; n < 8; n++) call.write(part)
    call.end('","model":"gpt-5"}')
  })
  const { status, body } = await answered
  expect(status).toBe(403)
  expect(body).toContain('gpt-5')
  expect(door.seen).toHaveLength(0)
})

test('a model without a price is counted as the dearest, and that is told once', async () => {
  const answer = ANTHROPIC.json.replace('claude-opus-5-5', 'llama-4')
  await using door = await counting('anthropic', says(answer, 'application/json'))
  for (let n = 0; n < 3; n++) await (await door.call(MESSAGES, post('{"model":"llama"}'))).text()
  const told = door.logged.filter(({ event }) => event === 'no-price')
  expect(told).toMatchObject([{ level: 40, model: 'llama-4', msg: expect.stringContaining('models.prices') }])
  expect((await door.spent()).costUsd).toBeGreaterThan(3 * 0.09)
})

test('a model that the answer does not name is the one that was asked for', async () => {
  const answer = ANTHROPIC.json.replace('claude-opus-5-5', 'alias-of-the-gateway')
  await using door = await counting('anthropic', says(answer, 'application/json'))
  await (await door.call(MESSAGES, post('{"model":"claude-opus-5-5"}'))).text()
  expect((await door.spent()).costUsd).toBeCloseTo(0.0154, 5)
  expect(door.logged).toEqual([])
})
