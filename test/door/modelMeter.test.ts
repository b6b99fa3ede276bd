import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anthropic } from '../../src/door/modelAnthropic.ts'
import { gemini } from '../../src/door/modelGemini.ts'
import { createMeter } from '../../src/door/modelMeter.ts'
import { openai } from '../../src/door/modelOpenai.ts'
import { pieces } from './modelPieces.ts'
import { ANTHROPIC, CHAT, GEMINI, RESPONSES } from './modelSamples.ts'

const SSE = 'text/event-stream; charset=utf-8'
const JSON_TYPE = 'application/json'
const none = { input: 0, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0 }

const TOLD_ANTHROPIC = { input: 25, cacheRead: 30_000, cacheWrite: 200, cacheWriteHour: 1000, output: 15 }
const TOLD_RESPONSES = { ...none, input: 100, cacheRead: 600, cacheWrite: 300, output: 50 }
const TOLD_CHAT = { ...none, input: 36, cacheRead: 64, output: 20 }
const TOLD_GEMINI = { ...none, input: 110, cacheRead: 400, output: 38 }

const WHOLE = [
  ['Anthropic, stream', anthropic, SSE, ANTHROPIC.stream, 'claude-opus-5-5', TOLD_ANTHROPIC],
  ['Anthropic, JSON', anthropic, JSON_TYPE, ANTHROPIC.json, 'claude-opus-5-5', TOLD_ANTHROPIC],
  ['Responses, stream', openai, SSE, RESPONSES.stream, 'gpt-6-sol-2026-09-22', TOLD_RESPONSES],
  ['Responses, JSON', openai, JSON_TYPE, RESPONSES.json, 'gpt-6-sol-2026-09-22', TOLD_RESPONSES],
  ['Chat, stream', openai, SSE, CHAT.stream, 'gpt-4.1', TOLD_CHAT],
  ['Chat, JSON', openai, JSON_TYPE, CHAT.json, 'gpt-4.1', TOLD_CHAT],
  ['Gemini, stream', gemini, SSE, GEMINI.stream, 'gemini-2.5-pro', TOLD_GEMINI],
  ['Gemini, array', gemini, JSON_TYPE, GEMINI.array, 'gemini-2.5-pro', TOLD_GEMINI],
  ['Gemini, JSON', gemini, JSON_TYPE, GEMINI.json, 'gemini-2.5-pro', TOLD_GEMINI],
] as const

test.each(WHOLE)('%s: what is told is read, wherever it is cut', (_, provider, type, answer, model, tokens) => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 80 }), (cuts) => {
      const meter = createMeter(provider.reading, type, 4000)
      for (const piece of pieces(Buffer.from(answer), cuts)) meter.read(piece)
      expect(meter.sum(false)).toEqual({ model, tokens, estimated: false })
    }),
  )
})

test.each(WHOLE)('%s: whatever is left out of it, nothing is thrown, and what is counted are numbers', (...row) => {
  const [, provider, type, answer] = row
  fc.assert(
    fc.property(fc.nat(answer.length), fc.nat(20), (from, length) => {
      const meter = createMeter(provider.reading, type, 4)
      meter.read(Buffer.from(answer.slice(0, from) + answer.slice(from + length)))
      const { input, output } = meter.sum(false).tokens
      for (const count of [input, output]) expect(Number.isSafeInteger(count) && count >= 0, String(count)).toBe(true)
    }),
  )
})

test('lines may end in any of the three ways', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const meter = createMeter(anthropic.reading, SSE, 0)
    for (const byte of Buffer.from(ANTHROPIC.stream.replaceAll('\n', end))) meter.read(Buffer.from([byte]))
    expect(meter.sum(false)).toMatchObject({ tokens: TOLD_ANTHROPIC, estimated: false })
  }
})

test('data over several lines is one text, comments and other fields are none', () => {
  const meter = createMeter(openai.reading, SSE, 0)
  meter.read(
    Buffer.from(': data: x\ndata\nid: 1\ndata:{"usage":\ndata: {"prompt_tokens":3,\ndata:"completion_tokens":4}}\n\n'),
  )
  expect(meter.sum(false).tokens).toEqual({ ...none, input: 3, output: 4 })
})

test('a line of many megabytes does no harm', () => {
  const meter = createMeter(openai.reading, SSE, 0)
  meter.read(Buffer.from('data: {"type":"response.completed","response":{"output":"'))
  const part = Buffer.alloc(1024 * 1024, 'x')
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 64; n++) meter.read(part)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  meter.read(Buffer.from('","usage":{"input_tokens":7,"output_tokens":8}}}\n\n'))
  expect(meter.sum(false)).toMatchObject({ tokens: { input: 7, output: 8 }, estimated: false })
})

test.each([
  ['Anthropic before its end', anthropic, ANTHROPIC.stream, 'event: message_stop'],
  ['Responses before the usage', openai, RESPONSES.stream, 'event: response.completed'],
] as const)('%s: an agent may go on only when the last event has come', (_, provider, stream, mark) => {
  const meter = createMeter(provider.reading, SSE, 0)
  meter.read(Buffer.from(stream.slice(0, stream.indexOf(mark))))
  expect(meter.done).toBe(false)
  meter.read(Buffer.from(stream.slice(stream.indexOf(mark))))
  expect(meter.done).toBe(true)
})

test('a JSON answer is done with its last bracket', () => {
  const meter = createMeter(anthropic.reading, JSON_TYPE, 0)
  meter.read(Buffer.from(ANTHROPIC.json.slice(0, -1)))
  expect(meter.done).toBe(false)
  meter.read(Buffer.from('}'))
  expect(meter.done).toBe(true)
})

const said = (text: string) => `data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"${text}"}}\n\n`
const begun = ANTHROPIC.stream.slice(0, ANTHROPIC.stream.indexOf('event: content_block_start'))

test.each([
  ['a stream without usage', openai, SSE, CHAT.silent, false, { ...none, input: 1000, output: 9 }],
  [
    'a stream cut before its usage',
    openai,
    SSE,
    RESPONSES.stream.split('event: response.completed')[0] ?? '',
    true,
    { ...none, input: 1000, output: 2 },
  ],
  [
    'a cut stream that told its input',
    anthropic,
    SSE,
    begun + said('x'.repeat(400)),
    true,
    { ...TOLD_ANTHROPIC, output: 100 },
  ],
  [
    'JSON without usage',
    openai,
    JSON_TYPE,
    `{"choices":"${'x'.repeat(388)}"}`,
    false,
    { ...none, input: 1000, output: 101 },
  ],
  ['something else', openai, 'text/plain', 'x'.repeat(40), false, { ...none, input: 1000, output: 10 }],
] as const)('%s is estimated', (_, provider, type, answer, cut, tokens) => {
  const meter = createMeter(provider.reading, type, 4000)
  meter.read(Buffer.from(answer))
  expect(meter.sum(cut)).toMatchObject({ tokens, estimated: true })
})

test('what was told counts, if more than the estimate, and a cut after the end is none', () => {
  const short = createMeter(gemini.reading, SSE, 4000)
  short.read(Buffer.from(GEMINI.stream))
  expect(short.sum(true)).toMatchObject({ tokens: TOLD_GEMINI, estimated: false })
  const whole = createMeter(anthropic.reading, SSE, 4000)
  whole.read(Buffer.from(begun + said('x'.repeat(4000)) + ANTHROPIC.stream.slice(begun.length)))
  expect(whole.sum(true)).toMatchObject({ tokens: TOLD_ANTHROPIC, estimated: false })
})

test('the estimate of the input is no more than a model can read', () => {
  expect(createMeter(openai.reading, SSE, 30_000_000).sum(false).tokens.input).toBe(1_000_000)
})
