/** What stays of every task for the numbers: one small row, kept when all else about it is long gone. */

import type { Redis } from 'ioredis'
import { dayOf, daysBetween, type Row } from '../tasks/numbers.ts'

/**
 * Keys, below the prefix: `ledger:<day>` the rows of the tasks asked for on that day in UTC (hash by their ids, about 150 bytes
 * each); `merged` when merge requests were merged (hash by `<project>:<iid>`).
 */
export type Ledger = ReturnType<typeof createLedger>

/** What GitLab says of a merge request; milliseconds since 1970. */
export type Merged = { readonly projectId: number; readonly iid: number; readonly at: number }

/** In this order it is written; new ones come to the end, and are null in older rows. */
const FIELDS = [
  'projectId',
  'path',
  'agent',
  'model',
  'asker',
  'createdAt',
  'startedAt',
  'endedAt',
  'result',
  'cause',
  'costUsd',
  'tokens',
  'mergeRequest',
  'openedAt',
] as const satisfies readonly (keyof Row)[]

export function createLedger(redis: Redis, prefix: string) {
  const dayKey = (day: string) => `${prefix}:ledger:${day}`
  const mergedKey = `${prefix}:merged`
  return {
    /** The same again changes nothing. */
    async write(row: Row): Promise<void> {
      await redis.hset(dayKey(dayOf(row.createdAt)), row.id, JSON.stringify(FIELDS.map((field) => row[field])))
    },
    async noteMerged(merged: readonly Merged[]): Promise<void> {
      if (merged.length === 0) return
      await redis.hset(mergedKey, ...merged.flatMap(({ projectId, iid, at }) => [`${projectId}:${iid}`, at]))
    },
    /** Of the tasks asked for on these days, both included, as 2026-11-22; in no order. */
    async rows(fromDay: string, toDay: string): Promise<readonly Row[]> {
      const pipeline = redis.pipeline()
      for (const day of daysBetween(fromDay, toDay)) pipeline.hgetall(dayKey(day))
      const answers = (await pipeline.exec()) ?? []
      const rows = answers.flatMap(([error, found]) => {
        if (error !== null) throw error
        return Object.entries(found as Record<string, string>).map(([id, json]) => read(id, json))
      })
      const opened = rows.filter(({ openedAt }) => openedAt !== null)
      if (opened.length === 0) return rows
      const times = await redis.hmget(mergedKey, ...opened.map((row) => `${row.projectId}:${row.mergeRequest}`))
      const mergedAt = new Map(opened.map(({ id }, index) => [id, times[index] ?? undefined]))
      return rows.map((row) => {
        const at = mergedAt.get(row.id)
        return at === undefined ? row : { ...row, mergedAt: Number(at) }
      })
    },
  }
}

function read(id: string, json: string): Row {
  const values: unknown[] = JSON.parse(json)
  const fields = Object.fromEntries(FIELDS.map((field, index) => [field, values[index] ?? null]))
  return { id, mergedAt: null, ...fields } as Row
}
