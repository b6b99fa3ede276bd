/** The states of a task in words; what has none does not compile. */

import type { TaskSummary } from '../http/taskView.ts'

export type State = TaskSummary['status']

/** A paused task has failed for the server; for people it waits for their word. */
export type Shown = State | 'paused'

export const WORDS: Readonly<Record<Shown, string>> = {
  queued: 'Queued',
  starting: 'Starting',
  running: 'Running',
  finishing: 'Finishing',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  paused: 'Paused',
}

/** In the order of a task's life; the server has the same list, as the page imports no values of it. */
export const FILTER_STATES: readonly State[] = [
  'queued',
  'starting',
  'running',
  'finishing',
  'succeeded',
  'failed',
  'cancelled',
]

export function shown({ status, paused }: Pick<TaskSummary, 'status' | 'paused'>): Shown {
  return paused ? 'paused' : status
}

export function isOver(status: State): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled'
}

/** Why it ended as it did, short enough for a row. */
export const CAUSE_WORDS: Readonly<Record<NonNullable<TaskSummary['cause']>, string>> = {
  'agent-error': 'the agent ended with an error',
  'setup-failed': 'the set-up script failed',
  'clone-failed': 'the repository could not be cloned',
  'push-refused': 'GitLab did not take the push',
  deadline: 'it ran into its time limit',
  stuck: 'the agent said nothing for too long',
  'budget-spent': 'its budget is spent',
  'turns-spent': 'its turns are used up',
  'model-unavailable': 'the model could not be used',
  'disk-full': 'its disk was full',
  'out-of-memory': 'it needed more memory than it may have',
  image: 'its image could not be used',
  unschedulable: 'no machine had room for it',
  evicted: 'its machine took it off',
  'rejected-by-cluster': 'the cluster did not take it',
  lost: 'it was lost',
  'merge-request-refused': 'GitLab did not open the merge request',
  'project-gone': 'the project is gone',
  'internal-error': 'an error of Errand',
  stopped: 'stopped',
  'comment-deleted': 'its comment was deleted',
  closed: 'closed before it began',
  'label-removed': 'its label was removed',
}
