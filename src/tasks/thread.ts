/** Where a request is made, and where all about it is said. */

import type { Person } from './task.ts'

/** An issue or a merge request. */
export type Place = { readonly projectId: number; readonly on: 'issue' | 'merge_request'; readonly iid: number }

/** Errand's own page, or its API: nothing of what is asked there is in GitLab, so `iid` is 0. */
export type OnPage = { readonly projectId: number; readonly on: 'page'; readonly iid: number }

type Discussed = {
  /** Absent where no note asked, until the first words about the task have opened one. */
  readonly discussion?: string | undefined
  readonly note?: number | undefined
  /** Whether the thread's first note is internal; a reply is internal exactly then. */
  readonly internal: boolean
}

/** A discussion in GitLab, and the note in it that asked. */
export type GitLabThread = Place & Discussed

/** Where all about a task is said. */
export type Thread = GitLabThread | (OnPage & Discussed)

/** What a comment stands under, as GitLab has it now. */
export type Subject = {
  readonly title: string
  readonly description: string
  readonly author: Person
  readonly createdAt: number
  readonly open: boolean
  readonly closedAt?: number | undefined
  readonly confidential: boolean
  readonly labels: readonly string[]
  /** Ids of people. */
  readonly assignees: readonly number[]
  /** Of a merge request: where work on it begins, unless it goes to a branch that is there. */
  readonly base?: string | undefined
  /** The merge request's own branch, where work on it may go there. */
  readonly branch?: string | undefined
  readonly mergeRequest?: { readonly iid: number; readonly url: string } | undefined
}
