import type { Fact } from './advance.ts'
import type { Step } from './next.ts'
import type { Cause, Label, Obsolete, Shows, Task } from './task.ts'

/** GitLab said no for good (403, 404, 422): a value, since somebody has to be told. */
export type Refused = { readonly refused: string; readonly cause: Cause }

/** Where a note of ours stands. */
type Said = { readonly note: number; readonly discussion: string }

/** The functions that effects are made of; each may be repeated, and finds what an earlier, interrupted call has done. */
export type Hands = {
  react(task: Task): Promise<void>
  label(task: Task, label: Label): Promise<void>
  /** The note and its discussion, or `undefined` where GitLab will not take one. */
  sayStatus(task: Task, shows: Shows): Promise<Said | undefined>
  /** Why nobody waits for the task any more, if that is so. */
  obsolete(task: Task): Promise<Obsolete | undefined>
  reply(task: Task): Promise<Said | undefined>
  answerThreads(task: Task): Promise<void>
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
    case 'label':
      await hands.label(task, step.label)
      return { fact: 'label', label: step.label }
    case 'say-status': {
      const said = await hands.sayStatus(task, step.shows)
      return { fact: 'status', note: said?.note, discussion: said?.discussion, state: task.state, shows: step.shows }
    }
    case 'check': {
      const because = await hands.obsolete(task)
      return because === undefined ? { fact: 'checked' } : { fact: 'ended', end: { is: 'cancelled', because } }
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
    case 'reply': {
      const said = await hands.reply(task)
      return { fact: 'replied', note: said?.note, discussion: said?.discussion }
    }
    case 'answer-threads':
      await hands.answerThreads(task)
      return { fact: 'answered' }
    case 'leave':
      await hands.leave(task)
      return { fact: 'cleaned' }
  }
}
