/** What a task's runs pushed, kept beside its record: `pushes:<task>`, a hash of one entry for each way a branch was moved. */

import type { Redis } from 'ioredis'

export type Push = {
  readonly branch: string
  /** All zeros: the branch was new. */
  readonly before: string
  readonly after: string
  /** Whether commits that stood on the branch are not on it any more. Absent: GitLab has not said. */
  readonly rewritten?: boolean | undefined
}

export type Pushes = ReturnType<typeof createPushes>

/** Seconds after the last change, where nothing else is said. */
const KEPT = 30 * 24 * 3600
/** No honest run pushes more often; what a wild one does beyond is in our log. */
const MOST = 200

/** KEYS[1] the hash. ARGV: field, entry, most, seconds. An entry keeps the place in the order that it had. */
const RECORD = `
local before = redis.call('hget', KEYS[1], ARGV[1])
local count = redis.call('hlen', KEYS[1])
if not before and count >= tonumber(ARGV[3]) then return 0 end
local place = before and cjson.decode(before).place or count
redis.call('hset', KEYS[1], ARGV[1], '{"place":' .. place .. ',"push":' .. ARGV[2] .. '}')
redis.call('expire', KEYS[1], ARGV[4])
return 1`

/** `kept`: seconds after the last change. */
export function createPushes(redis: Redis, prefix: string, kept = KEPT) {
  const key = (task: string) => `${prefix}:pushes:${task}`
  return {
    /** The same again does nothing, or adds what is known by now. */
    async record(task: string, push: Push): Promise<void> {
      const field = `${push.branch} ${push.before} ${push.after}`
      await redis.eval(RECORD, 1, key(task), field, JSON.stringify(push), MOST, kept)
    },
    /** In the order in which they came, the first 200. */
    async of(task: string): Promise<readonly Push[]> {
      const entries = (await redis.hvals(key(task))).map((json): { place: number; push: Push } => JSON.parse(json))
      return entries.sort((a, b) => a.place - b.place).map(({ push }) => push)
    },
  }
}
