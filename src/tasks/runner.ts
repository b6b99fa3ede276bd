import type { Cause, Task } from './task.ts'
import type { TaskId } from './taskId.ts'

/** What is true of a task's current attempt where agents run. */
export type Run =
  | { readonly is: 'absent'; readonly why?: string }
  | { readonly is: 'waiting'; readonly why: string }
  | { readonly is: 'running'; readonly since: number }
  | Ended

/** Ended, with the exit code of runtime/README.md, or `undefined` where the machine took it with it. */
export type Ended = {
  readonly is: 'ended'
  readonly exit: number | undefined
  readonly why: string
  /** Where whoever ran it knows more than the exit code says. */
  readonly cause?: Cause
  /** Whether another attempt may help; goes with `cause`. */
  readonly infrastructure?: boolean
}

/**
 * The seam: where agents run. Every call may be repeated at any moment.
 *
 * - `see` answers for the attempt that the record names; of an older one, nothing is left once it has answered.
 * - `launch` creates the recorded attempt, or finds that it exists.
 * - `stop` makes the attempt end, saving its work, and then removes what is left of it; twice, or too late, does nothing.
 * - `changes` names tasks whose run changed; it may miss some and repeat others.
 */
export type Runner = {
  see(task: Task): Promise<Run>
  launch(task: Task): Promise<void>
  stop(task: Task): Promise<void>
  changes(signal: AbortSignal): AsyncIterable<TaskId>
}
