/** Everything that was meant for us has a record under its cause's name: a task, an order, or an answer. */

import type { OrderWord } from './command.ts'
import type { Person, State, Task, TaskId, Thread } from './task.ts'

export type Entry = Task | Order | Answer

/** An order to a task; its look hands the order over. */
export type Order = {
  readonly kind: 'order'
  readonly id: TaskId
  readonly thread: Thread
  readonly by: Person
  readonly target: TaskId
  readonly createdAt: number
  readonly done: boolean
}

/** Something to be said in the thread, once, without a task. */
export type Answer = {
  readonly kind: 'answer'
  readonly id: TaskId
  readonly thread: Thread
  readonly to: Person
  readonly saying: Saying
  readonly createdAt: number
  readonly done: boolean
}

export type Saying =
  | { readonly say: 'help' }
  | { readonly say: 'misspelt'; readonly word: string; readonly nearest?: OrderWord | undefined }
  | { readonly say: 'too-long'; readonly bytes: number; readonly limit: number }
  | { readonly say: 'too-far'; readonly limit: number }
  | { readonly say: 'refused'; readonly why: Refusal }
  /** Told in words within the last hour already: a reaction is enough. */
  | { readonly say: 'refused-again' }
  | { readonly say: 'empty-repository' }
  | { readonly say: 'status'; readonly tasks: readonly Told[] }
  | { readonly say: 'nothing-to-stop' }
  | { readonly say: 'which'; readonly tasks: readonly Told[] }
  | { readonly say: 'not-yours'; readonly asker: string }

/** A task as an answer mentions it. */
export type Told = { readonly id: TaskId; readonly state: State; readonly prompt: string; readonly asker: string }

/** Why a person may not ask. Levels are GitLab's numbers: 20 Reporter, 30 Developer. */
export type Refusal =
  | { readonly why: 'not-a-member'; readonly needs: number }
  | { readonly why: 'role'; readonly has: number; readonly needs: number }
  | { readonly why: 'not-active'; readonly state: string }

export function isFinished(entry: Entry): boolean {
  if (entry.kind !== 'task') return entry.done
  // The last status too: whoever looks at it must not read "Queued" for ever.
  return entry.endedAt !== undefined && entry.cleaned && entry.status?.state === entry.state
}
