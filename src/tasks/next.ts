/** The decision: every rule of the product about what happens when. Pure, so that tables and random histories can test it. */

import type { Fact } from './advance.ts'
import type { Ended, Run } from './runner.ts'
import { statusShows } from './shows.ts'
import {
  type Cause,
  type End,
  isFinal,
  type Label,
  type Outcome,
  type Shows,
  type Stop,
  type Task,
  wantedLabel,
} from './task.ts'

/** What is true outside the record. `outcome` is read after `run`: an attempt that has ended left it before. */
export type Seen = {
  readonly run: Run
  readonly outcome?: Outcome | undefined
  readonly stop?: Stop | undefined
  /** US dollars that somebody allowed it since it was asked for. */
  readonly budget?: number | undefined
  /** What the agent is doing now, one line. */
  readonly doing?: string | undefined
  /** The end of its log, a few lines. */
  readonly tail?: string | undefined
  /** US dollars, what it has cost and what it may cost. */
  readonly spent?: { readonly cost: number; readonly budget: number } | undefined
  /** Characters that were kept from the agent, since people do not see them. */
  readonly hidden?: number | undefined
  /** How many unfinished tasks of the same branch come first. */
  readonly ahead: number
  /** Its place in the line for a place to run, 0 when it is its turn, and the limit that it waits for. */
  readonly turn: { readonly place: number; readonly limit: 'all' | 'project' | 'person' }
  /** Milliseconds until it is likely to begin, from what this project's tasks took lately. */
  readonly expects?: number | undefined
}

/** Durations in milliseconds. */
export type Rules = {
  /** How long an attempt may take from being recorded, all steps and waiting for a place included. */
  readonly deadline: number
  readonly attempts: number
  /** How long GitLab may be away while a finished task is being told. */
  readonly finishing: number
  /** The least time between two edits of a status comment within one state: the first, the second, all later ones. */
  readonly statusEvery: readonly [number, number, number]
}

export type Step =
  | { readonly step: 'record'; readonly fact: Fact }
  | { readonly step: 'react' }
  | { readonly step: 'label'; readonly label: Label }
  | { readonly step: 'say-status'; readonly shows: Shows }
  /** Whether it is still wanted: the comment stands, the issue is open. */
  | { readonly step: 'check' }
  | { readonly step: 'take-turn' }
  | { readonly step: 'launch' }
  | { readonly step: 'stop-run' }
  | { readonly step: 'merge-request' }
  | { readonly step: 'reply' }
  /** Answers the other threads of a follow-up. */
  | { readonly step: 'answer-threads' }
  | { readonly step: 'leave' }

/** Milliseconds for which a reaction is tried. */
const REACTING = 60_000
/** Milliseconds for which it counts that a task is still wanted, should somebody else be faster to the place to run. */
const CHECKED = 60_000

/** The next missing thing, or nothing. */
export function next(task: Task, seen: Seen, now: number, rules: Rules): Step | undefined {
  // A reaction that GitLab will not take must not hold up the task.
  if (!task.reacted) return now - task.createdAt < REACTING ? { step: 'react' } : record({ fact: 'reacted' })
  if (seen.stop !== undefined && task.stop === undefined && task.end === undefined) {
    return record({ fact: 'stop', stop: seen.stop })
  }
  if (seen.budget !== undefined && seen.budget !== task.budget && task.end === undefined) {
    return record({ fact: 'budget', budget: seen.budget })
  }
  const label = wantedLabel(task)
  if (label !== undefined && label !== task.label && task.status !== undefined) {
    // A label that GitLab will not take must not hold up the task either.
    return now - task.since < REACTING ? { step: 'label', label } : record({ fact: 'label', label })
  }
  return nextMove(task, seen, now, rules) ?? nextStatus(task, seen, now, rules)
}

function nextMove(task: Task, seen: Seen, now: number, rules: Rules): Step | undefined {
  switch (task.state) {
    case 'queued':
      if (task.stop !== undefined) return record({ fact: 'ended', end: cancelled(task.stop) })
      // The first words come before the work: nobody should wonder whether they were heard.
      if (task.status === undefined && task.onPage !== true) return nextStatus(task, seen, now, rules)
      if (seen.ahead > 0 || seen.turn.place > 0) return undefined
      return now - (task.checkedAt ?? 0) > CHECKED ? { step: 'check' } : { step: 'take-turn' }
    case 'starting':
    case 'running':
      return nextOfRun(task, seen, now, rules)
    case 'finishing':
      return nextOfEnd(task, now, rules)
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      if (task.cleaned) return undefined
      return seen.run.is === 'absent' ? { step: 'leave' } : { step: 'stop-run' }
  }
}

function nextOfRun(task: Task, { run, outcome }: Seen, now: number, rules: Rules): Step | undefined {
  if (outcome !== undefined) {
    const early = now - task.attemptAt <= rules.deadline && task.attempt < rules.attempts
    const again = outcome.result === 'interrupted' && task.stop === undefined && early
    // An interrupted attempt is gone before the next begins: two may not hold the branch at once.
    if (again) return run.is === 'absent' ? attempt(task) : { step: 'stop-run' }
    return record({ fact: 'ended', end: endOf(task, outcome) })
  }
  switch (run.is) {
    case 'absent':
      if (task.launched) return nextOfLoss(task, { why: run.why ?? 'the machine it ran on was lost' }, rules)
      if (task.stop !== undefined) return record({ fact: 'ended', end: cancelled(task.stop) })
      return now - task.attemptAt > rules.deadline ? NEVER_STARTED : { step: 'launch' }
    case 'ended':
      if (task.launched) return nextOfLoss(task, run, rules)
      return record({ fact: 'launched', attempt: task.attempt })
    case 'waiting':
    case 'running':
      if (task.stop !== undefined) return { step: 'stop-run' }
      if (now - task.attemptAt > rules.deadline) return record({ fact: 'stop', stop: { at: now } })
      if (!task.launched) return record({ fact: 'launched', attempt: task.attempt })
      if (run.is === 'waiting' || task.state === 'running') return undefined
      return record({ fact: 'running', attempt: task.attempt, since: run.since })
  }
}

/** An attempt is over and left no outcome. */
function nextOfLoss(task: Task, loss: Partial<Ended> & { readonly why: string }, rules: Rules): Step {
  if (task.stop !== undefined) return record({ fact: 'ended', end: cancelled(task.stop) })
  const { why, exit } = loss
  const cause = loss.cause ?? (exit === undefined ? undefined : CAUSE_OF_EXIT[exit]) ?? 'lost'
  const infrastructure = loss.infrastructure ?? cause === 'lost'
  if (infrastructure && task.attempt < rules.attempts) return attempt(task)
  return record({ fact: 'ended', end: { is: 'failed', cause, message: why } })
}

/** The exit codes of runtime/README.md that say more than "it is gone". */
const CAUSE_OF_EXIT: Readonly<Record<number, Cause>> = {
  10: 'clone-failed',
  11: 'setup-failed',
  12: 'agent-error',
  13: 'model-unavailable',
  14: 'budget-spent',
  15: 'turns-spent',
  16: 'stuck',
  17: 'deadline',
  18: 'push-refused',
  19: 'disk-full',
  70: 'internal-error',
}

function nextOfEnd(task: Task, now: number, rules: Rules): Step | undefined {
  const late = now - task.since > rules.finishing
  const hasWork = task.end?.is === 'succeeded' && (task.end.outcome.result === 'pushed' || task.holdsWork === true)
  if (hasWork && task.mode === 'do' && task.mergeRequest === undefined) {
    if (!late) return { step: 'merge-request' }
    const message = 'GitLab did not take the merge request for too long'
    return record({ fact: 'merge-request-refused', cause: 'merge-request-refused', message })
  }
  if (task.reply === undefined) {
    // Without a merge request there is no thread for it: the page tells it.
    if (late || task.thread.on === 'page') return record({ fact: 'replied', note: undefined })
    return { step: 'reply' }
  }
  if (task.remarks !== undefined && task.answered !== true) {
    return late ? record({ fact: 'answered' }) : { step: 'answer-threads' }
  }
  return record({ fact: 'finished' })
}

/** One comment that is edited: at once when the state has changed, otherwise sparingly. */
function nextStatus(task: Task, seen: Seen, now: number, rules: Rules): Step | undefined {
  // `finishing` lasts a second or two and ends in words of its own.
  if (task.onPage === true || task.state === 'finishing') return undefined
  const shows = statusShows(task, seen, now)
  const { status } = task
  if (status?.state === task.state && JSON.stringify(status.shows) === JSON.stringify(shows)) return undefined
  if (status === undefined || status.state !== task.state) return { step: 'say-status', shows }
  if (isFinal(task.state)) return undefined
  const pause = rules.statusEvery[Math.min(status.edits, 2)] ?? 0
  return now - status.at >= pause ? { step: 'say-status', shows } : undefined
}

function endOf(task: Task, outcome: Outcome): End {
  if (outcome.result === 'interrupted' || (outcome.result === 'failed' && task.stop !== undefined)) {
    if (task.stop !== undefined) return cancelled(task.stop, outcome)
    return { is: 'failed', cause: 'lost', message: 'the run was interrupted too often', outcome }
  }
  if (outcome.result === 'failed') {
    const { cause = 'internal-error', message = 'the run gave no reason' } = outcome
    return { is: 'failed', cause, message, outcome }
  }
  return { is: 'succeeded', outcome }
}

function cancelled(stop: Stop, outcome?: Outcome): End {
  if (stop.by !== undefined) return { is: 'cancelled', by: stop.by, outcome }
  return { is: 'failed', cause: 'deadline', message: 'the run was stopped at its time limit', outcome }
}

const NEVER_STARTED: Step = {
  step: 'record',
  fact: {
    fact: 'ended',
    end: {
      is: 'failed',
      cause: 'internal-error',
      message: 'the run could not be started; the log of the worker says why',
    },
  },
}

function attempt(task: Task): Step {
  return record({ fact: 'attempt', number: task.attempt + 1 })
}

function record(fact: Fact): Step {
  return { step: 'record', fact }
}
