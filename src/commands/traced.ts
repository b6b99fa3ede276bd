/** The steps of looks as spans of their task's trace, which the webhook began. */

import type { Attributes } from '@opentelemetry/api'
import type { Hands } from '../tasks/act.ts'
import type { Task } from '../tasks/task.ts'
import { inSpan } from '../trace.ts'

export function tracedHands(hands: Hands): Hands {
  const step =
    <R>(name: string, hand: (task: Task) => Promise<R>) =>
    (task: Task): Promise<R> =>
      inTask(`look ${name}`, task, () => hand(task))
  return {
    react: step('react', hands.react),
    label: (task, label) => inTask('look label', task, () => hands.label(task, label)),
    sayStatus: (task, shows) => inTask('look say-status', task, () => hands.sayStatus(task, shows)),
    obsolete: step('check', hands.obsolete),
    reply: step('reply', hands.reply),
    answerThreads: step('answer-threads', hands.answerThreads),
    openMergeRequest: step('merge-request', hands.openMergeRequest),
    takeTurn: step('take-turn', hands.takeTurn),
    launch: step('launch', hands.launch),
    stop: step('stop-run', hands.stop),
    leave: step('leave', hands.leave),
  }
}

/** Does `work` as a span of the task's trace. */
export function inTask<T>(name: string, task: Task, work: () => Promise<T>): Promise<T> {
  return inSpan(name, task.trace, attributesOf(task), work)
}

function attributesOf({ id, attempt, repository, agent }: Task): Attributes {
  return { 'errand.task': id, 'errand.attempt': attempt, 'errand.project': repository, 'errand.agent': agent }
}
