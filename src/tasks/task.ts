/** A task: one request to the agent, from the comment that asked to the reply that answers. */

import type { Pinned } from './pinned.ts'
import type { Occasion, TaskId } from './taskId.ts'
import type { Thread } from './thread.ts'

export type { GitLabThread, Place, Subject, Thread } from './thread.ts'

export type Person = { readonly id: number; readonly username: string; readonly name: string }

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
  /** Nobody waits for it any more, before it began. */
  | { readonly is: 'cancelled'; readonly because: Obsolete; readonly outcome?: undefined }

/** Why a task that waits is not begun. */
export type Obsolete = 'comment-deleted' | 'closed' | 'label-removed'

/** A comment without a command in a discussion that the bot takes part in. */
export type Remark = {
  readonly note: number
  readonly discussion: string
  readonly by: Person
  /** As it read when the follow-up was formed. */
  readonly text: string
}

/** What a project wants of the merge requests opened in it; GitLab's own ways where nothing is said. */
export type MergeWishes = {
  readonly draft?: boolean | undefined
  readonly labels?: readonly string[] | undefined
  /** User names, besides the person who asked. */
  readonly reviewers?: readonly string[] | undefined
  readonly squash?: boolean | undefined
  readonly removeSourceBranch?: boolean | undefined
  /** Whether its description tells what was asked and done: it does, unless the project wants its own template there. */
  readonly describe?: boolean | undefined
}

/** What the bot's label on the issue says of the task. */
export type Label = 'doing' | 'done' | 'failed'

/** An order to stop. `by` is a user name, and absent when it was ours: the task ran over its time. */
export type Stop = { readonly by?: string | undefined; readonly at: number }

/** The status comment as it was last written: for what state and text, and how often it was edited in that state. */
export type StatusNote = {
  readonly note: number | undefined
  readonly state: State
  readonly shows: Shows
  readonly at: number
  readonly edits: number
}

/** What a status comment tells besides the state: when this changes, it is out of date. */
export type Shows = {
  readonly waits?: {
    readonly limit: 'branch' | 'all' | 'project' | 'person'
    readonly place: number
    /** Milliseconds until it is likely to begin. */
    readonly expects?: number
  }
  /** The state's own line: why it does not start yet, what the agent is doing. */
  readonly line?: string | undefined
  readonly stopping?: boolean | undefined
  /** US dollars, from four fifths of the budget on. */
  readonly spent?: { readonly cost: number; readonly budget: number } | undefined
  /** The end of the log. */
  readonly tail?: string | undefined
  /** Characters that were kept from the agent, since people do not see them. */
  readonly hidden?: number | undefined
}

/** All times are milliseconds since 1970. */
export type Task = {
  readonly kind: 'task'
  readonly id: TaskId
  readonly thread: Thread
  /** Asked where no thread is: its status is told on the page, and in GitLab nothing but the answer on its merge request. */
  readonly onPage?: boolean | undefined
  /** A digest of what was asked: the name of a task of the page says who asked, and not what. */
  readonly asking?: string | undefined
  /** The project's path, for people; requests go by `thread.projectId`. */
  readonly repository: string
  readonly occasion: Occasion
  /** When GitLab has the request written: what is younger is no part of it. */
  readonly askedAt: number
  readonly asker: Person
  /** GitLab's number of the role with which it was asked for. */
  readonly level?: number | undefined
  readonly prompt: string
  /** The prompt is an issue's title and description, which are not the words of who asked. */
  readonly fromDescription?: boolean | undefined
  /** The comments that a follow-up answers, each in its thread. */
  readonly remarks?: readonly Remark[] | undefined
  /** Not everybody who can read the project may read the request: names, titles and messages say nothing of it. */
  readonly discreet?: boolean | undefined
  /** Whether the label follows the task. */
  readonly labelled?: boolean | undefined
  /** What its people should know about how it was asked, in sentences: a wrong key in the project's file. */
  readonly hints?: readonly string[] | undefined
  /** How the merge request is made. */
  readonly merge?: MergeWishes | undefined
  readonly ways?: Pinned | undefined
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
  /** The request was made before: what is left of it is to be done, or the plan that was made for it. */
  readonly goOn?: 'rest' | 'plan' | undefined
  /** US dollars that this task may cost; the operator's choice otherwise. */
  readonly budget?: number | undefined
  /** The task whose branch and session this one goes on with. */
  readonly continues?: TaskId | undefined
  /** Whether an earlier task of the chain has work on the branch. */
  readonly holdsWork?: boolean | undefined
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
  /** When its run was over, and only telling it was left. */
  readonly overAt?: number | undefined
  readonly endedAt?: number | undefined
  readonly mergeRequest?: { readonly iid: number; readonly url: string } | undefined
  /** Whether the merge request came with this task. */
  readonly opened?: boolean | undefined
  readonly openedAt?: number | undefined
  readonly reacted: boolean
  /** Since when nothing spoke against beginning it. */
  readonly checkedAt?: number | undefined
  readonly label?: Label | undefined
  readonly status?: StatusNote | undefined
  /** The answer's note; `undefined` inside says that GitLab would not take it. */
  readonly reply?: { readonly note: number | undefined } | undefined
  /** Whether every other thread of a follow-up has its answer. */
  readonly answered?: boolean | undefined
  /** The trace that it belongs to, as W3C Trace Context has it; where somebody traces. */
  readonly trace?: string | undefined
  /** Whether the run's remains (process, folder, Job, Secret) are gone. */
  readonly cleaned: boolean
}

/** Where the task's work is: another branch where somebody else's commits were in its way. */
export function branchOf({ branch, end }: Task): string {
  return end?.outcome?.pushed?.branch ?? branch
}

/** What the label should say; nothing of a task that no label asked for. */
export function wantedLabel({ labelled, state, thread }: Task): Label | undefined {
  // On a merge request the number is not the issue's.
  if (labelled !== true || thread.on !== 'issue') return undefined
  // While it waits the label asks still, whatever becomes of our memory.
  if (state === 'queued') return undefined
  if (!isFinal(state)) return 'doing'
  return state === 'succeeded' ? 'done' : 'failed'
}
