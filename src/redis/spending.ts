/** What each task has used of the models, all its attempts together. */

import type { Redis } from 'ioredis'
import type { Cause } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'

export type SpentCause = Extract<Cause, 'budget-spent' | 'turns-spent'>

/** Numbers that are added up; all are whole. Tokens that came from a cache or went into one are not in `input`. */
export type Use = {
  /** Calls that were answered. */
  readonly turns: number
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
  /** Millionths of a US dollar. */
  readonly microUsd: number
  /** Calls of which a part is a guess. */
  readonly estimated: number
}

export type Spent = {
  readonly turns: number
  /** Of all kinds, cached ones too. */
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars. */
  readonly costUsd: number
  /** How many of the calls are in these sums with a guess. */
  readonly estimated: number
  /** Why the task was refused more, the first time. */
  readonly refused?: SpentCause
}

const FIELDS = ['turns', 'input', 'cacheRead', 'cacheWrite', 'output', 'microUsd', 'estimated'] as const
/** Seconds after the last change, where nothing else is said. */
const KEPT = 30 * 24 * 3600

/** KEYS[1] the task's hash. ARGV: seconds, then fields and what to add to each. */
const ADD = `
for i = 2, #ARGV, 2 do redis.call('hincrby', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('expire', KEYS[1], ARGV[1])`

/** KEYS[1] the task's hash. ARGV: seconds, cause. */
const REFUSE = `
redis.call('hsetnx', KEYS[1], 'refused', ARGV[2])
redis.call('expire', KEYS[1], ARGV[1])`

export type Spending = ReturnType<typeof createSpending>

/** `kept`: seconds after the last change. */
export function createSpending(redis: Redis, prefix: string, kept = KEPT) {
  const key = (task: TaskId) => `${prefix}:spent:${task}`
  return {
    async add(task: TaskId, use: Use): Promise<void> {
      await redis.eval(ADD, 1, key(task), kept, ...FIELDS.flatMap((field) => [field, use[field]]))
    },
    /** All zero for a task that has used nothing, and for one that has been forgotten. */
    async of(task: TaskId): Promise<Spent> {
      const [refused, ...sums] = await redis.hmget(key(task), 'refused', ...FIELDS)
      const [turns = 0, input = 0, cacheRead = 0, cacheWrite = 0, output = 0, microUsd = 0, estimated = 0] =
        sums.map(Number)
      return {
        turns,
        inputTokens: input + cacheRead + cacheWrite,
        outputTokens: output,
        costUsd: microUsd / 1e6,
        estimated,
        ...(refused == null ? {} : { refused: refused as SpentCause }),
      }
    },
    /** The first cause stays. */
    async refuse(task: TaskId, cause: SpentCause): Promise<void> {
      await redis.eval(REFUSE, 1, key(task), kept, cause)
    },
  }
}
