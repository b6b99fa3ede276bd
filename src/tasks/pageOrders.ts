/** Orders to a task on Errand's own page, or by its API: the same that a comment could give. */

import { chainOf, chooseTask, isSeveral, stillOpen } from './chains.ts'
import { placeOf, type Refusal } from './entry.ts'
import { type Asked, askedBefore, keepAsked, type No, nameOf, type PageNeeds, sameAs } from './fromPage.ts'
import { formTask } from './newTask.ts'
import { again, carriedOut, isPlan, isRetriable, mayStop } from './orders.ts'
import {
  ARCHIVED,
  goneOnWith,
  NOT_READABLE,
  notRetriable,
  notStoppable,
  notYours,
  PLACE_GONE,
  refusalWords,
  unfitWords,
} from './pageWords.ts'
import type { Permission } from './receive.ts'
import { branchOf, type Person, type Task } from './task.ts'
import { taskId } from './taskId.ts'

/** `level`: GitLab's number of the role of whoever ordered it. */
export type Stopped = { readonly is: 'stopping'; readonly level: number } | No

/** Whoever sees it is asked for nothing else: `stop` twice is one. */
export async function stopFromPage(task: Task, person: Person, needs: PageNeeds): Promise<Stopped> {
  const permission = await permissionOf(task, person, needs)
  if (!permission.may) return refused(permission.refusal)
  if (!(await mayStop(task, person.id, needs))) return forbidden(notYours(task.asker.username), 'not-yours')
  if (task.end !== undefined) return no('not-now', notStoppable(task))
  await needs.askStop(task.id, { by: person.username, at: needs.now() })
  await needs.wake(task.id)
  return { is: 'stopping', level: permission.level }
}

/** A new task that goes on with this one, in its thread; of a plan, one that carries it out. Without a key, one person tries a task again once, however often they click. */
export async function retryFromPage(
  task: Task,
  person: Person,
  key: string | undefined,
  needs: PageNeeds,
): Promise<Asked> {
  const name = nameOf(person, key ?? `retry ${task.id}`, needs)
  const asking = needs.digest(JSON.stringify({ retry: task.id }))
  const before = await askedBefore(name, asking, needs)
  if (before !== undefined) return before
  const { projectId } = task.thread
  const project = await needs.project(projectId)
  if (project === 'gone') return no('not-now', PLACE_GONE)
  if (project.archived) return no('not-now', ARCHIVED)
  const permission = await permissionOf(task, person, needs)
  if (!permission.may) return refused(permission.refusal)
  if (!(await needs.mayRead(person, task))) return forbidden(NOT_READABLE, 'not-readable')
  if (!isRetriable(task) && !isPlan(task)) return no('not-now', notRetriable(task))
  const newest = await newestOf(task, needs)
  const id = taskId(projectId, 'page', name)
  // The same person's other click was faster.
  if (newest.id === id) return sameAs(newest, asking)
  if (newest.id !== task.id) return no('not-now', goneOnWith(newest.id))
  const first = await needs.claimRetry(task.id, id)
  if (first !== id) return no('not-now', goneOnWith(first))
  const subject = await subjectOf(task, needs)
  if (subject === 'gone') return no('not-now', PLACE_GONE)
  const made = formTask({
    id,
    occasion: 'page',
    askedAt: needs.now(),
    thread: task.thread,
    asker: person,
    level: permission.level,
    wish: isPlan(task) ? carriedOut(task) : again(task),
    project,
    subject,
    ways: await needs.ways(projectId),
    chain: await stillOpen(chainOf(task), projectId, needs),
    confidential: subject.confidential || task.thread.internal,
    agreed: task.discreet === true,
    discreet: task.discreet === true,
    asking,
    now: needs.now(),
  })
  return 'say' in made ? no('not-now', unfitWords(made).message) : keepAsked(made, needs)
}

/** Whether this person may ask for anything here. */
async function permissionOf({ thread }: Task, person: Person, needs: PageNeeds): Promise<Permission> {
  const { who } = await needs.ways(thread.projectId)
  return needs.permission(thread.projectId, person, who)
}

/** The last task that goes on with the same: in its thread, on the page that of its branch. */
async function newestOf(task: Task, needs: PageNeeds): Promise<Task> {
  const { thread } = task
  if (thread.on !== 'page' && thread.discussion !== undefined) {
    const chosen = chooseTask(await needs.tasksOn(placeOf(thread)), thread)
    return isSeveral(chosen) ? task : chosen
  }
  const last = await needs.lastOnBranch(thread.projectId, branchOf(task))
  return last !== undefined && last.createdAt > task.createdAt ? last : task
}

async function subjectOf({ thread, about }: Task, needs: PageNeeds) {
  return thread.on === 'page' ? { title: about, confidential: false } : needs.subject(placeOf(thread))
}

function no(why: 'not-now', detail: string): No {
  return { is: 'no', why, detail }
}

function refused(refusal: Refusal): No {
  return forbidden(refusalWords(refusal), refusal.why)
}

function forbidden(detail: string, why: NonNullable<No['refused']>): No {
  return { is: 'no', why: 'forbidden', detail, refused: why }
}
