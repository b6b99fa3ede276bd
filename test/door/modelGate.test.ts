import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGate } from '../../src/door/modelGate.ts'
import { pieces } from './modelPieces.ts'

/** What came through of a body in pieces, and how it ended. */
async function through(body: Buffer | string, allow: readonly string[] | undefined, cuts: readonly number[] = []) {
  const gate = createGate(allow)
  const passed: Buffer[] = []
  gate.stream.on('data', (piece) => passed.push(piece))
  const failed = await pipeline(Readable.from(pieces(Buffer.from(body), cuts)), gate.stream).then(
    () => false,
    () => true,
  )
  return { passed: Buffer.concat(passed).toString(), failed, status: gate.refusal?.status, model: gate.model, gate }
}

const ALLOW = ['claude-*', 'gpt-5*mini']
const long = JSON.stringify({ messages: 'x'.repeat(100_000), model: 'claude-haiku-4-5' })

test.each([
  ['{"model":"claude-opus-5-5","max_tokens":1}', undefined],
  ['{"model":"gpt-5-mini"}', undefined],
  [' { "messages": [{"model":"gpt-5"}], "model" : "claude-x" } \n', undefined],
  ['{"metadata":{"model":"gpt-5"},"\\u006dodel":"claude-\\u006f"}', undefined],
  [long, undefined],
  ['{"model":"gpt-5"}', 403],
  ['{"model":"xclaude-opus"}', 403],
  ['{"model":"Claude-opus"}', 403],
  ['{"model":""}', 403],
  ['{"model":"claude-a","model":"gpt-5"}', 400],
  ['{"model":"gpt-5","model":"claude-a"}', 400],
  ['{"model":"claude-a","model":"claude-a"}', 400],
  ['{"model":"claude-a","mod\\u0065l":"gpt-5"}', 400],
  ['{"model":"claude-a","Model":"gpt-5"}', 400],
  ['{"MODEL":"claude-a"}', 400],
  ['{"model":["claude-a"]}', 400],
  ['{"model":null}', 400],
  ['{"messages":[{"model":"claude-a"}]}', 400],
  ['[{"model":"claude-a"}]', 400],
  ['{"model":"claude-a"', 400],
  ['{"model":"claude-a"}{"model":"gpt-5"}', 400],
  ['{"model":"claude-a"} x', 400],
  [`{"model":"claude-${'a'.repeat(70_000)}"}`, 400],
  ['\ufeff{"model":"claude-a"}', 400],
  ["{'model':'claude-a'}", 400],
  ['model=claude-a', 400],
  [Buffer.from('{"model":"claude-a"}', 'utf16le'), 400],
  [Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x7b]), 400],
  ['', 400],
  ['{"model":"claude-a","background":false,"x":{"background":true}}', undefined],
  ['{"model":"claude-a","background":true}', 400],
])('of %j is said: %s', async (body, status) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 100 }), async (cuts) => {
      const { passed, failed, ...ended } = await through(body, ALLOW, cuts)
      expect(ended.status).toBe(status)
      expect(failed).toBe(status !== undefined)
      if (status === undefined) expect(passed === body.toString(), 'bytes are unchanged').toBe(true)
      // A server that reads JSON to its end, and no further, must not have got that end.
      else if (!body.toString().startsWith('{"model":"claude-a"}')) expect(isJson(passed), passed).toBe(false)
    }),
    { numRuns: 20 },
  )
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('the words name what is allowed', async () => {
  const { gate } = await through(`{"model":"gpt-5${'x'.repeat(200)}"}`, ALLOW)
  const shown = `gpt-5${'x'.repeat(95)}`
  expect(gate.refusal).toEqual({
    status: 403,
    message: `The model "${shown}" is not allowed here. Allowed: claude-*, gpt-5*mini.`,
  })
})

test('where any model will do, all bodies pass as they are', async () => {
  const body = fc.uint8Array({ maxLength: 200 })
  await fc.assert(
    fc.asyncProperty(body, fc.array(fc.nat(), { maxLength: 20 }), async (bytes, cuts) => {
      const gate = createGate(undefined)
      const passed: Buffer[] = []
      gate.stream.on('data', (piece) => passed.push(piece))
      await pipeline(Readable.from(pieces(Buffer.from(bytes), cuts)), gate.stream)
      expect(Buffer.concat(passed).equals(Buffer.from(bytes))).toBe(true)
      expect(gate).toMatchObject({ refusal: undefined, size: bytes.length, whole: true })
    }),
  )
  expect((await through('{"model":"gpt-5"}', undefined)).model).toBe('gpt-5')
  expect((await through('{"model":"gpt-5","model":"x"}', undefined)).model).toBeUndefined()
})

test.each([
  ['{"background":true,"model":"gpt-5"}', 400],
  ['{"background":false,"background":true}', 400],
  ['{"back\\u0067round":1}', 400],
  ['{"Background":true} x', 400],
  ['{"background":null}', undefined],
  ['{"input":"background"}', undefined],
])('also where any model will do: of %j is said: %s', async (body, status) => {
  const { passed, ...ended } = await through(body, undefined)
  expect(ended.status).toBe(status)
  expect(passed).toBe(status === undefined ? body : '')
})

test('a body of 30 MB is not held', async () => {
  const gate = createGate(['claude-*'])
  const part = Buffer.alloc(1024 * 1024, 'x')
  let passed = 0
  gate.stream.on('data', (piece: Buffer) => {
    passed += piece.length
  })
  const before = process.memoryUsage().arrayBuffers
  gate.stream.write('{"text":"')
  for (let n = 1; n <= 30; n++) {
    gate.stream.write(part)
    await expect.poll(() => passed, { timeout: 30_000, interval: 1 }).toBeGreaterThanOrEqual(n * part.length)
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  gate.stream.end('","model":"claude-a"}')
  await expect.poll(() => gate.whole, { timeout: 30_000 }).toBe(true)
})
