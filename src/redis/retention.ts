/**
 * Forgets what is old and over: tasks with all that stands beside them, answers, orders and remarks, logs. The numbers (ledger.ts) and the
 * trail (audit.ts) stay. Each goes in one step that looks once more whether it may, so that several processes may do it at once.
 */

import type { Redis } from 'ioredis'
import { type Entry, isFinished } from '../tasks/entry.ts'
import type { Place, Task } from '../tasks/task.ts'
import { BOOKS } from './room.ts'

export type Retention = ReturnType<typeof createRetention>

/** Names that are read at once. */
const BATCH = 200
/**
 * Milliseconds for which it is kept that somebody was refused once more. For so long an unanswered comment may be told of again: then it
 * is taken up when a later one of its thread comes (tasks/fromNote.ts).
 */
const REPEATED = 24 * 3600 * 1000
/** Seconds for which a name is kept that would be taken for new, were it told of again: a year. */
const NAMED = 365 * 24 * 3600

/**
 * KEYS: entry, unfinished, the index it is in, changed, changes, its branch, the branch's last, asked, and the places where it is found.
 * ARGV: prefix, id, version, the session of its chain or nothing, how many places, seconds for its name or nothing, and what else goes.
 * A session is kept for who wrote it last, and for the newest task of its branch.
 */
const FORGET = `${BOOKS}
local prefix, id, session, places = ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[5])
if redis.call('hget', KEYS[1], 'version') ~= ARGV[3] or redis.call('zscore', KEYS[2], id) then return 0 end
-- Who is at work on the branch may need what was done on it before.
if redis.call('zcard', KEYS[6]) > 0 then return 0 end
local function another(task)
  return task and task ~= id and redis.call('exists', prefix .. ':entry:' .. task) == 1
end
local last = redis.call('get', KEYS[7])
if session ~= '' and not another(last) and not another(redis.call('hget', prefix .. ':kept:by', session)) then
  local key = prefix .. ':' .. session
  local version = redis.call('hget', key, 'version')
  if version then redis.call('unlink', key .. ':' .. version) end
  redis.call('unlink', key)
  forget(prefix, session)
end
if last == id then redis.call('del', KEYS[7]) end
if redis.call('get', KEYS[8]) == id then redis.call('del', KEYS[8]) end
redis.call('unlink', prefix .. ':log:' .. id)
forget(prefix, 'log:' .. id)
for _, key in ipairs({KEYS[3], KEYS[4]}) do redis.call('zrem', key, id) end
for i = 9, 8 + places do redis.call('zrem', KEYS[i], id) end
redis.call('unlink', KEYS[1])
if ARGV[6] ~= '' then redis.call('set', prefix .. ':forgotten:' .. id, 1, 'EX', ARGV[6]) end
for i = 7, #ARGV do redis.call('unlink', prefix .. ':' .. ARGV[i]) end
redis.call('publish', KEYS[5], id)
return 1`

/** KEYS: kept, unfinished, changes. ARGV: prefix, task, the microsecond before which it was last written. */
const FORGET_LOG = `${BOOKS}
local name = 'log:' .. ARGV[2]
if redis.call('zscore', KEYS[2], ARGV[2]) or tonumber(redis.call('zscore', KEYS[1], name) or '+inf') >= tonumber(ARGV[3]) then return 0 end
redis.call('unlink', ARGV[1] .. ':' .. name)
forget(ARGV[1], name)
redis.call('publish', KEYS[3], ARGV[2])
return 1`

export function createRetention(redis: Redis, prefix: string) {
  const key = (...parts: (string | number)[]) => `${prefix}:${parts.join(':')}`
  const onKey = ({ projectId, on, iid }: Place) => key('on', projectId, on, iid)

  /** Whether it is gone. */
  async function forget(index: string, id: string, before: number): Promise<boolean> {
    const [json, version] = await redis.hmget(key('entry', id), 'json', 'version')
    if (json == null || version == null) {
      await redis.multi().zrem(key(index), id).zrem(key('changed'), id).exec()
      return true
    }
    const entry: Entry = JSON.parse(json)
    const over = entry.kind === 'task' ? (entry.endedAt ?? Number.POSITIVE_INFINITY) : entry.createdAt
    if (!isFinished(entry) || over >= before) return false
    const task = entry.kind === 'task' ? entry : undefined
    const { projectId } = entry.thread
    const branch = task?.branch ?? '-'
    const places = placesOf(entry).map(onKey)
    const keys = [
      key('entry', id),
      key('unfinished'),
      key(index),
      key('changed'),
      key('changes'),
      key('branch', projectId, branch),
      key('last', projectId, branch),
      key('asked', id.split('-w')[1] ?? '-'),
      ...places,
    ]
    const session = task === undefined ? '' : `session:${task.first}:${task.agent}`
    const named = isMarked(entry) ? '' : NAMED
    const args = [prefix, id, version, session, places.length, named, ...(task === undefined ? [] : besides(task))]
    return (await redis.eval(FORGET, keys.length, ...keys, ...args)) === 1
  }

  /** Goes through names from the oldest on; `next` gives those behind the first so many, which stay. `looks`: how many may stay. */
  async function each(
    most: number,
    next: (skip: number) => Promise<readonly string[]>,
    goes: (name: string) => Promise<boolean>,
    looks = most,
  ): Promise<number> {
    let [gone, stayed] = [0, 0]
    while (gone < most && stayed < looks) {
      const names = await next(stayed)
      if (names.length === 0) break
      for (const name of names) {
        if (gone === most) break
        if (await goes(name)) gone += 1
        else stayed += 1
      }
    }
    return gone
  }

  /** Of a list with more than `kept` the oldest that are over; gives how many. */
  async function shorten(index: string, kept: number, most: number): Promise<number> {
    const surplus = Math.min(most, (await redis.zcard(key(index))) - kept)
    if (surplus <= 0) return 0
    return each(
      surplus,
      (skip) => redis.zrange(key(index), skip, String(skip + BATCH - 1)),
      (id) => forget(index, id, Number.POSITIVE_INFINITY),
      // However many of the oldest are at work: those behind them go.
      most,
    )
  }

  return {
    /** What ended before then (milliseconds since 1970), `most` of each kind; gives how much that was. */
    async forgetEntries(before: number, most: number): Promise<number> {
      const until = { tasks: before, said: before, again: Math.max(before, Date.now() - REPEATED) }
      let gone = 0
      for (const [index, time] of Object.entries(until)) {
        gone += await each(
          most,
          (skip) => redis.zrange(key(index), '-inf', String(time), 'BYSCORE', 'LIMIT', skip, BATCH),
          (id) => forget(index, id, time),
        )
      }
      return gone
    },
    /** So many are kept: of more, the oldest that are over go, `most` of each kind; gives how many. Repeated refusals push out nothing else. */
    async keepNewest(
      tasks: number,
      answers: number,
      most: number,
    ): Promise<{ readonly tasks: number; readonly answers: number }> {
      return {
        tasks: await shorten('tasks', tasks, most),
        answers: (await shorten('again', answers, most)) + (await shorten('said', answers, most)),
      }
    },
    /** Logs of tasks that are over, last written before then. What agents remember goes by itself (room.ts). */
    async forgetLogs(before: number, most: number): Promise<number> {
      const until = before * 1000
      return each(
        most,
        async (skip) => redis.zrange(key('kept'), '-inf', String(until), 'BYSCORE', 'LIMIT', skip, BATCH),
        async (name) => {
          if (!name.startsWith('log:')) return false
          const keys = [key('kept'), key('unfinished'), key('changes')]
          return (await redis.eval(FORGET_LOG, keys.length, ...keys, prefix, name.slice(4), until)) === 1
        },
      )
    },
  }
}

/** Whether a mark of ours in GitLab tells that it was dealt with, as it does when Redis is emptied. */
function isMarked(entry: Entry): boolean {
  switch (entry.kind) {
    case 'task':
      return entry.occasion !== 'pipeline' && (entry.reply?.note !== undefined || entry.onPage === true)
    case 'answer':
      // Who was refused twice may be refused once more: that is a reaction, and names of such are not to pile up.
      return !entry.saying.say.startsWith('pipeline-')
    case 'order':
    case 'remark':
      return true
  }
}

/** Where store.ts finds it again. */
function placesOf(entry: Entry): readonly Place[] {
  const { projectId } = entry.thread
  const asked = entry.thread.on === 'page' ? [] : [entry.thread]
  const iid = entry.kind === 'task' ? entry.mergeRequest?.iid : undefined
  return iid === undefined ? asked : [...asked, { projectId, on: 'merge_request', iid }]
}

/** What store.ts, pushes.ts, spending.ts, phases.ts and masks.ts keep beside a task, below the prefix. */
function besides({ id, attempt }: Task): readonly string[] {
  const attempts = Array.from({ length: attempt }, (_, index) => index + 1)
  return [
    ...['stop', 'budget', 'doing', 'woken', 'hidden', 'pushes', 'spent', 'phases'].map((name) => `${name}:${id}`),
    ...attempts.flatMap((number) => [`outcome:${id}:${number}`, `masks:${id}:${number}`]),
  ]
}
