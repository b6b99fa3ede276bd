/** A Redis that is new, or was emptied, is filled from what runs, before anything is launched beside it. */

import type { Config } from '../config.ts'
import type { Ask } from '../gitlab/ask.ts'
import type { GitLab } from '../gitlab/client.ts'
import { placeOfTask } from '../gitlab/mergeRequest.ts'
import type { Logger } from '../log.ts'
import type { Store } from '../redis/store.ts'
import type { Turns } from '../redis/turns.ts'
import type { Task } from '../tasks/task.ts'
import type { openRuns } from './runs.ts'

type Neighbours = {
  readonly gitlab: GitLab
  readonly ask: Ask
  readonly store: Store
  readonly turns: Turns
  readonly runs: Awaited<ReturnType<typeof openRuns>>
}

export function createClaim({ gitlab, ask, store, turns, runs }: Neighbours, config: Config, log: Logger) {
  /** Its run goes on under its own attempt, also where its comment was heard again before we looked at what runs. */
  async function adopt(task: Task): Promise<void> {
    // With GitLab away it is taken for unanswered: what runs is not thrown away.
    const place = await placeOfTask(gitlab, task).catch(() => undefined)
    if (place !== undefined && (await ask.answered(place, task.id).catch(() => false))) return runs.runner.stop(task)
    await turns.hold(task)
    const behind = ({ end, attempt }: Task): boolean => end === undefined && attempt < task.attempt
    const made = await store.create(task)
    const there = made ? task : await store.get(task.id)
    if (there?.kind === 'task' && behind(there)) await store.update(there, (newest) => (behind(newest) ? task : newest))
    log.warn({ event: 'adopted', task: task.id }, `${task.id} was found running`)
  }

  return async (): Promise<void> => {
    if (!(await store.isClaimed())) {
      for (const task of await runs.tasks()) await adopt(task)
    }
    await store.claim(config.gitlab.url)
  }
}
