/** What a task's status comment tells besides its state. Pure. */

import type { Seen } from './next.ts'
import type { Shows, Task } from './task.ts'

/** Milliseconds after which a launch that does not come about is told. */
const LAUNCHING = 60_000
/** From this part of the budget on, the status comment tells what was spent. */
const NEAR = 0.8

/** What the status comment tells besides the state: when this changes, the comment is out of date. */
export function statusShows(task: Task, seen: Seen, now: number): Shows {
  switch (task.state) {
    case 'queued':
      return waitsFor(seen)
    case 'starting': {
      if (seen.run.is === 'waiting') return seen.run.why === '' ? {} : { line: seen.run.why }
      const late = seen.run.is === 'absent' && now - task.attemptAt > LAUNCHING
      return late ? { line: 'it could not be started yet, and is tried again' } : {}
    }
    case 'running': {
      if (task.stop !== undefined) return { stopping: true }
      const { doing, spent, tail } = seen
      const near = spent !== undefined && spent.cost >= NEAR * spent.budget
      return {
        ...(doing === undefined ? {} : { line: doing }),
        ...(near ? { spent } : {}),
        ...(tail === undefined || tail === '' ? {} : { tail }),
        ...hidden(seen),
      }
    }
    case 'finishing':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return hidden(seen)
  }
}

function hidden({ hidden = 0 }: Seen): Shows {
  return hidden === 0 ? {} : { hidden }
}

function waitsFor({ ahead, turn, expects }: Seen): Shows {
  if (ahead > 0) return { waits: { limit: 'branch', place: ahead } }
  if (turn.place === 0) return {}
  const { limit, place } = turn
  return { waits: { limit, place, ...(expects === undefined ? {} : { expects }) } }
}
