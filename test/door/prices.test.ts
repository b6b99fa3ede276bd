import { expect, test } from 'vitest'
import { dearest, microDollars, priceOf } from '../../src/door/modelCost.ts'
import { LISTED } from '../../src/door/prices.ts'

const none = { input: 0, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0 }

/** Dollars for a thousand tokens of each kind: input, from the cache, to the cache, output. Millionths of them. */
function listed(model: string): readonly number[] | undefined {
  const price = priceOf(model, {})
  if (price === undefined) return undefined
  return (['input', 'cacheRead', 'cacheWrite', 'output'] as const).map((kind) =>
    microDollars({ ...none, [kind]: 1000 }, price),
  )
}

test.each([
  ['claude-opus-5-5', [4000, 200, 5000, 20_000]],
  ['claude-opus-5', [5000, 500, 6250, 25_000]],
  ['claude-opus-4-5-20251101', [5000, 500, 6250, 25_000]],
  ['claude-opus-4-1-20250805', [15_000, 1500, 18_750, 75_000]],
  ['claude-opus-4-20250514', [15_000, 1500, 18_750, 75_000]],
  ['claude-sonnet-5-5', [2000, 100, 2500, 10_000]],
  ['claude-sonnet-5', [2000, 200, 2500, 10_000]],
  ['claude-sonnet-4-5-20250929', [3000, 300, 3750, 15_000]],
  ['claude-haiku-4-5', [1000, 100, 1250, 5000]],
  ['claude-haiku-5-5', [100, 10, 125, 500]],
  ['bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0', [3000, 300, 3750, 15_000]],
  ['claude-sonnet-4-5@20250929', [3000, 300, 3750, 15_000]],
  ['gpt-6-sol', [2000, 200, 2500, 10_000]],
  ['gpt-6.1-sol-2026-09-29', [2000, 100, 2500, 10_000]],
  ['gpt-6.2-astra', [8000, 800, 10_000, 40_000]],
  ['gpt-5.3-codex', [1750, 175, 1750, 14_000]],
  ['gpt-5.1-codex-mini', [250, 25, 250, 2000]],
  ['gpt-5.5-pro', [30_000, 3000, 30_000, 180_000]],
  ['openai/gpt-5', [1250, 125, 1250, 10_000]],
  ['gemini-2.5-pro', [1250, 125, 1250, 10_000]],
  ['models/gemini-3.1-pro-preview', [2000, 200, 2000, 12_000]],
  ['gemini-2.5-flash-lite', [100, 10, 100, 400]],
  ['gemini-3-flash-preview', [500, 50, 500, 3000]],
  ['llama-4', undefined],
  ['', undefined],
  [`claude-opus-5-5${'.'.repeat(200)}`, undefined],
])('a thousand tokens of %s cost %j', (model, micro) => {
  expect(listed(model)).toEqual(micro)
})

test('a recorded run of Claude Code costs what Claude Code says', () => {
  const price = priceOf('claude-opus-5-5', {}) ?? expect.unreachable()
  expect(microDollars({ ...none, input: 36_962, output: 203 }, price)).toBe(151_908)
})

test('a long input makes the whole call dearer, the first token beyond the bound and not before', () => {
  const price = priceOf('claude-haiku-5-5', {}) ?? expect.unreachable()
  const short = { ...none, input: 50_000, cacheRead: 40_000, cacheWrite: 10_000, output: 1000 }
  expect(microDollars(short, price)).toBe(5000 + 400 + 1250 + 500)
  expect(microDollars({ ...short, cacheRead: 40_001 }, price)).toBe(5 * (5000 + 400 + 1250 + 500))
})

test('what is written to the cache for an hour costs twice the input', () => {
  const price = priceOf('claude-sonnet-5-5', {}) ?? expect.unreachable()
  expect(microDollars({ ...none, cacheWriteHour: 1000 }, price)).toBe(4000)
})

test("the operator's prices come first, and what they leave out costs as input", () => {
  const own = {
    'claude-*': { input: 1, output: 2 },
    'claude-opus-5-5': { input: 9, cacheRead: 1, output: 10 },
    'o*': { input: 0, output: 0 },
  }
  expect(priceOf('claude-opus-5-5', own)).toEqual(own['claude-opus-5-5'])
  const cheap = priceOf('eu.claude-haiku-5-5', own) ?? expect.unreachable()
  expect(microDollars({ ...none, input: 1, cacheRead: 10, cacheWrite: 100, output: 1000 }, cheap)).toBe(2111)
  expect(
    microDollars(
      { input: 7, cacheRead: 7, cacheWrite: 7, cacheWriteHour: 7, output: 7 },
      priceOf('ollama', own) ?? expect.unreachable(),
    ),
  ).toBe(0)
  expect(priceOf('gpt-5', own)).toBe(LISTED['gpt-5*'])
})

test('nothing is dearer than the dearest, of no kind of token', () => {
  const own = { local: { input: 1, cacheRead: 99, output: 1, long: { above: 5, input: 77, output: 3 } } }
  expect(dearest(own)).toEqual({ input: 77, cacheRead: 99, cacheWrite: 77, output: 180 })
  const most = dearest({})
  const tokens = { input: 300_000, cacheRead: 1e6, cacheWrite: 1e6, cacheWriteHour: 1e6, output: 1e6 }
  for (const price of Object.values(LISTED)) {
    expect(microDollars(tokens, price)).toBeLessThanOrEqual(microDollars(tokens, most))
  }
})
