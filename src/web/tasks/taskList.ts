/** The page of tasks on the screen, and what news does to it. Pure. */

import type { TaskSummary } from '../../http/taskView.ts'

export const PAGE = 50

export type TaskList = {
  readonly tasks: readonly TaskSummary[]
  readonly next: string | null
  /** New ones that wait to be shown, so that no row moves under somebody's hand; the newest first. */
  readonly waiting: readonly TaskSummary[]
}

/** `first`: it is the newest page, where new tasks belong; `hold`: they wait. */
export function withTask(
  list: TaskList,
  task: TaskSummary,
  { first, hold }: { first: boolean; hold: boolean },
): TaskList {
  const update = (tasks: readonly TaskSummary[]) => tasks.map((old) => (old.id === task.id ? task : old))
  if (list.tasks.some(({ id }) => id === task.id)) return { ...list, tasks: update(list.tasks) }
  if (list.waiting.some(({ id }) => id === task.id)) return { ...list, waiting: update(list.waiting) }
  const oldest = list.tasks.at(-1)
  const isNewer = oldest === undefined || task.createdAt >= oldest.createdAt
  // An older task than this page has: it stands on a later one, unless there is none.
  if (!first || !(isNewer || list.next === null)) return list
  if (hold && isNewer && oldest !== undefined) return { ...list, waiting: sorted([...list.waiting, task]) }
  return cut({ ...list, tasks: sorted([...list.tasks, task]) })
}

export function withoutTask(list: TaskList, gone: string): TaskList {
  const rest = (tasks: readonly TaskSummary[]) => tasks.filter(({ id }) => id !== gone)
  return { ...list, tasks: rest(list.tasks), waiting: rest(list.waiting) }
}

export function showWaiting(list: TaskList): TaskList {
  return list.waiting.length === 0
    ? list
    : cut({ ...list, tasks: sorted([...list.tasks, ...list.waiting]), waiting: [] })
}

/** Where tasks fall off the end the cursor no longer fits; who goes on to older ones may see a few again. */
function cut(list: TaskList): TaskList {
  return list.tasks.length <= 2 * PAGE ? list : { ...list, tasks: list.tasks.slice(0, 2 * PAGE) }
}

function sorted(tasks: readonly TaskSummary[]): readonly TaskSummary[] {
  return tasks.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0))
}
