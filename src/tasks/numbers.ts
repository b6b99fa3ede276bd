/** What becomes of the tasks, in numbers. Pure: of one row for each. */

import { isFinal, type Task } from './task.ts'
import type { TaskId } from './taskId.ts'

/** What stays of a task when it is over. Times are milliseconds since 1970, money US dollars. */
export type Row = {
  readonly id: TaskId
  readonly projectId: number
  /** The project's path as it was then. */
  readonly path: string
  readonly agent: string
  readonly model: string | null
  /** A user name. */
  readonly asker: string
  readonly createdAt: number
  readonly startedAt: number | null
  /** Null while it goes on, as `result`. */
  readonly endedAt: number | null
  readonly result: 'succeeded' | 'failed' | 'cancelled' | null
  /** Why it failed. */
  readonly cause: string | null
  readonly costUsd: number
  readonly tokens: number
  /** Its merge request's iid; `openedAt` where that came with it, `mergedAt` once it was merged. */
  readonly mergeRequest: number | null
  readonly openedAt: number | null
  readonly mergedAt: number | null
}

/** Rates are 0 to 1; null where there is nothing to divide by. */
export type Sums = {
  readonly asked: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** Merge requests that were opened, and how many of these were merged. */
  readonly mergeRequests: number
  readonly merged: number
  /** Of the tasks that came to an end by themselves. */
  readonly successRate: number | null
  readonly mergeRate: number | null
  /** The median, from being asked to the open merge request. */
  readonly secondsToMergeRequest: number | null
  readonly costUsd: number
  /** All costs, also of what came to nothing, for each merge request that was merged. */
  readonly costPerMergedUsd: number | null
  readonly tokens: number
}

export type Numbers = {
  readonly total: Sums
  /** Every day, in UTC, as 2026-11-22; the oldest first. */
  readonly days: readonly ({ readonly day: string } & Sums)[]
  /** Those with the most tasks first. */
  readonly projects: readonly ({ readonly id: number; readonly path: string } & Sums)[]
}

/** Milliseconds. */
const DAY = 24 * 3600 * 1000

/** A task counts for the day on which it was asked for, in UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** All days from one to another, both included; none where the first comes later. */
export function daysBetween(from: string, to: string): readonly string[] {
  const days = (Date.parse(to) - Date.parse(from)) / DAY + 1
  return Array.from({ length: Math.max(0, days) }, (_, index) => dayOf(Date.parse(from) + index * DAY))
}

export function rowOf(
  task: Task,
  { costUsd, inputTokens, outputTokens }: { costUsd: number; inputTokens: number; outputTokens: number },
): Row {
  const { id, thread, repository, agent, model, asker, createdAt, startedAt, endedAt, end, mergeRequest, openedAt } =
    task
  return {
    id,
    projectId: thread.projectId,
    path: repository,
    agent,
    model: model ?? null,
    asker: asker.username,
    createdAt,
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    result: end !== undefined && isFinal(task.state) ? end.is : null,
    cause: end?.is === 'failed' ? end.cause : null,
    costUsd,
    tokens: inputTokens + outputTokens,
    mergeRequest: mergeRequest?.iid ?? null,
    openedAt: openedAt ?? null,
    mergedAt: null,
  }
}

/** `days`: all that are wanted, also those on which nothing was asked. */
export function numbers(rows: readonly Row[], days: readonly string[]): Numbers {
  const byDay = Map.groupBy(rows, ({ createdAt }) => dayOf(createdAt))
  const byProject = [...Map.groupBy(rows, ({ projectId }) => projectId)]
  return {
    total: sumsOf(rows),
    days: days.map((day) => ({ day, ...sumsOf(byDay.get(day) ?? []) })),
    projects: byProject
      // A project that was moved is known by its newest path.
      .map(([id, own]) => ({ id, path: newest(own)?.path ?? '', ...sumsOf(own) }))
      .sort((a, b) => b.asked - a.asked || a.id - b.id),
  }
}

function sumsOf(rows: readonly Row[]): Sums {
  const ended = (as: Row['result']) => rows.filter(({ result }) => result === as).length
  const [succeeded, failed, cancelled] = [ended('succeeded'), ended('failed'), ended('cancelled')]
  const opened = rows.flatMap(({ openedAt, ...row }) => (openedAt === null ? [] : [{ openedAt, ...row }]))
  const merged = opened.filter(({ mergedAt }) => mergedAt !== null).length
  const costUsd = rows.reduce((sum, row) => sum + row.costUsd, 0)
  return {
    asked: rows.length,
    succeeded,
    failed,
    cancelled,
    mergeRequests: opened.length,
    merged,
    successRate: part(succeeded, succeeded + failed),
    mergeRate: part(merged, opened.length),
    secondsToMergeRequest: median(opened.map(({ openedAt, createdAt }) => (openedAt - createdAt) / 1000)),
    costUsd,
    costPerMergedUsd: part(costUsd, merged),
    tokens: rows.reduce((sum, row) => sum + row.tokens, 0),
  }
}

function newest(rows: readonly Row[]): Row | undefined {
  return rows.reduce<Row | undefined>((last, row) => (row.createdAt >= (last?.createdAt ?? 0) ? row : last), undefined)
}

function part(some: number, all: number): number | null {
  return all === 0 ? null : some / all
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
