/** Names and labels: how a container is found, whose it is, and of which task. */

import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'

/** On every container of ours; its value is the prefix. */
export const OURS = 'errand'
export const TASK_LABEL = 'errand.task'
const ATTEMPT_LABEL = 'errand.attempt'
/** The task as it was when the attempt was launched, for a Redis that was emptied. No secrets. */
const RECORD_LABEL = 'errand.record'

type Labels = Readonly<Record<string, string>>

export function containerName(prefix: string, task: TaskId, attempt: number): string {
  return `${prefix}-${task}-${attempt}`
}

export function labelsOf(task: Task, prefix: string): Labels {
  return {
    [OURS]: prefix,
    [TASK_LABEL]: task.id,
    [ATTEMPT_LABEL]: String(task.attempt),
    [RECORD_LABEL]: JSON.stringify(task),
  }
}

/** Whose attempt a container is; undefined where it is none of ours. */
export function ownerOf(labels: Labels): { readonly task: TaskId; readonly attempt: number } | undefined {
  const task = labels[TASK_LABEL]
  const attempt = Number(labels[ATTEMPT_LABEL])
  return task === undefined || !Number.isInteger(attempt) ? undefined : { task, attempt }
}

/** The task whose run a container is. Nobody but the engine's users can write labels, and they can do everything anyway. */
export function recordIn(labels: Labels): Task | undefined {
  const text = labels[RECORD_LABEL]
  return text === undefined ? undefined : (JSON.parse(text) as Task)
}

/** Whether a container was made for this request, and not for another task that came to have the same name. */
export function isFor(labels: Labels, { id, thread, branch, prompt }: Task): boolean {
  const found = recordIn(labels)
  return (
    found?.id === id &&
    found.thread.projectId === thread.projectId &&
    found.branch === branch &&
    found.prompt === prompt
  )
}
