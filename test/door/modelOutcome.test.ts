import { expect, test } from 'vitest'
import { type Outcome, PROTOCOL, RUN_FAILURES } from '../../runtime/protocol.ts'
import { limitsOf } from '../../src/door/modelLimits.ts'
import { asCounted } from '../../src/door/modelOutcome.ts'
import type { Spent } from '../../src/door/modelRefusal.ts'

const NOTHING: Spent = { turns: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 }
const SPENT: Spent = { turns: 30, inputTokens: 5000, outputTokens: 70, costUsd: 5.02 }
const LIMITS = { turns: 30, budget: 5 }

const DONE: Outcome = {
  protocol: PROTOCOL,
  result: 'unchanged',
  answer: 'All is well.',
  usage: { turns: 3, costUsd: 0.07 },
  warnings: [],
  took: {},
}
const failed = (cause: (typeof RUN_FAILURES)[number]): Outcome => ({
  ...DONE,
  result: 'failed',
  failure: { cause, message: 'API Error: 403' },
})

const BUDGET = 'The budget of $5.00 for this task is spent ($5.02).'
const TURNS = 'The 30 calls of the model that this task may make are made (30).'

test.each(
  RUN_FAILURES.flatMap((cause) =>
    (['budget-spent', 'turns-spent', undefined] as const).map((refused) => [cause, refused] as const),
  ),
)('a run that failed by %s, refused by %s', (cause, refused) => {
  const { failure } = asCounted(failed(cause), { ...SPENT, refused }, LIMITS)
  const blames = cause === 'agent-error' || cause === 'model-unavailable'
  if (refused === undefined || !blames) expect(failure).toEqual({ cause, message: 'API Error: 403' })
  else expect(failure).toEqual({ cause: refused, message: refused === 'budget-spent' ? BUDGET : TURNS })
})

test('a run that came to a good end stays one, though it was refused more', () => {
  const counted = asCounted(DONE, { ...SPENT, refused: 'budget-spent' }, LIMITS)
  expect(counted).toEqual({ ...DONE, usage: { turns: 30, inputTokens: 5000, outputTokens: 70, costUsd: 5.02 } })
})

test('what the door has counted is what it used; if it has counted nothing, what the agent says', () => {
  expect(asCounted(failed('stuck'), SPENT, LIMITS).usage).toMatchObject({ turns: 30, costUsd: 5.02 })
  expect(asCounted(DONE, NOTHING, LIMITS)).toEqual(DONE)
  const { usage: _, ...silent } = DONE
  expect(asCounted(silent, NOTHING, LIMITS)).toEqual(silent)
  expect(asCounted(DONE, { ...NOTHING, inputTokens: 9 }, LIMITS).usage).toEqual({
    turns: 0,
    inputTokens: 9,
    outputTokens: 0,
    costUsd: 0,
  })
})

test.each([
  [0.01, 0.0123, 'The budget of $0.01 for this task is spent ($0.0123).'],
  [0.5, 0.5, 'The budget of $0.50 for this task is spent ($0.50).'],
  [1000, 1234.567, 'The budget of $1,000.00 for this task is spent ($1,234.57).'],
])('a budget of %d, of which %d is spent', (budget, costUsd, message) => {
  const { failure } = asCounted(
    failed('agent-error'),
    { ...SPENT, costUsd, refused: 'budget-spent' },
    { turns: 1, budget },
  )
  expect(failure?.message).toBe(message)
})

test.each([
  [undefined, { budget: 20 }, 20],
  [5, { budget: 20 }, 5],
  [50, { budget: 20 }, 20],
  [50, { budget: 20, budgetMax: 100 }, 50],
  [500, { budget: 20, budgetMax: 100 }, 100],
  [undefined, { budget: 20, budgetMax: 100 }, 20],
  [undefined, { budget: 20, budgetMax: 10 }, 10],
])('a comment that asks for %s, where %j, has %d', (budget, settings, has) => {
  expect(limitsOf({ budget }, { turns: 7, ...settings })).toEqual({ turns: 7, budget: has })
})

test.each([
  [undefined, 7],
  [5, 5],
  [70, 7],
])('a project that asks for %s turns, where 7 are the most, has %s', (turns, has) => {
  expect(limitsOf({ ways: { turns } }, { turns: 7, budget: 20 })).toEqual({ turns: has, budget: 20 })
})
