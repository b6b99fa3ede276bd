/** A task: one request to the agent, from the comment that asked to the reply that answers. */

/** A task is named after its cause: `42-n1337` is note 1337 in project 42. The same text names everything that belongs to it. */
export type TaskId = string

export function noteTaskId(projectId: number, noteId: number): TaskId {
  return `${projectId}-n${noteId}`
}

export type Person = { readonly id: number; readonly username: string; readonly name: string }

/** The discussion where all about a task stands, and the note in it that asked. */
export type Thread = {
  readonly projectId: number
  readonly on: 'issue' | 'merge_request'
  readonly iid: number
  readonly discussion: string
  readonly note: number
  /** Whether the thread's first note is internal; a reply is internal exactly then. */
  readonly internal: boolean
}

export const STATES = ['queued', 'starting', 'running', 'finishing', 'succeeded', 'failed', 'cancelled'] as const
export type State = (typeof STATES)[number]

export function isFinal(state: State): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled'
}

/** Why a task failed; each has words for the author and a cure in gitlab/failures.ts. */
export const CAUSES = [
  'agent-error',
  'setup-failed',
  'clone-failed',
  'push-refused',
  'deadline',
  'stuck',
  'budget-spent',
  'turns-spent',
  'model-unavailable',
  'disk-full',
  'out-of-memory',
  'image',
  'unschedulable',
  'evicted',
  'rejected-by-cluster',
  'lost',
  'merge-request-refused',
  'project-gone',
  'internal-error',
] as const
export type Cause = (typeof CAUSES)[number]

/** Work that stands on the branch in GitLab. */
export type Pushed = {
  readonly branch: string
  readonly commit: string
  readonly commits: number
  readonly files: readonly { readonly path: string; readonly added: number; readonly removed: number }[]
}

export type Usage = {
  readonly turns?: number | undefined
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly costUsd?: number | undefined
}

/** What the attempt itself said at its end. `interrupted`: it was told to end, or its machine was. */
export type Outcome = {
  readonly result: 'pushed' | 'unchanged' | 'failed' | 'interrupted'
  readonly pushed?: Pushed | undefined
  readonly cause?: Cause | undefined
  readonly message?: string | undefined
  readonly title?: string | undefined
  readonly answer?: string | undefined
  readonly usage?: Usage | undefined
  readonly warnings: readonly string[]
}

/** What a task comes to; known from `finishing` on. */
export type End =
  | { readonly is: 'succeeded'; readonly outcome: Outcome }
  | { readonly is: 'failed'; readonly cause: Cause; readonly message: string; readonly outcome?: Outcome | undefined }
  | { readonly is: 'cancelled'; readonly by: string; readonly outcome?: Outcome | undefined }

/** An order to stop. `by` is a user name, and absent when it was ours: the task ran over its time. */
export type Stop = { readonly by?: string | undefined; readonly at: number }

/** The status comment as it was last written: for what state and text, and how often it was edited in that state. */
export type StatusNote = {
  readonly note: number | undefined
  readonly state: State
  readonly shows: string
  readonly at: number
  readonly edits: number
}

/** All times are milliseconds since 1970. */
export type Task = {
  readonly kind: 'task'
  readonly id: TaskId
  readonly thread: Thread
  /** The project's path, for people; requests go by `thread.projectId`. */
  readonly repository: string
  readonly asker: Person
  readonly prompt: string
  /** The title of the issue or merge request it is about. */
  readonly about: string
  readonly branch: string
  readonly base: string
  readonly defaultBranch: string
  readonly agent: string
  /** What the agent is told to use; the operator's choice otherwise. */
  readonly model?: string | undefined
  /** `plan`: nothing is changed, the answer is the plan. */
  readonly mode: 'do' | 'plan'
  /** US dollars that this task may cost; the operator's choice otherwise. */
  readonly budget?: number | undefined
  /** The task whose branch and session this one goes on with. */
  readonly continues?: TaskId | undefined
  /** The first task of the chain, itself where it continues none: branch and session are named after it. */
  readonly first: TaskId
  readonly createdAt: number
  readonly state: State
  /** Since when it is in this state. */
  readonly since: number
  /** The number of the newest attempt, recorded before it is launched; 0 before the first. The door accepts only this one. */
  readonly attempt: number
  readonly attemptAt: number
  /** Whether the runner has shown this attempt: before, its launch is repeated; after, its absence means that it was lost. */
  readonly launched: boolean
  readonly startedAt?: number | undefined
  readonly stop?: Stop | undefined
  readonly end?: End | undefined
  readonly endedAt?: number | undefined
  readonly mergeRequest?: { readonly iid: number; readonly url: string } | undefined
  readonly reacted: boolean
  readonly status?: StatusNote | undefined
  /** The answer's note; `undefined` inside says that GitLab would not take it. */
  readonly reply?: { readonly note: number | undefined } | undefined
  /** Whether the run's remains (process, folder, Job, Secret) are gone. */
  readonly cleaned: boolean
}

/** Something that was made or found true; the only way in which a task changes. */
export type Fact =
  | { readonly fact: 'reacted' }
  | { readonly fact: 'status'; readonly note: number | undefined; readonly state: State; readonly shows: string }
  | { readonly fact: 'stop'; readonly stop: Stop }
  | { readonly fact: 'attempt'; readonly number: number }
  | { readonly fact: 'launched'; readonly attempt: number }
  | { readonly fact: 'running'; readonly attempt: number; readonly since: number }
  | { readonly fact: 'ended'; readonly end: End }
  | { readonly fact: 'merge-request'; readonly iid: number; readonly url: string }
  | { readonly fact: 'merge-request-refused'; readonly cause: Cause; readonly message: string }
  | { readonly fact: 'replied'; readonly note: number | undefined }
  | { readonly fact: 'finished' }
  | { readonly fact: 'cleaned' }

/** The table of allowed moves. */
export const MOVES: Readonly<Record<State, readonly State[]>> = {
  queued: ['starting', 'finishing'],
  starting: ['starting', 'running', 'finishing'],
  running: ['starting', 'finishing'],
  finishing: ['succeeded', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
}

/**
 * The task with a fact added. A fact that is known already, or that came too late (of an older attempt, or for a state
 * that is over), gives the very same object back, so that whoever is slower changes nothing.
 */
export function advance(task: Task, fact: Fact, now: number): Task {
  const move = (state: State): boolean => MOVES[task.state].includes(state)
  switch (fact.fact) {
    case 'reacted':
      return task.reacted ? task : { ...task, reacted: true }
    case 'status': {
      const edits = task.status?.state === fact.state ? task.status.edits + 1 : 0
      return { ...task, status: { note: fact.note, state: fact.state, shows: fact.shows, at: now, edits } }
    }
    case 'stop':
      return task.stop !== undefined || task.end !== undefined ? task : { ...task, stop: fact.stop }
    case 'attempt':
      if (fact.number !== task.attempt + 1 || !move('starting')) return task
      return { ...task, state: 'starting', since: now, attempt: fact.number, attemptAt: now, launched: false }
    case 'launched':
      return fact.attempt !== task.attempt || task.launched ? task : { ...task, launched: true }
    case 'running':
      if (fact.attempt !== task.attempt || task.state !== 'starting') return task
      return { ...task, state: 'running', since: now, launched: true, startedAt: task.startedAt ?? fact.since }
    case 'ended':
      return move('finishing') ? { ...task, state: 'finishing', since: now, end: fact.end } : task
    case 'merge-request':
      return task.mergeRequest === undefined ? { ...task, mergeRequest: { iid: fact.iid, url: fact.url } } : task
    case 'merge-request-refused': {
      if (task.end?.is !== 'succeeded') return task
      const { cause, message } = fact
      return { ...task, end: { is: 'failed', cause, message, outcome: task.end.outcome } }
    }
    case 'replied':
      return task.reply === undefined ? { ...task, reply: { note: fact.note } } : task
    case 'finished':
      if (task.end === undefined || !move(task.end.is)) return task
      return { ...task, state: task.end.is, since: now, endedAt: now }
    case 'cleaned':
      return task.cleaned ? task : { ...task, cleaned: true }
  }
}
