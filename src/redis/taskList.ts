/** Lists of tasks: the newest, page by page, and what has changed. The records are store.ts's. */

import type { Redis } from 'ioredis'
import type { Entry } from '../tasks/entry.ts'
import { isFinal, type State, type Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'

export type TaskQuery = {
  readonly status?: readonly State[] | undefined
  readonly projectId?: number | undefined
  /** A user name. */
  readonly person?: string | undefined
  /** Whether tasks of this project count; decided by their names, without reading them. */
  readonly projects?: ((projectId: number) => Promise<boolean>) | undefined
}

/** `next`: where the following page begins; null where there is none. A page may be short and have a next one. */
export type TaskPage = { readonly tasks: readonly Task[]; readonly next: string | null }

export type TaskList = ReturnType<typeof createTaskList>

/** Names that are read at once, and records. */
const NAMES = 1000
const RECORDS = 100
/** Records that one page reads at most, whatever it looks for, and how often it asks for names. */
const MOST = 2000
const ROUNDS = 50

/** Where a page begins: behind the task of this name, which was made then. */
type Cursor = { readonly at: number; readonly id: TaskId }

const CURSOR = /^(\d{1,16})_(\d+-\w+)$/

/** Whether a text can be a `next` that we gave. */
export function isCursor(text: string): boolean {
  return CURSOR.test(text)
}

export function createTaskList(redis: Redis, prefix: string) {
  const key = (...parts: string[]) => [prefix, ...parts].join(':')

  /** The next names, newest first. */
  async function namesBehind(index: string, cursor: Cursor | undefined): Promise<readonly Cursor[]> {
    const rank = cursor === undefined ? -1 : await redis.zrevrank(index, cursor.id)
    // It may have left the index since: then all that are younger than it are passed over.
    const from = rank === null ? await redis.zcount(index, `(${cursor?.at}`, '+inf') : rank + 1
    const flat = await redis.zrange(index, from, String(from + NAMES - 1), 'REV', 'WITHSCORES')
    return Array.from({ length: flat.length / 2 }, (_, index) => ({
      id: flat[2 * index] ?? '',
      at: Number(flat[2 * index + 1]),
    }))
  }

  async function read(ids: readonly TaskId[]): Promise<readonly Task[]> {
    const pipeline = redis.pipeline()
    for (const id of ids) pipeline.hget(key('entry', id), 'json')
    const answers = (await pipeline.exec()) ?? []
    return answers.flatMap(([error, json]) => {
      if (error !== null) throw error
      const entry: Entry | undefined = typeof json === 'string' ? JSON.parse(json) : undefined
      return entry?.kind === 'task' ? [entry] : []
    })
  }

  return {
    /** Newest first; `before` is a `next`. Only what `keep` keeps counts; it is asked last, and one after the other. */
    async list(
      query: TaskQuery,
      { before, limit }: { readonly before?: string | undefined; readonly limit: number },
      keep: (task: Task) => Promise<boolean> = async () => true,
    ): Promise<TaskPage> {
      const { status = [], projects, projectId } = query
      // Of the few that are not over there is an index of its own.
      const live = status.length > 0 && !status.some(isFinal)
      const index = key(live ? 'unfinished' : 'tasks')
      const tasks: Task[] = []
      let cursor = readCursor(before)
      for (let [loaded, round] = [0, 0]; round < ROUNDS; round++) {
        const names = await namesBehind(index, cursor)
        if (names.length === 0) return { tasks, next: null }
        const projectOf = ({ id }: Cursor) => Number.parseInt(id, 10)
        const there = new Set(
          names.map(projectOf).filter((project) => projectId === undefined || project === projectId),
        )
        const counts = await Promise.all([...there].map(async (id) => ((await (projects?.(id) ?? true)) ? [id] : [])))
        const those = new Set(counts.flat())
        const wanted = names.filter((name) => those.has(projectOf(name)))
        for (let first = 0; first < wanted.length; first += RECORDS) {
          const some = wanted.slice(first, first + RECORDS)
          const places = new Map(some.map((place) => [place.id, place]))
          for (const task of await read(some.map(({ id }) => id))) {
            if (!fits(task, query) || !(await keep(task))) continue
            tasks.push(task)
            if (tasks.length === limit) return { tasks, next: written(places.get(task.id)) }
          }
          loaded += some.length
          if (loaded >= MOST) return { tasks, next: written(some.at(-1)) }
        }
        cursor = names.at(-1)
      }
      return { tasks, next: written(cursor) }
    },
    /** In the order of the changes, milliseconds by Redis' clock, those of that very moment included; of each task the last. */
    async changedSince(
      since: number,
      limit: number,
    ): Promise<readonly { readonly id: TaskId; readonly at: number }[] | 'too-many'> {
      const flat = await redis.zrange(key('changed'), since, '+inf', 'BYSCORE', 'LIMIT', 0, limit + 1, 'WITHSCORES')
      if (flat.length / 2 > limit) return 'too-many'
      return Array.from({ length: flat.length / 2 }, (_, index) => ({
        id: flat[2 * index] ?? '',
        at: Number(flat[2 * index + 1]),
      }))
    },
    /** When a task last changed, by Redis' clock; undefined of none of ours. */
    async changedAt(id: TaskId): Promise<number | undefined> {
      const at = await redis.zscore(key('changed'), id)
      return at === null ? undefined : Number(at)
    },
    /** The projects in which anything was ever asked for. */
    async projectsWithTasks(): Promise<readonly number[]> {
      return (await redis.smembers(key('projects'))).map(Number)
    },
  }
}

function fits({ state, asker }: Task, { status = [], person }: TaskQuery): boolean {
  if (status.length > 0 && !status.includes(state)) return false
  return person === undefined || asker.username.toLowerCase() === person.toLowerCase()
}

function readCursor(text: string | undefined): Cursor | undefined {
  const [, at, id] = CURSOR.exec(text ?? '') ?? []
  return at === undefined || id === undefined ? undefined : { at: Number(at), id }
}

function written(place: Cursor | undefined): string | null {
  return place === undefined ? null : `${place.at}_${place.id}`
}
