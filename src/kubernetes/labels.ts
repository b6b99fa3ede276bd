/** Names and labels: how a Job is found, and whose it is. */

import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'

/** On everything we create, and on the pods. */
export const OURS = {
  'app.kubernetes.io/name': 'errand',
  'app.kubernetes.io/component': 'run',
  'app.kubernetes.io/managed-by': 'errand',
} as const

const TASK_LABEL = 'errand/task'
const PROJECT_LABEL = 'errand/project'
const ATTEMPT_LABEL = 'errand/attempt'

/** What every list and watch asks for. */
export const SELECTOR = Object.entries(OURS)
  .map(([name, value]) => `${name}=${value}`)
  .join(',')

export function labelsOf({ id, attempt, thread }: Task): Record<string, string> {
  return {
    ...OURS,
    [TASK_LABEL]: id,
    [PROJECT_LABEL]: String(thread.projectId),
    [ATTEMPT_LABEL]: String(attempt),
  }
}

/** The Job and its Secret have the same name: the task's, and the attempt's number. */
export function jobName(task: TaskId, attempt: number): string {
  return `${task}-${attempt}`
}

type Labelled = { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }

/** Whose attempt an object belongs to; undefined where somebody has changed its labels. */
export function ownerOf({ metadata }: Labelled): { readonly task: TaskId; readonly attempt: number } | undefined {
  const task = metadata?.labels?.[TASK_LABEL]
  const attempt = Number(metadata?.labels?.[ATTEMPT_LABEL])
  return task === undefined || !Number.isInteger(attempt) ? undefined : { task, attempt }
}
