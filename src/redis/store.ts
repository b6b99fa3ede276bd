/** The records of everything meant for us, and what others leave beside them. The record is the truth; the queue only names it. */

import type { Redis } from 'ioredis'
import { type Entry, isFinished } from '../tasks/entry.ts'
import { isFinal, type Outcome, type Stop, type Task, type TaskId, type Thread } from '../tasks/task.ts'

/**
 * Keys, below the prefix: `entry:<id>` the record (hash of `json`, `version`); `unfinished` what a sweep has to wake;
 * `branch:<project>:<branch>` the tasks of one branch in their order; `on:<project>:<on>:<iid>` the tasks of one issue
 * or merge request; `stop:`, `doing:`, `outcome:` what orders and runs left beside a task; `refused:` who was refused.
 */
export type Store = ReturnType<typeof createStore>

const CREATE = `
if redis.call('exists', KEYS[1]) == 1 then return 0 end
redis.call('hset', KEYS[1], 'json', ARGV[1], 'version', 1)
redis.call('zadd', KEYS[2], ARGV[3], ARGV[2])
if ARGV[4] == 'task' then
  -- Counted here, and not by anybody's clock: nobody comes in before one who has begun.
  redis.call('zadd', KEYS[3], redis.call('incr', KEYS[7]), ARGV[2])
  redis.call('zadd', KEYS[4], ARGV[3], ARGV[2])
  redis.call('zadd', KEYS[5], ARGV[3], ARGV[2])
end
redis.call('publish', KEYS[6], ARGV[2])
return 1`

const UPDATE = `
if redis.call('hget', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('hset', KEYS[1], 'json', ARGV[2], 'version', ARGV[1] + 1)
if ARGV[4] == '1' then redis.call('zrem', KEYS[2], ARGV[3]) end
if ARGV[5] == '1' then redis.call('zrem', KEYS[3], ARGV[3]) end
redis.call('publish', KEYS[4], ARGV[3])
return 1`

const HOUR = 3600

export function createStore(redis: Redis, prefix: string) {
  const key = (...parts: (string | number)[]) => `${prefix}:${parts.join(':')}`
  const branchKey = ({ thread, branch }: Task) => key('branch', thread.projectId, branch)
  const onKey = ({ projectId, on, iid }: Pick<Thread, 'projectId' | 'on' | 'iid'>) => key('on', projectId, on, iid)
  const changes = key('changes')

  async function read(id: TaskId): Promise<{ entry: Entry; version: string } | undefined> {
    const [json, version] = await redis.hmget(key('entry', id), 'json', 'version')
    return json == null || version == null ? undefined : { entry: JSON.parse(json), version }
  }

  async function write(entry: Entry, version: string): Promise<boolean> {
    const left = entry.kind === 'task' && isFinal(entry.state)
    const branch = entry.kind === 'task' ? branchKey(entry) : key('branch', '-')
    const keys = [key('entry', entry.id), key('unfinished'), branch, changes]
    const flags = [isFinished(entry) ? '1' : '0', left ? '1' : '0']
    return (await redis.eval(UPDATE, keys.length, ...keys, version, JSON.stringify(entry), entry.id, ...flags)) === 1
  }

  return {
    changes,
    /** False when the record was there already, as it is after a repeated delivery. */
    async create(entry: Entry): Promise<boolean> {
      const task = entry.kind === 'task' ? entry : undefined
      const branch = task === undefined ? key('branch', '-') : branchKey(task)
      const keys = [
        key('entry', entry.id),
        key('unfinished'),
        branch,
        onKey(entry.thread),
        key('tasks'),
        changes,
        key('count'),
      ]
      const args = [JSON.stringify(entry), entry.id, entry.createdAt, entry.kind]
      return (await redis.eval(CREATE, keys.length, ...keys, ...args)) === 1
    },
    async get(id: TaskId): Promise<Entry | undefined> {
      return (await read(id))?.entry
    },
    async exists(id: TaskId): Promise<boolean> {
      return (await redis.exists(key('entry', id))) === 1
    },
    /** Compare-and-set. `change` sees the newest record and is asked again when somebody else was faster. */
    async update<E extends Entry>(entry: E, change: (newest: E) => E): Promise<E> {
      for (;;) {
        const found = await read(entry.id)
        if (found === undefined) throw new Error(`the record of ${entry.id} is gone`)
        const changed = change(found.entry as E)
        if (changed === found.entry || (await write(changed, found.version))) return changed
      }
    },
    async unfinished(): Promise<readonly TaskId[]> {
      return redis.zrange(key('unfinished'), '0', '-1')
    },
    /** How many unfinished tasks of the same branch come first. */
    async ahead(task: Task): Promise<number> {
      return (await redis.zrank(branchKey(task), task.id)) ?? 0
    },
    /** The tasks that wait behind this one for its branch. */
    async behind(task: Task): Promise<readonly TaskId[]> {
      const all = await redis.zrange(branchKey(task), '0', '-1')
      return all.filter((id) => id !== task.id)
    },
    /** In the order of the notes that asked, which need not be the order in which they reached us. */
    async tasksOn(thread: Thread): Promise<readonly Task[]> {
      const ids = await redis.zrange(onKey(thread), '0', '-1')
      const found = await Promise.all(ids.map(read))
      const tasks = found.flatMap((record) => (record?.entry.kind === 'task' ? [record.entry] : []))
      return tasks.sort((a, b) => a.thread.note - b.thread.note)
    },
    /** Kept for a day: an order may come before the task it is meant for is looked at. */
    async askStop(id: TaskId, stop: Stop): Promise<void> {
      await redis.set(key('stop', id), JSON.stringify(stop), 'EX', 24 * HOUR, 'NX')
    },
    /** What the agent is doing now. True when it is time for a look: it would only edit a comment, so at most every 15 s. */
    async saidDoing(id: TaskId, text: string): Promise<boolean> {
      await redis.set(key('doing', id), text, 'EX', 24 * HOUR)
      await redis.publish(changes, id)
      return (await redis.set(key('woken', id), '1', 'EX', 15, 'NX')) !== null
    },
    /** The first outcome of an attempt stands; what comes later is a repetition. */
    async leaveOutcome(id: TaskId, attempt: number, outcome: Outcome): Promise<void> {
      await redis.set(key('outcome', id, attempt), JSON.stringify(outcome), 'EX', 30 * 24 * HOUR, 'NX')
    },
    async beside({ id, attempt }: Task): Promise<{ stop?: Stop; doing?: string; outcome?: Outcome }> {
      const [stop, doing, outcome] = await redis.mget(key('stop', id), key('doing', id), key('outcome', id, attempt))
      return {
        ...(stop == null ? {} : { stop: JSON.parse(stop) }),
        ...(doing == null ? {} : { doing }),
        ...(outcome == null ? {} : { outcome: JSON.parse(outcome) }),
      }
    },
    /** Whether somebody was refused here in words within the hour, by another comment than this one. */
    async refusedLately(id: TaskId, { projectId, on, iid }: Thread, person: { readonly id: number }): Promise<boolean> {
      const refused = key('refused', projectId, on, iid, person.id)
      const first = await redis.set(refused, id, 'EX', HOUR, 'NX')
      return first === null && (await redis.get(refused)) !== id
    },
    /** False of a new Redis, and of one that was emptied. */
    async isClaimed(): Promise<boolean> {
      return (await redis.exists(key('gitlab'))) === 1
    },
    /** A Redis belongs to one GitLab: ids of another would be taken for its own. */
    async claim(gitlabUrl: string): Promise<void> {
      await redis.set(key('gitlab'), gitlabUrl, 'NX')
      const owner = await redis.get(key('gitlab'))
      if (owner !== gitlabUrl) {
        throw new Error(`This Redis holds the tasks of ${owner}. Give ${gitlabUrl} a Redis of its own: set REDIS_URL.`)
      }
    },
  }
}
