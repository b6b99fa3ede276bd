import type { TaskSummary } from '../http/taskView.ts'
import { StateIcon } from './icons.tsx'
import { shown, WORDS } from './states.ts'

/** A task's state as a word and a picture; the colour only repeats them. */
export function StateBadge({ task }: { task: Pick<TaskSummary, 'status' | 'paused'> }) {
  const state = shown(task)
  return (
    <span className="badge" data-state={state}>
      <StateIcon state={state} />
      {WORDS[state]}
    </span>
  )
}
