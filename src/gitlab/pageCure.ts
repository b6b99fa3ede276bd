/** What to do about a failure, for who reads it on Errand's own page: there is a button there, and no comment to reply to. Pure. */

import type { Task } from '../tasks/task.ts'
import { FAILURES } from './failures.ts'
import { OBSOLETE } from './statusComment.ts'
import { moreThan, type Voice } from './voice.ts'

/** Undefined of a task that nothing went wrong with. */
export function failureWords(task: Task, voice: Voice): { readonly what: string; readonly cure: string } | undefined {
  const { end } = task
  if (end?.is === 'cancelled' && 'because' in end)
    return { what: OBSOLETE[end.because], cure: 'Ask again when it is wanted after all.' }
  if (end?.is !== 'failed') return undefined
  const { trigger } = voice
  const { what, cure } = FAILURES[end.cause]
  const more = end.cause === 'budget-spent' ? moreThan(task.budget ?? 0, voice) : undefined
  // Where somebody can reply, more can be allowed there; what was asked here is asked for anew.
  if (more !== undefined && task.thread.on === 'page')
    return { what, cure: `Ask for the rest in a new task, and allow it $${more}.` }
  return { what, cure: sentence(forPage(cure(trigger, more), trigger)) }
}

function forPage(cure: string, trigger: string): string {
  return cure
    .replaceAll(`reply \`${trigger} retry\``, 'try it again')
    .replaceAll(`again with \`${trigger} …\``, 'again')
    .replaceAll(` with \`${trigger} …\``, ' in a new task')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
