/** How a task changes: by facts, along the table of allowed moves. */

import { branchOf, type Cause, type End, type Label, type Shows, type State, type Stop, type Task } from './task.ts'

/** Something that was made or found true; the only way in which a task changes. */
export type Fact =
  | { readonly fact: 'reacted' }
  | { readonly fact: 'checked' }
  | { readonly fact: 'label'; readonly label: Label }
  | {
      readonly fact: 'status'
      readonly note: number | undefined
      /** Where it stands, if it was not known before. */
      readonly discussion?: string | undefined
      readonly state: State
      readonly shows: Shows
    }
  | { readonly fact: 'budget'; readonly budget: number }
  | { readonly fact: 'stop'; readonly stop: Stop }
  | { readonly fact: 'attempt'; readonly number: number }
  | { readonly fact: 'launched'; readonly attempt: number }
  | { readonly fact: 'running'; readonly attempt: number; readonly since: number }
  | { readonly fact: 'ended'; readonly end: End }
  | { readonly fact: 'merge-request'; readonly iid: number; readonly url: string }
  | { readonly fact: 'merge-request-refused'; readonly cause: Cause; readonly message: string }
  | {
      readonly fact: 'replied'
      readonly note: number | undefined
      /** Where it stands, if it was not known before. */
      readonly discussion?: string | undefined
    }
  | { readonly fact: 'answered' }
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
    case 'checked':
      return task.state === 'queued' ? { ...task, checkedAt: now } : task
    case 'label':
      return task.label === fact.label ? task : { ...task, label: fact.label }
    case 'status': {
      const edits = task.status?.state === fact.state ? task.status.edits + 1 : 0
      const thread = { ...task.thread, discussion: task.thread.discussion ?? fact.discussion }
      return { ...task, thread, status: { note: fact.note, state: fact.state, shows: fact.shows, at: now, edits } }
    }
    case 'budget':
      return task.end !== undefined || task.budget === fact.budget ? task : { ...task, budget: fact.budget }
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
    case 'ended': {
      if (!move('finishing')) return task
      const ended: Task = { ...task, state: 'finishing', since: now, overAt: now, end: fact.end }
      // Work that went to a branch of its own needs a merge request of its own.
      return branchOf(ended) === task.branch ? ended : { ...ended, mergeRequest: undefined }
    }
    case 'merge-request':
      if (task.mergeRequest !== undefined) return task
      return inItsThread({ ...task, mergeRequest: { iid: fact.iid, url: fact.url }, opened: true, openedAt: now })
    case 'merge-request-refused': {
      if (task.end?.is !== 'succeeded') return task
      const { cause, message } = fact
      return { ...task, end: { is: 'failed', cause, message, outcome: task.end.outcome } }
    }
    case 'replied':
      if (task.reply !== undefined) return task
      return {
        ...task,
        thread: { ...task.thread, discussion: task.thread.discussion ?? fact.discussion },
        reply: { note: fact.note },
      }
    case 'answered':
      return task.answered ? task : { ...task, answered: true }
    case 'finished':
      if (task.end === undefined || !move(task.end.is)) return task
      return { ...task, state: task.end.is, since: now, endedAt: now }
    case 'cleaned':
      return task.cleaned ? task : { ...task, cleaned: true }
  }
}

/** What was asked on the page gets its thread with its merge request: there it is answered, and gone on with. */
function inItsThread(task: Task): Task {
  const { thread, mergeRequest } = task
  if (thread.on !== 'page' || mergeRequest === undefined) return task
  const { projectId } = thread
  return { ...task, thread: { projectId, on: 'merge_request', iid: mergeRequest.iid, internal: false } }
}
