/** Who watches the list of tasks or one task: told of changes soon, each task at most five times in a second. */

import type { IncomingMessage } from 'node:http'
import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import type { Caller } from './apiNeeds.ts'
import type { Stream } from './sse.ts'

/** `task` is undefined where it has been forgotten. */
export type Watcher = {
  readonly caller: Caller
  readonly stream: Stream
  /** As it came in: what it proves is asked again and again. */
  readonly request: IncomingMessage
  changed(id: TaskId, task: Task | undefined, at: number): Promise<void>
  /** Whether they still may see all that they are told; asked again and again. */
  may(): Promise<boolean>
}

export type Watchers = ReturnType<typeof createWatchers>

/** Milliseconds for which changes of a task are gathered. */
const GATHER = 200

type Needs = {
  task(id: TaskId): Promise<Task | undefined>
  changedAt(id: TaskId): Promise<number | undefined>
  failed(error: unknown): void
}

export function createWatchers(needs: Needs) {
  const ofAll = new Set<Watcher>()
  const ofOne = new Map<TaskId, Set<Watcher>>()
  const due = new Set<TaskId>()

  function watchersOf(id: TaskId): readonly Watcher[] {
    return [...ofAll, ...(ofOne.get(id) ?? [])]
  }

  async function tell(id: TaskId): Promise<void> {
    // The time first: what changes after it is told again.
    const at = (await needs.changedAt(id)) ?? 0
    const task = await needs.task(id)
    await Promise.all(watchersOf(id).map((watcher) => watcher.changed(id, task, at).catch(needs.failed)))
  }

  function changed(id: TaskId): void {
    if (due.has(id) || (ofAll.size === 0 && !ofOne.has(id))) return
    due.add(id)
    setTimeout(() => {
      due.delete(id)
      tell(id).catch(needs.failed)
    }, GATHER).unref()
  }

  function keep(set: Set<Watcher>, watcher: Watcher, emptied: () => void): void {
    set.add(watcher)
    watcher.stream.over.addEventListener(
      'abort',
      () => {
        set.delete(watcher)
        if (set.size === 0) emptied()
      },
      { once: true },
    )
  }

  return {
    /** Until the watcher's stream is over. */
    watchAll: (watcher: Watcher): void => keep(ofAll, watcher, () => {}),
    watch(id: TaskId, watcher: Watcher): void {
      const set = ofOne.get(id) ?? new Set()
      ofOne.set(id, set)
      keep(set, watcher, () => ofOne.delete(id))
    },
    changed,
    /** Everything that is watched may have changed. */
    all(): void {
      for (const id of ofOne.keys()) changed(id)
      // A list has no end: whoever watches one comes back, and is told what changed since.
      for (const { stream } of ofAll) stream.close()
    },
    /** Ends the streams of those of whom that is true: who was logged out, or lost their rights. */
    endWho(isOver: (watcher: Watcher) => Promise<boolean>): void {
      for (const watcher of [...ofAll, ...[...ofOne.values()].flatMap((set) => [...set])]) {
        isOver(watcher)
          .then((over) => over && watcher.stream.close())
          .catch(needs.failed)
      }
    },
  }
}
