/** What came of the steps → the outcome the door gets. Pure. */

import type { Ending } from './agents/agent.ts'
import { DISK_FULL, type Failed } from './failed.ts'
import { subjectOf } from './message.ts'
import { type Outcome, PROTOCOL, type Pushed, type Request } from './protocol.ts'
import type { StopReason } from './stop.ts'
import type { Cut } from './supervise.ts'

/** Characters of an answer that are passed on; what is longer than any comment may be is cut, and says so. */
const LONGEST_ANSWER = 100_000
const LONGEST_MESSAGE = 4000

export type Parts = {
  /** How the agent ended; missing when it was never begun. */
  readonly ending?: Ending
  /** The step that failed, when it was not the agent. */
  readonly failed?: Failed
  readonly pushed?: Pushed
  /** The subject of the agent's own first commit. */
  readonly title?: string
  readonly took: Outcome['took']
}

/** The agent's own failure comes first: what failed after it is added to its message. `warnings` are the run's. */
export function outcomeOf({ ending, failed, pushed, title, took }: Parts, warnings: readonly string[]): Outcome {
  const failures = [
    ending?.failure,
    failed === undefined ? undefined : { cause: failed.failed, message: failed.message },
  ].filter((failure) => failure !== undefined)
  const message = [...new Set(failures.map((failure) => failure.message))].join('\n')
  const first = failures[0]
  const line = subjectOf(ending?.title ?? title ?? '')
  return {
    protocol: PROTOCOL,
    result: first !== undefined ? 'failed' : pushed !== undefined ? 'pushed' : 'unchanged',
    ...(pushed === undefined ? {} : { pushed }),
    ...(first === undefined ? {} : { failure: { cause: first.cause, message: cut(message, LONGEST_MESSAGE) } }),
    ...(line === '' ? {} : { title: line }),
    ...(ending?.answer === undefined ? {} : { answer: cut(ending.answer, LONGEST_ANSWER) }),
    ...(ending?.usage === undefined ? {} : { usage: ending.usage }),
    warnings: [...new Set([...(ending?.warnings ?? []), ...warnings])],
    took,
  }
}

/** A step that failed because the whole run was being stopped did not fail by itself. */
export function stopFailure(why: StopReason): Failed {
  switch (why) {
    case 'disk-full':
      return DISK_FULL
    case 'interrupted':
    case 'door-closed':
      return { failed: 'interrupted', message: 'The run was stopped before the agent was done.' }
  }
}

/** How the agent ended, where we ended it: what it said of its own end then does not count, its answer and usage do. */
export function endingOf(
  ending: Ending,
  cutBy: Cut | undefined,
  why: StopReason | undefined,
  limits: Request['limits'],
): Ending {
  switch (cutBy) {
    case undefined:
    case 'lingered':
      return ending
    case 'stopped': {
      const { failed, message } = stopFailure(why ?? 'interrupted')
      return { ...ending, failure: { cause: failed, message } }
    }
    case 'stuck': {
      const message = `The agent said nothing for ${duration(limits.stuck)} and was stopped.`
      return { ...ending, failure: { cause: 'stuck', message } }
    }
    case 'deadline': {
      const message = `The agent was not done after ${duration(limits.agent)} and was stopped.`
      return { ...ending, failure: { cause: 'deadline', message } }
    }
  }
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}\n\n… ${text.length} characters in all` : text
}
