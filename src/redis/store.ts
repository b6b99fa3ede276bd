/** The records of everything meant for us, and what others leave beside them. The record is the truth; the queue only names it. */

import type { Redis } from 'ioredis'
import { type Answer, type Entry, isFinished, isRepeated } from '../tasks/entry.ts'
import { type GitLabThread, isFinal, type Outcome, type Place, type Stop, type Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { CREATE, SAY_DOING, UPDATE } from './storeScripts.ts'

/**
 * Keys, below the prefix: `entry:<id>` the record (hash of `json`, `version`); `unfinished` what a sweep has to wake;
 * `branch:<project>:<branch>` the unfinished tasks of one branch in their order, `last:` its newest; `on:<project>:<on>:<iid>` what
 * was asked on one issue or merge request, with the tasks whose merge request it is; `remarked:` when the newest remark there came;
 * `stop:`, `budget:`, `doing:`, `hidden:`, `outcome:` what orders and runs left beside a task; `refused:` who was refused; `took:<project>` how
 * long its tasks took lately. For lists (taskList.ts): `tasks` all tasks by when they were made, `said` everything else, but `again`
 * what only repeats a refusal and stands nowhere else (anybody can make many of those); `changed` by when they last changed,
 * `projects` theirs; `asked:` what was asked on the page, by who asked and with which key.
 */
export type Store = ReturnType<typeof createStore>

type Beside = { stop?: Stop; budget?: number; doing?: string; hidden?: number; outcome?: Outcome }

const HOUR = 3600
/** Durations of a project's tasks that an expectation is made of. */
const REMEMBERED = 20
/** Seconds for which the page may repeat with another body what it asked, and is told so. */
const REPEATED = 7 * 24 * HOUR

export function createStore(redis: Redis, prefix: string) {
  const key = (...parts: (string | number)[]) => `${prefix}:${parts.join(':')}`
  const branchKey = ({ thread, branch }: Task) => key('branch', thread.projectId, branch)
  const onKey = ({ projectId, on, iid }: Place) => key('on', projectId, on, iid)
  const lastKey = (projectId: number, branch: string) => key('last', projectId, branch)
  const remarkedKey = ({ projectId, on, iid }: Place) => key('remarked', projectId, on, iid)
  /** Where a task is found again besides the place it was asked on: under its merge request. */
  const mergeRequestKey = ({ thread: { projectId }, mergeRequest }: Task) =>
    mergeRequest === undefined ? key('on', '-') : onKey({ projectId, on: 'merge_request', iid: mergeRequest.iid })
  const changes = key('changes')
  const changed = key('changed')
  const askedKey = ({ id, occasion }: Task) => key('asked', occasion === 'page' ? (id.split('-w')[1] ?? '-') : '-')

  /** Where an entry is found again. */
  function placesOf(entry: Entry): readonly string[] {
    const asked = entry.thread.on === 'page' || isRepeated(entry) ? [] : [onKey(entry.thread)]
    return entry.kind === 'task' && entry.mergeRequest !== undefined ? [...asked, mergeRequestKey(entry)] : asked
  }

  async function read(id: TaskId): Promise<{ entry: Entry; version: string } | undefined> {
    const [json, version] = await redis.hmget(key('entry', id), 'json', 'version')
    return json == null || version == null ? undefined : { entry: JSON.parse(json), version }
  }

  async function write(entry: Entry, version: string): Promise<boolean> {
    const left = entry.kind === 'task' && isFinal(entry.state)
    const branch = entry.kind === 'task' ? branchKey(entry) : key('branch', '-')
    const merged = entry.kind === 'task' && entry.mergeRequest !== undefined
    const own = merged ? mergeRequestKey(entry) : key('on', '-')
    const keys = [key('entry', entry.id), key('unfinished'), branch, changes, own, changed]
    const flags = [isFinished(entry) ? '1' : '0', left ? '1' : '0', merged ? entry.createdAt : '', entry.kind]
    return (await redis.eval(UPDATE, keys.length, ...keys, version, JSON.stringify(entry), entry.id, ...flags)) === 1
  }

  async function entriesOn(place: Place): Promise<readonly Entry[]> {
    const ids = await redis.zrange(onKey(place), '0', '-1')
    const records = await Promise.all(ids.map(read))
    const gone = ids.filter((_, index) => records[index] === undefined)
    if (gone.length > 0) await redis.zrem(onKey(place), ...gone)
    return records.flatMap((record) => record?.entry ?? [])
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
        key(indexOf(entry)),
        changes,
        key('count'),
        task === undefined ? key('last', '-') : lastKey(task.thread.projectId, task.branch),
        entry.kind === 'remark' ? remarkedKey(entry.thread) : key('remarked', '-'),
        changed,
        key('projects'),
        task === undefined ? key('asked', '-') : askedKey(task),
        ...placesOf(entry),
      ]
      const repeated = task?.occasion === 'page' ? REPEATED : ''
      const about = [entry.id, entry.createdAt, entry.kind, entry.thread.projectId, repeated]
      const args = [JSON.stringify(entry), ...about]
      return (await redis.eval(CREATE, keys.length, ...keys, ...args)) === 1
    },
    async get(id: TaskId): Promise<Entry | undefined> {
      return (await read(id))?.entry
    },
    /** What a person asked on the page with a key, both as one digest: in any project, within a week. */
    async askedAs(digest: string): Promise<TaskId | undefined> {
      return (await redis.get(key('asked', digest))) ?? undefined
    },
    /** Also of what was let go (retention.ts), where nothing else tells that it was there. */
    async exists(id: TaskId): Promise<boolean> {
      return (await redis.exists(key('entry', id), key('forgotten', id))) > 0
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
    /** The projects in which tasks were asked for since then. */
    async projectsSince(time: number): Promise<readonly number[]> {
      const ids = await redis.zrange(key('tasks'), time, '+inf', 'BYSCORE')
      return [...new Set(ids.map((id) => Number.parseInt(id, 10)))]
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
    /** In the order in which they were asked, which need not be the order in which that reached us. */
    async tasksOn(place: Place): Promise<readonly Task[]> {
      const tasks = (await entriesOn(place)).filter((entry) => entry.kind === 'task')
      return tasks.sort((a, b) => a.askedAt - b.askedAt || (a.thread.note ?? 0) - (b.thread.note ?? 0))
    },
    /** What was answered in this discussion without a task, the newest last. */
    async answersIn(thread: GitLabThread): Promise<readonly Answer[]> {
      const all = await entriesOn(thread)
      return all
        .filter((entry) => entry.kind === 'answer')
        .filter((entry) => entry.thread.discussion === thread.discussion)
    },
    async lastOnBranch(projectId: number, branch: string): Promise<Task | undefined> {
      const id = await redis.get(lastKey(projectId, branch))
      const entry = id === null ? undefined : (await read(id))?.entry
      return entry?.kind === 'task' ? entry : undefined
    },
    /** Milliseconds since 1970; 0 where that is longer ago than anybody asks for. */
    async lastRemarkAt(place: Place): Promise<number> {
      return Number((await redis.get(remarkedKey(place))) ?? 0)
    },
    /** Of several that go on with a task at the same moment the first; it is remembered for a minute. */
    async claimRetry(id: TaskId, by: TaskId): Promise<TaskId> {
      await redis.set(key('retrying', id), by, 'EX', 60, 'NX')
      return (await redis.get(key('retrying', id))) ?? by
    },
    /** Kept for a day: an order may come before the task it is meant for is looked at. */
    async askStop(id: TaskId, stop: Stop): Promise<void> {
      await redis.set(key('stop', id), JSON.stringify(stop), 'EX', 24 * HOUR, 'NX')
    },
    async allow(id: TaskId, budget: number): Promise<void> {
      await redis.set(key('budget', id), budget, 'EX', 24 * HOUR)
    },
    /** What the agent is doing now. True when it is time for a look: it would only edit a comment, so at most every 15 s. */
    async saidDoing(id: TaskId, text: string): Promise<boolean> {
      const keys = [key('doing', id), changed, changes, key('woken', id)]
      return (await redis.eval(SAY_DOING, keys.length, ...keys, id, text, 24 * HOUR, 15)) === 1
    },
    /** How many characters its run was not shown; of the newest attempt. */
    async leaveHidden(id: TaskId, characters: number): Promise<void> {
      await redis.set(key('hidden', id), characters, 'EX', 30 * 24 * HOUR)
    },
    /** The first outcome of an attempt stands; what comes later is a repetition. */
    async leaveOutcome(id: TaskId, attempt: number, outcome: Outcome): Promise<void> {
      await redis.set(key('outcome', id, attempt), JSON.stringify(outcome), 'EX', 30 * 24 * HOUR, 'NX')
    },
    async beside({ id, attempt }: Task): Promise<Beside> {
      const keys = [
        key('stop', id),
        key('budget', id),
        key('doing', id),
        key('hidden', id),
        key('outcome', id, attempt),
      ]
      const [stop, budget, doing, hidden, outcome] = await redis.mget(...keys)
      return {
        ...(stop == null ? {} : { stop: JSON.parse(stop) }),
        ...(budget == null ? {} : { budget: Number(budget) }),
        ...(doing == null ? {} : { doing }),
        ...(hidden == null ? {} : { hidden: Number(hidden) }),
        ...(outcome == null ? {} : { outcome: JSON.parse(outcome) }),
      }
    },
    /** Whether somebody was refused here in words within the hour, by another comment than this one. */
    async refusedLately(id: TaskId, { projectId, on, iid }: Place, person: { readonly id: number }): Promise<boolean> {
      const refused = key('refused', projectId, on, iid, person.id)
      const first = await redis.set(refused, id, 'EX', HOUR, 'NX')
      return first === null && (await redis.get(refused)) !== id
    },
    /** Keeps how long a task of the project ran, in milliseconds. */
    async took(projectId: number, ms: number): Promise<void> {
      await redis
        .multi()
        .lpush(key('took', projectId), ms)
        .ltrim(key('took', projectId), 0, REMEMBERED - 1)
        .exec()
    },
    /** How long the project's tasks ran lately, in milliseconds. */
    async lately(projectId: number): Promise<readonly number[]> {
      return (await redis.lrange(key('took', projectId), 0, -1)).map(Number)
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

/** The list it stands in. */
function indexOf(entry: Entry): 'tasks' | 'said' | 'again' {
  if (entry.kind === 'task') return 'tasks'
  return isRepeated(entry) ? 'again' : 'said'
}
