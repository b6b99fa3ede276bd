/** How long each step of a task took, from its record and from what its run told. Pure. */

import { isFinal, type Task } from '../tasks/task.ts'
import type { RunPhase, Step, TaskView } from './taskView.ts'

/**
 * The steps that have begun, each until the next one. Of a run that is tried again only the newest attempt is told; what came before it is
 * in `starting`.
 */
export function timeline(task: Task, phases: readonly RunPhase[]): TaskView['timeline'] {
  const begun: { step: Step; at: number }[] = [{ step: 'queued', at: task.createdAt }]
  // The first attempt's time is not kept once there is another: the run's first breath stands for it.
  if (task.attempt === 1) begun.push({ step: 'starting', at: task.attemptAt })
  else if (task.attempt > 1)
    begun.push({ step: 'starting', at: Math.min(task.startedAt ?? task.attemptAt, task.attemptAt) })
  const told = phases.map(({ phase, at }) => ({ step: phase, at: Date.parse(at) }))
  begun.push(...told)
  // A runner that tells no phases still tells that it runs.
  if (told.length === 0 && task.startedAt !== undefined) begun.push({ step: 'agent', at: task.startedAt })
  if (task.overAt !== undefined) begun.push({ step: 'finishing', at: task.overAt })
  begun.sort((a, b) => a.at - b.at)
  const last = isFinal(task.state) ? (task.endedAt ?? task.since) : undefined
  return begun.map(({ step, at }, index) => {
    const next = begun[index + 1]?.at ?? last
    return { step, from: iso(at), to: next === undefined ? null : iso(Math.max(at, next)) }
  })
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
