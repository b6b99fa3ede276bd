/** What a merge request of ours is called, and what it says. */

import { readAnswers } from '../tasks/answers.ts'
import type { Outcome, Task } from '../tasks/task.ts'
import { closeNothing, inert, inertLine } from './inert.ts'
import { paragraphs, type Voice } from './voice.ts'

/** `template`: what stands in the description instead of what was asked and done. */
export function mergeRequestText(
  task: Task,
  outcome: Outcome,
  voice: Voice,
  template?: string,
): { title: string; description: string } {
  const link = `[task ${task.id}](${voice.url}/tasks/${task.id})`
  const draft = task.merge?.draft === true ? 'Draft: ' : ''
  // More people can read this than what was asked.
  if (task.discreet === true) return { title: `${draft}Task ${task.id}`, description: `This is ${link}.` }
  const title = inertLine(outcome.title ?? '', 200) ?? inertLine(task.about, 200) ?? `Task ${task.id}`
  const quoted = closeNothing(inert(task.prompt))
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
  const foot = [...cameFrom(task), link].join(' · ')
  if (template !== undefined) return { title: `${draft}${title}`, description: paragraphs(template.trim(), foot) }
  const description = paragraphs(
    `\`@${task.asker.username}\` asked:`,
    quoted.join('\n'),
    closeNothing(inert(readAnswers(outcome.answer ?? '', []).shown)),
    foot,
  )
  return { title: `${draft}${title}`, description }
}

function cameFrom({ thread: { on, iid } }: Task): readonly string[] {
  switch (on) {
    case 'issue':
      return [`Closes #${iid}`]
    case 'merge_request':
      return [`For !${iid}`]
    case 'page':
      return []
  }
}
