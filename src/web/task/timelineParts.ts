/** The timeline as it is drawn: every step there is, with how long it took. Pure. */

import type { Step, TaskView } from '../../http/taskView.ts'
import { isOver } from '../states.ts'

export const STEP_WORDS: Readonly<Record<Step, string>> = {
  queued: 'Queued',
  starting: 'Started',
  clone: 'Cloned',
  setup: 'Set up',
  agent: 'Agent',
  push: 'Pushed',
  finishing: 'Finished',
}

/** While it lasts. */
export const STEP_NOW: Readonly<Record<Step, string>> = {
  queued: 'Queued',
  starting: 'Starting',
  clone: 'Cloning',
  setup: 'Setting up',
  agent: 'Agent',
  push: 'Pushing',
  finishing: 'Finishing',
}

const ORDER: readonly Step[] = ['queued', 'starting', 'clone', 'setup', 'agent', 'push', 'finishing']

export type Part = {
  readonly step: Step
  readonly state: 'done' | 'now' | 'ahead' | 'skipped'
  /** Of all times it was in this step. */
  readonly seconds: number
}

export function timelineParts(
  { timeline, status }: Pick<TaskView, 'timeline' | 'status'>,
  now: number,
): readonly Part[] {
  const over = isOver(status)
  const last = Math.max(-1, ...timeline.map(({ step }) => ORDER.indexOf(step)))
  return ORDER.map((step, place) => {
    const spans = timeline.filter((span) => span.step === step)
    const seconds =
      spans.reduce((sum, { from, to }) => sum + (to === null ? now : Date.parse(to)) - Date.parse(from), 0) / 1000
    const open = !over && spans.some(({ to }) => to === null)
    if (spans.length > 0) return { step, state: open ? 'now' : 'done', seconds: Math.max(0, seconds) }
    return { step, state: over || place < last ? 'skipped' : 'ahead', seconds: 0 }
  })
}
