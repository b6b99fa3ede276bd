import { Redis } from 'ioredis'
import { afterAll, expect, inject, test } from 'vitest'
import { createLedger } from '../../src/redis/ledger.ts'
import { type Row, rowOf } from '../../src/tasks/numbers.ts'
import { aTask, T0 } from '../tasks/aTask.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())
let ledgers = 0
const aLedger = () => createLedger(redis, `{ledger-${process.pid}-${ledgers++}}`)
const SPENT = { costUsd: 0.25, inputTokens: 1000, outputTokens: 20 }
const DAY = 24 * 3600 * 1000

const row = (changes: Partial<Row> = {}): Row => ({ ...rowOf(aTask(), SPENT), ...changes })

test('a row is what a task leaves, by the day on which it was asked for, and the same again is the same', async () => {
  const ledger = aLedger()
  const whole = row({ result: 'succeeded', endedAt: T0 + 9000, mergeRequest: 3, openedAt: T0 + 8000, model: 'opus' })
  await ledger.write(row())
  await ledger.write(whole)
  await ledger.write(row({ id: '42-n1', createdAt: T0 + DAY }))
  expect(await ledger.rows('2026-11-22', '2026-11-22')).toEqual([whole])
  expect((await ledger.rows('2026-11-01', '2026-11-23')).map(({ id }) => id).toSorted()).toEqual(['42-n1', '42-n1337'])
  expect(await ledger.rows('2026-11-24', '2026-11-23')).toEqual([])
})

test('a merge is known of the row that opened the merge request, whichever of the two came first', async () => {
  const ledger = aLedger()
  await ledger.noteMerged([{ projectId: 42, iid: 3, at: T0 + DAY }])
  await ledger.noteMerged([])
  await ledger.write(row({ id: '42-n1', mergeRequest: 3, openedAt: T0 + 8000 }))
  await ledger.write(row({ id: '42-n2', mergeRequest: 3 }))
  await ledger.write(row({ id: '43-n3', projectId: 43, mergeRequest: 3, openedAt: T0 + 8000 }))
  const merged = new Map((await ledger.rows('2026-11-22', '2026-11-22')).map(({ id, mergedAt }) => [id, mergedAt]))
  expect(Object.fromEntries(merged)).toEqual({ '42-n1': T0 + DAY, '42-n2': null, '43-n3': null })
})
