import { expect, test } from 'vitest'
import { daysBetween, numbers, type Row, rowOf } from '../../src/tasks/numbers.ts'
import { after, aTask, PUSHED, T0 } from './aTask.ts'

const SPENT = { costUsd: 0, inputTokens: 0, outputTokens: 0 }
const DAY = 24 * 3600 * 1000
const row = (changes: Partial<Row>): Row => ({ ...rowOf(aTask(), SPENT), ...changes })
const opened = (seconds: number, changes: Partial<Row> = {}): Row =>
  row({ result: 'succeeded', mergeRequest: 1, openedAt: T0 + seconds * 1000, ...changes })

const NOTHING = {
  asked: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  mergeRequests: 0,
  merged: 0,
  successRate: null,
  mergeRate: null,
  secondsToMergeRequest: null,
  costUsd: 0,
  costPerMergedUsd: null,
  tokens: 0,
}

const TABLE: readonly (readonly [what: string, rows: readonly Row[], sums: Partial<typeof NOTHING> | object])[] = [
  ['nothing', [], {}],
  ['what goes on', [row({})], { asked: 1 }],
  ['a success without a change', [row({ result: 'succeeded' })], { asked: 1, succeeded: 1, successRate: 1 }],
  [
    'what was cancelled says nothing of success',
    [row({ result: 'cancelled' }), row({ result: 'failed' }), row({ result: 'succeeded' })],
    { asked: 3, succeeded: 1, failed: 1, cancelled: 1, successRate: 0.5 },
  ],
  [
    'a follow-up on a merge request opens none',
    [opened(60, { mergedAt: T0 + DAY }), row({ result: 'succeeded', mergeRequest: 1 })],
    {
      asked: 2,
      succeeded: 2,
      successRate: 1,
      mergeRequests: 1,
      merged: 1,
      mergeRate: 1,
      secondsToMergeRequest: 60,
      costPerMergedUsd: 0,
    },
  ],
  [
    'the median of an even number is between the two in the middle',
    [opened(10), opened(1000), opened(20), opened(30)],
    { asked: 4, succeeded: 4, successRate: 1, mergeRequests: 4, mergeRate: 0, secondsToMergeRequest: 25 },
  ],
  [
    'all costs are for what was merged, also those of what failed',
    [opened(10, { mergedAt: T0, costUsd: 1, tokens: 7 }), row({ result: 'failed', costUsd: 3, tokens: 5 })],
    {
      asked: 2,
      succeeded: 1,
      failed: 1,
      successRate: 0.5,
      mergeRequests: 1,
      merged: 1,
      mergeRate: 1,
      secondsToMergeRequest: 10,
      costUsd: 4,
      costPerMergedUsd: 4,
      tokens: 12,
    },
  ],
]

test.each(TABLE)('%s', (_, rows, sums) => {
  expect(numbers(rows, []).total).toEqual({ ...NOTHING, ...sums })
})

test('every day that is wanted has its sums, and every project its newest path', () => {
  const days = daysBetween('2026-11-21', '2026-11-23')
  const rows = [
    row({ path: 'demo/shop' }),
    row({ path: 'demo/store', createdAt: T0 + DAY, result: 'failed' }),
    row({ projectId: 7, path: 'a/b', createdAt: T0 + DAY }),
  ]
  const made = numbers(rows, days)
  expect(made.days.map(({ day, asked, failed }) => [day, asked, failed])).toEqual([
    ['2026-11-21', 0, 0],
    ['2026-11-22', 1, 0],
    ['2026-11-23', 2, 1],
  ])
  expect(made.projects.map(({ id, path, asked }) => [id, path, asked])).toEqual([
    [42, 'demo/store', 2],
    [7, 'a/b', 1],
  ])
})

test('a row of a task that opened a merge request', () => {
  const outcome = { result: 'pushed', pushed: PUSHED, warnings: [] } as const
  const task = after(
    aTask({ model: 'opus' }),
    { fact: 'attempt', number: 1 },
    { fact: 'running', attempt: 1, since: T0 + 1500 },
    { fact: 'ended', end: { is: 'succeeded', outcome } },
    { fact: 'merge-request', iid: 9, url: 'u' },
    { fact: 'replied', note: 1 },
  )
  const spent = { costUsd: 0.5, inputTokens: 10, outputTokens: 2 }
  expect(rowOf(task, spent).result, 'it is being told still').toBeNull()
  expect(rowOf(after(task, { fact: 'finished' }), spent)).toEqual({
    id: '42-n1337',
    projectId: 42,
    path: 'demo/shop',
    agent: 'claude',
    model: 'opus',
    asker: 'dora',
    createdAt: T0,
    startedAt: T0 + 1500,
    endedAt: T0 + 1000,
    result: 'succeeded',
    cause: null,
    costUsd: 0.5,
    tokens: 12,
    mergeRequest: 9,
    openedAt: T0 + 4000,
    mergedAt: null,
  })
})
