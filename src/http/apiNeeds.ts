/** What the API is given: everything it knows of GitLab, Redis and the runs it asks of these functions. serve.ts gives them. */

import type { IncomingMessage } from 'node:http'
import type { Person, Shows, State, Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import type { LogLines, LogMatches, NumbersView, ProjectName, ProjectView, RunPhase } from './taskView.ts'

/** Who makes a request. */
export type Caller = {
  readonly person: Person
  /**
   * Proven by a cookie, or by nothing (`login.actAs`): then any site in the person's browser could have sent it, and whatever
   * changes something has to come from our own page. False for a token in a header.
   */
  readonly browser: boolean
  /** False of a token that may only read. */
  readonly mayWrite: boolean
}

/** Nobody (401), somebody GitLab refuses (403), or GitLab or Redis is away (503). `detail` is for people. */
export type Denied = { readonly status: 401 | 403 | 503; readonly detail: string }

export type Asking = {
  /** A project's path or id. */
  readonly repository: string | number
  readonly prompt: string
  /** Where the branch begins and the merge request goes to. */
  readonly branch?: string | undefined
  readonly agent?: string | undefined
  readonly model?: string | undefined
  /** US dollars. */
  readonly budget?: number | undefined
  readonly mode?: 'do' | 'plan' | undefined
  readonly draft?: boolean | undefined
}

/** A value of the request that does not do; `field` is its name there. */
export type FieldError = { readonly field: string; readonly message: string }

/**
 * `known`: the same key asked for the same before. `other`: it asked for something else. `no`, each in words: `forbidden` this person
 * may not; `not-now` the task's state is not fit for it; `invalid` a value is wrong (a project that cannot be seen as well).
 */
export type Asked =
  | { readonly is: 'created' | 'known'; readonly task: Task }
  | { readonly is: 'other' }
  | {
      readonly is: 'no'
      readonly why: 'forbidden' | 'not-now' | 'invalid'
      readonly detail: string
      readonly errors?: readonly FieldError[]
    }

export type Stopped = { readonly is: 'stopping' } | Extract<Asked, { is: 'no' }>

/** What an index can be asked for; everything else, as what this person may see, is up to `keep`. */
export type TaskQuery = {
  readonly status?: readonly State[] | undefined
  readonly projectId?: number | undefined
  /** A user name. */
  readonly person?: string | undefined
  /** Whether tasks of this project count; asked before any of them is read. */
  readonly projects?: ((projectId: number) => Promise<boolean>) | undefined
}

export type TaskPage = { readonly tasks: readonly Task[]; readonly next: string | null }

/** What stands beside a task's record, now. */
export type Beside = {
  /** What the agent is doing, one line. */
  readonly doing?: string | undefined
  readonly waits?: Shows['waits']
  /** Whether somebody asked for its stop. */
  readonly stopping: boolean
  /** US dollars that it may cost. */
  readonly budgetUsd?: number | undefined
  readonly usage: {
    readonly turns: number
    readonly inputTokens: number
    readonly outputTokens: number
    readonly costUsd: number
  }
}

export type LogFacts = { readonly size: number; readonly lines: number; readonly cut: boolean }

export type ApiNeeds = {
  authenticate(request: IncomingMessage): Promise<Caller | Denied>
  /** How people log in, whom everybody acts as, and where. */
  readonly me: {
    readonly login: 'gitlab' | 'nobody' | 'tokens'
    readonly actsAs: string | null
    readonly gitlab: string
    readonly trigger: string
  }
  /** Whether the person sees the project's tasks; whether they see this one's prompt, log and answer too. */
  maySee(person: Person, projectId: number): Promise<boolean>
  mayRead(person: Person, task: Task): Promise<boolean>
  /** Whether the person may ask for something in the project, and stop this task. */
  mayAsk(person: Person, projectId: number): Promise<boolean>
  mayStop(person: Person, task: Task): Promise<boolean>

  task(id: TaskId): Promise<Task | undefined>
  /** Newest first; `before` is a `next` that it gave. Only what `keep` keeps counts. */
  list(
    query: TaskQuery,
    page: { readonly before?: string | undefined; readonly limit: number },
    keep: (task: Task) => Promise<boolean>,
  ): Promise<TaskPage>
  /** In the order of the changes, milliseconds of Redis' clock; `too-many` where it is more than `limit`. */
  changedSince(
    since: number,
    limit: number,
  ): Promise<readonly { readonly id: TaskId; readonly at: number }[] | 'too-many'>
  /** When the task changed last, and what time it is, both by Redis' clock in milliseconds. */
  changedAt(id: TaskId): Promise<number | undefined>
  now(): Promise<number>
  beside(task: Task): Promise<Beside>
  phases(task: Task): Promise<readonly RunPhase[]>
  /** Why the task failed, or was not begun, and what to do, in words. */
  words(task: Task): { readonly what: string; readonly cure: string } | undefined

  /** `key`: the Idempotency-Key, absent where none was sent. */
  ask(person: Person, asking: Asking, key: string | undefined): Promise<Asked>
  retry(person: Person, task: Task, key: string | undefined): Promise<Asked>
  stop(person: Person, task: Task): Promise<Stopped>

  /** Those where the person may ask. */
  projects(person: Person, search: string): Promise<readonly ProjectName[]>
  /** Undefined where the person does not see it. */
  project(person: Person, id: number): Promise<ProjectView | undefined>
  branches(person: Person, id: number, search: string): Promise<readonly string[] | undefined>
  /** Of the last days, today included, and the projects that `keep` keeps. */
  numbers(
    days: number,
    keep: (project: { readonly id: number; readonly path: string }) => Promise<boolean>,
  ): Promise<NumbersView>

  readonly log: {
    facts(id: TaskId): Promise<LogFacts>
    lines(id: TaskId): Promise<LogLines>
    /** The bytes `from` to `to` (exclusive) that are there; the second piece by piece. */
    read(id: TaskId, from: number, to: number): Promise<Buffer>
    stream(id: TaskId, from: number, to: number): AsyncIterable<Buffer>
    search(id: TaskId, text: string, signal: AbortSignal): Promise<LogMatches>
  }
  /** What the live streams wait for. After a time in which news may have been missed, `all`. */
  news(listener: News): () => void
  /** Takes some of what the person may ask for in a minute; otherwise the seconds after which there is more. */
  take(kind: 'ask' | 'read', person: Person, points: number): Promise<{ readonly wait: number } | undefined>
  /** What is away, for people, if that is what this error says. */
  away(error: unknown): string | undefined
  /** Told of every answer, for the metrics. */
  answered(route: string, method: string, status: number, seconds: number): void
  /** Told of live streams that open (1) and close (-1). */
  watching(change: 1 | -1): void
}

export type News = {
  changed(id: TaskId): void
  logged(id: TaskId): void
  all(): void
}
