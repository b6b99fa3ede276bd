/** A task as the page and the API show it. The page imports these types and nothing else of the server. */

import type { Cause, State } from '../tasks/task.ts'

/** Times are ISO 8601 in UTC, durations seconds, money US dollars. What is not known, or not there, is null. */
export type TaskSummary = {
  readonly id: string
  /** The request, cut at 500 characters; whole in `TaskView`. */
  readonly prompt: string
  /** The title of the issue or merge request it is about, or the prompt's first line. */
  readonly title: string
  /** The project's path. */
  readonly repository: string
  readonly projectId: number
  /** Where the work goes. */
  readonly branch: string
  /** Where the branch begins, and the merge request goes to. */
  readonly base: string
  readonly status: State
  readonly statusSince: string
  /** Why it failed, or was not begun, or is paused; null otherwise. */
  readonly cause: Cause | 'stopped' | 'comment-deleted' | 'closed' | 'label-removed' | null
  /** Its budget or its turns are spent: allowed more, it goes on. */
  readonly paused: boolean
  /** One line: why it waits, or what the agent is doing now. */
  readonly doing: string | null
  readonly agent: string
  readonly model: string | null
  readonly mode: 'do' | 'plan'
  /** The newest attempt's Job. */
  readonly jobName: string | null
  readonly attempt: number
  /** From being asked to its end, or to now. */
  readonly durationSeconds: number
  readonly createdAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly mergeRequestUrl: string | null
  readonly asker: { readonly username: string; readonly name: string }
  /** Where it was asked. */
  readonly source: { readonly on: 'issue' | 'merge_request' | 'page'; readonly url: string | null }
  readonly costUsd: number | null
  /** The task that it goes on with. */
  readonly continues: string | null
  /** More people can read the project than the request. */
  readonly discreet: boolean
}

export type TaskView = TaskSummary & {
  readonly budgetUsd: number | null
  readonly usage: {
    readonly turns: number | null
    readonly inputTokens: number | null
    readonly outputTokens: number | null
  }
  /** `to` is null while it lasts. */
  readonly timeline: readonly { readonly step: Step; readonly from: string; readonly to: string | null }[]
  /** What the agent answered, Markdown, hostile. */
  readonly answer: string | null
  /** Why it failed, in a sentence, and what to do. */
  readonly failure: { readonly what: string; readonly detail: string | null; readonly cure: string } | null
  readonly warnings: readonly string[]
  readonly hints: readonly string[]
  /** What was pushed, against the branch's beginning. */
  readonly files: readonly { readonly path: string; readonly added: number; readonly removed: number }[]
  readonly commit: string | null
  /** What this person may do with it now. */
  readonly may: { readonly stop: boolean; readonly retry: boolean }
  /** Whether somebody asked for its stop already. */
  readonly stopping: boolean
  /** Bytes and whole lines of its log. */
  readonly log: { readonly size: number; readonly lines: number; readonly cut: boolean }
}

/** The steps of a run, in their order. */
export const STEPS = ['queued', 'starting', 'clone', 'setup', 'agent', 'push', 'finishing'] as const
export type Step = (typeof STEPS)[number]
