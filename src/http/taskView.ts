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
  /** Bytes and whole lines of its log. `gone`: there was one, and it is not kept any more. */
  readonly log: { readonly size: number; readonly lines: number; readonly cut: boolean; readonly gone: boolean }
}

/** The steps of a run, in their order. */
export const STEPS = ['queued', 'starting', 'clone', 'setup', 'agent', 'push', 'finishing'] as const
export type Step = (typeof STEPS)[number]

/** When each part of the newest attempt was first told of; ISO 8601. */
export type RunPhase = { readonly phase: 'clone' | 'setup' | 'agent' | 'push'; readonly at: string }

/** How many newlines the log has before each of its chunks; `lines` in all of it. */
export type LogLines = {
  readonly size: number
  readonly lines: number
  readonly chunkBytes: number
  readonly newlines: readonly number[]
}

/** A line by the newlines before it (the first is 0), and the byte at which it begins. `more`: there are more than are told. */
export type LogMatches = {
  readonly matches: readonly { readonly line: number; readonly at: number }[]
  readonly more: boolean
}

export type ProjectName = { readonly id: number; readonly path: string; readonly defaultBranch: string | null }

/** How work is done there: `agents` and `models` are those that may be named, budgets US dollars. */
export type ProjectView = ProjectName & {
  readonly agents: readonly string[]
  readonly agent: string
  readonly model: string | null
  readonly models: readonly string[]
  readonly budget: number
  readonly budgetMax: number
}

/** `user` is null of whoever has not logged in. */
export type MeView = {
  readonly user: { readonly id: number; readonly username: string; readonly name: string } | null
  readonly login: 'gitlab' | 'nobody' | 'tokens'
  readonly actsAs: string | null
  readonly gitlab: string
  readonly trigger: string
}

/** RFC 9457. `errors` name the fields that are wrong. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly errors?: readonly { readonly field: string; readonly message: string }[] | undefined
}

/** Of the tasks asked for in a time. Rates are 0 to 1; null where there is nothing to divide by. */
export type Sums = {
  readonly asked: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** Merge requests opened, and how many of them were merged. */
  readonly mergeRequests: number
  readonly merged: number
  readonly successRate: number | null
  readonly mergeRate: number | null
  /** The median, from being asked to the open merge request. */
  readonly secondsToMergeRequest: number | null
  readonly costUsd: number
  readonly costPerMergedUsd: number | null
  readonly tokens: number
}

export type NumbersView = {
  readonly total: Sums
  /** Every day of the time, in UTC, as 2026-11-22; the oldest first. */
  readonly days: readonly ({ readonly day: string } & Sums)[]
  /** Those with the most tasks first. */
  readonly projects: readonly ({ readonly id: number; readonly path: string } & Sums)[]
}
