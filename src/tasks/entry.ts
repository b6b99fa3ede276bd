/** Everything that was meant for us has a record under its cause's name: a task, a remark, an order, or an answer. */

import type { OrderWord } from './command.ts'
import type { BadFlag } from './commandFlags.ts'
import {
  type GitLabThread,
  type MergeWishes,
  type Person,
  type Place,
  type State,
  type Task,
  wantedLabel,
} from './task.ts'
import type { TaskId } from './taskId.ts'

export type Entry = Task | RemarkEntry | Order | Answer

/** `42-r1337`: comment 1337 of project 42 has no command and stands where the bot takes part; a follow-up will take it. */
export type RemarkEntry = {
  readonly kind: 'remark'
  readonly id: TaskId
  readonly thread: GitLabThread & { readonly note: number; readonly discussion: string }
  readonly by: Person
  readonly createdAt: number
  /** As `Task` has it. */
  readonly trace?: string | undefined
  /** Whether it has its 👀. */
  readonly seen: boolean
  readonly done: boolean
}

export function remarkId(projectId: number, noteId: number): TaskId {
  return `${projectId}-r${noteId}`
}

/** An order to a task; its look hands the order over. */
export type Order = {
  readonly kind: 'order'
  readonly id: TaskId
  readonly thread: GitLabThread
  readonly by: Person
  /** GitLab's number of their role. */
  readonly level?: number | undefined
  readonly target: TaskId
  readonly what: { readonly order: 'stop' } | { readonly order: 'budget'; readonly budget: number }
  readonly createdAt: number
  readonly done: boolean
}

/** Something to be said in the thread, once, without a task. */
export type Answer = {
  readonly kind: 'answer'
  readonly id: TaskId
  readonly thread: GitLabThread
  readonly to: Person
  readonly saying: Saying
  /** What a command begins with in its project. */
  readonly trigger?: string | undefined
  readonly createdAt: number
  readonly done: boolean
}

export type Saying =
  | { readonly say: 'help' }
  | { readonly say: 'misspelt'; readonly word: string; readonly nearest?: OrderWord | undefined }
  | ({ readonly say: 'bad-flag' } & Omit<BadFlag, 'command'>)
  | { readonly say: 'incomplete'; readonly what: 'plan' | 'budget' | 'model' | 'flags' }
  | { readonly say: 'too-long'; readonly bytes: number; readonly limit: number }
  | { readonly say: 'too-far'; readonly limit: number }
  | { readonly say: 'refused'; readonly why: Refusal }
  /** Told in words within the last hour already: a reaction is enough. */
  | { readonly say: 'refused-again'; readonly why: Refusal }
  | { readonly say: 'empty-repository' }
  | { readonly say: 'status'; readonly tasks: readonly Told[] }
  /** The order means no task here. */
  | { readonly say: 'nothing-to'; readonly order: AboutTasks }
  /** The order would mean a task that is in another state. */
  | { readonly say: 'not-now'; readonly order: AboutTasks; readonly task: Told }
  | { readonly say: 'which'; readonly order: AboutTasks; readonly tasks: readonly Told[] }
  | { readonly say: 'not-yours'; readonly asker: string }
  /** More people can read the project than the request: it is begun only when somebody says `go`. */
  | { readonly say: 'ask-first'; readonly wish: Wish }
  | { readonly say: 'edited-into' }
  /** US dollars. */
  | { readonly say: 'over-budget'; readonly asked: number; readonly most: number }
  | { readonly say: 'no-agent'; readonly agent: string; readonly agents: readonly string[] }
  | { readonly say: 'pipeline-is-the-bases'; readonly pipeline: FailedPipeline; readonly base: string }
  | { readonly say: 'pipeline-given-up'; readonly pipeline: FailedPipeline; readonly tries: number }

/** The orders that mean a task. */
export type AboutTasks = 'stop' | 'retry' | 'go' | 'budget' | 'model'

export type FailedPipeline = { readonly id: number; readonly url: string; readonly jobs: readonly string[] }

/** What somebody wants to be done, before it is a task. */
export type Wish = {
  readonly prompt: string
  readonly mode: Task['mode']
  readonly goOn?: Task['goOn']
  readonly fromDescription?: Task['fromDescription']
  readonly remarks?: Task['remarks']
  readonly agent?: string | undefined
  readonly model?: string | undefined
  /** Where the branch begins and the merge request goes to. */
  readonly base?: string | undefined
  readonly budget?: number | undefined
  readonly merge?: MergeWishes | undefined
}

/** A task as an answer mentions it. */
export type Told = { readonly id: TaskId; readonly state: State; readonly prompt: string; readonly asker: string }

/** Why a person may not ask. Levels are GitLab's numbers: 20 Reporter, 30 Developer. */
export type Refusal =
  | { readonly why: 'not-a-member'; readonly needs: number }
  | { readonly why: 'role'; readonly has: number; readonly needs: number }
  | { readonly why: 'not-active'; readonly state: string }
  /** The project's file lists who may. */
  | { readonly why: 'not-listed' }

export function isFinished(entry: Entry): boolean {
  if (entry.kind !== 'task') return entry.done
  // The last status too: whoever looks at it must not read "Queued" for ever.
  return (
    entry.endedAt !== undefined &&
    entry.cleaned &&
    (entry.onPage === true || entry.status?.state === entry.state) &&
    entry.label === wantedLabel(entry)
  )
}

/** Whether it only says once more what was said here within the hour: nobody comes back to it. */
export function isRepeated(entry: Entry): boolean {
  return entry.kind === 'answer' && entry.saying.say === 'refused-again'
}

export function placeOf({ projectId, on, iid }: Place): Place {
  return { projectId, on, iid }
}
