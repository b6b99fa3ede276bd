import type { Step } from './next.ts'
import type { Cause, Fact, Task } from './task.ts'

/** GitLab said no for good (403, 404, 422): a value, since somebody has to be told. */
export type Refused = { readonly refused: string; readonly cause: Cause }

/** The functions that effects are made of; each may be repeated, and finds what an earlier, interrupted call has done. */
export type Hands = {
  react(task: Task): Promise<void>
  /** The note's id, or `undefined` where GitLab will not take one. */
  sayStatus(task: Task, shows: string): Promise<number | undefined>
  reply(task: Task): Promise<number | undefined>
  openMergeRequest(task: Task): Promise<{ readonly iid: number; readonly url: string } | Refused>
  /** Takes a place to run; false when somebody else was faster. */
  takeTurn(task: Task): Promise<boolean>
  launch(task: Task): Promise<void>
  stop(task: Task): Promise<void>
  /** Gives the place to run back, and wakes who waits for it. */
  leave(task: Task): Promise<void>
}

/** Performs a step; what it made true comes back, or nothing where only a later look can tell. */
export async function act(step: Step, task: Task, hands: Hands): Promise<Fact | undefined> {
  switch (step.step) {
    case 'record':
      return step.fact
    case 'react':
      await hands.react(task)
      return { fact: 'reacted' }
    case 'say-status':
      return {
        fact: 'status',
        note: await hands.sayStatus(task, step.shows),
        state: task.state,
        shows: step.shows,
      }
    case 'take-turn':
      return (await hands.takeTurn(task)) ? { fact: 'attempt', number: task.attempt + 1 } : undefined
    case 'launch':
      await hands.launch(task)
      return { fact: 'launched', attempt: task.attempt }
    case 'stop-run':
      await hands.stop(task)
      return undefined
    case 'merge-request': {
      const made = await hands.openMergeRequest(task)
      if ('refused' in made) return { fact: 'merge-request-refused', cause: made.cause, message: made.refused }
      return { fact: 'merge-request', iid: made.iid, url: made.url }
    }
    case 'reply':
      return { fact: 'replied', note: await hands.reply(task) }
    case 'leave':
      await hands.leave(task)
      return { fact: 'cleaned' }
  }
}
