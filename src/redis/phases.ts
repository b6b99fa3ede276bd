/** When each phase of a task's newest attempt was first told: `phases:<id>`, a hash of `attempt` and a time for each phase. */

import type { Redis } from 'ioredis'
import type { TaskId } from '../tasks/taskId.ts'

/** Milliseconds since 1970, by the phase's name. */
export type PhaseTimes = Readonly<Record<string, number>>

/** Seconds after the last change, where nothing else is said. */
const KEPT = 30 * 24 * 3600

/** KEYS[1] the task's hash. ARGV: attempt, phase, seconds. By Redis' clock: there are several doors. */
const TELL = `
local known = tonumber(redis.call('hget', KEYS[1], 'attempt') or 0)
local attempt = tonumber(ARGV[1])
if attempt < known then return 0 end
if attempt > known then
  redis.call('del', KEYS[1])
  redis.call('hset', KEYS[1], 'attempt', attempt)
end
local now = redis.call('time')
local is = redis.call('hsetnx', KEYS[1], ARGV[2], now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('expire', KEYS[1], ARGV[3])
return is`

export type Phases = ReturnType<typeof createPhases>

/** `kept`: seconds after the last change. */
export function createPhases(redis: Redis, prefix: string, kept = KEPT) {
  const key = (task: TaskId) => `${prefix}:phases:${task}`
  return {
    /** The first time counts, and is told from others by true; an older attempt is past. */
    async tell(task: TaskId, attempt: number, phase: string): Promise<boolean> {
      return (await redis.eval(TELL, 1, key(task), attempt, phase, kept)) === 1
    },
    /** Empty for an attempt that has told none, and for a task that has been forgotten. */
    async of(task: TaskId, attempt: number): Promise<PhaseTimes> {
      const { attempt: known, ...times } = await redis.hgetall(key(task))
      if (Number(known) !== attempt) return {}
      return Object.fromEntries(Object.entries(times).map(([phase, at]) => [phase, Number(at)]))
    },
  }
}
