/** What a caller may know of a task, and what is told of it. */

import type { Person, Task } from '../tasks/task.ts'
import type { ApiNeeds } from './apiNeeds.ts'
import type { TaskSummary, TaskView } from './taskView.ts'
import { taskSummary, taskView } from './view.ts'

export type Access = ReturnType<typeof createAccess>

export function createAccess(needs: ApiNeeds) {
  const { gitlab } = needs.me

  const reads = (person: Person, task: Task): Promise<boolean> => needs.mayRead(person, task)

  return {
    reads,
    sees: (person: Person, task: Task): Promise<boolean> => needs.maySee(person, task.thread.projectId),
    /** Undefined of a task that there is not, and just so of one that is not for this person. */
    async task(person: Person, id: string): Promise<Task | undefined> {
      const task = await needs.task(id)
      return task !== undefined && (await needs.maySee(person, task.thread.projectId)) ? task : undefined
    },
    async summary(person: Person, task: Task): Promise<TaskSummary> {
      const [beside, may] = await Promise.all([needs.beside(task), reads(person, task)])
      return taskSummary(task, beside, { reads: may, gitlab, now: Date.now() })
    },
    async view(person: Person, task: Task): Promise<TaskView> {
      const [beside, phases, log, may, stop, retry] = await Promise.all([
        needs.beside(task),
        needs.phases(task),
        needs.log.facts(task.id),
        reads(person, task),
        needs.mayStop(person, task),
        needs.mayAsk(person, task.thread.projectId),
      ])
      const parts = { beside, phases, log, may: { stop, retry }, words: needs.words(task) }
      return taskView(task, parts, { reads: may, gitlab, now: Date.now() })
    },
  }
}
