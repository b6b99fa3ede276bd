/** Which earlier task a comment goes on with: by the thread, by the merge request, and where Redis was emptied by our own marks. */

import type { Chain } from './newTask.ts'
import type { FoundNote, ReceiveNeeds } from './receive.ts'
import { branchOf, type Person, type Subject, type Task, type Thread } from './task.ts'
import type { TaskId } from './taskId.ts'

/** What a task's branch, merge request and session go on as. */
export function chainOf(task: Task): Chain {
  const { first, id, base, mergeRequest, agent, discreet, labelled } = task
  const holdsWork = task.end?.outcome?.pushed !== undefined || task.holdsWork === true
  return { first, last: id, branch: branchOf(task), base, mergeRequest, agent, discreet, labelled, holdsWork }
}

/** The tasks whose words stand in this discussion, in order. */
export function tasksIn(tasks: readonly Task[], thread: Thread): readonly Task[] {
  return tasks.filter(({ thread: { discussion }, remarks = [] }) => {
    return discussion === thread.discussion || remarks.some((remark) => remark.discussion === thread.discussion)
  })
}

/**
 * The chain that a comment goes on with: on an issue that of its thread; on a merge request that whose branch it is. None once the merge
 * request is closed or merged: what is asked then begins anew.
 */
export async function findChain(
  note: Pick<FoundNote, 'thread' | 'marked'>,
  tasks: readonly Task[],
  subject: Subject,
  me: Person,
  needs: Pick<ReceiveNeeds, 'subject'>,
): Promise<Chain | undefined> {
  const { thread } = note
  const chain =
    thread.on === 'issue'
      ? ofThread(note, tasks)
      : (ofTask(tasksIn(tasks, thread).at(-1)) ?? ofBranch(tasks, subject) ?? ofOwnBranch(subject, me))
  return stillOpen(chain, thread.projectId, needs)
}

/** A chain whose merge request was closed or merged is not gone on with. */
export async function stillOpen(
  chain: Chain | undefined,
  projectId: number,
  needs: Pick<ReceiveNeeds, 'subject'>,
): Promise<Chain | undefined> {
  if (chain?.mergeRequest === undefined) return chain
  const there = await needs.subject({ projectId, on: 'merge_request', iid: chain.mergeRequest.iid })
  return there !== 'gone' && there.open && there.branch === chain.branch ? chain : undefined
}

function ofTask(last: Task | undefined): Chain | undefined {
  return last === undefined ? undefined : chainOf(last)
}

function ofThread({ thread, marked }: Pick<FoundNote, 'thread' | 'marked'>, tasks: readonly Task[]): Chain | undefined {
  const last = tasksIn(tasks, thread).at(-1)
  if (last !== undefined) return chainOf(last)
  const [first] = marked.tasks
  return first === undefined ? undefined : withoutRecord(first)
}

function ofBranch(tasks: readonly Task[], { branch }: Subject): Chain | undefined {
  const last = tasks.findLast((task) => branch !== undefined && branchOf(task) === branch)
  return last === undefined ? undefined : chainOf(last)
}

/** A merge request that we opened, whose tasks Redis has forgotten. */
function ofOwnBranch({ branch, base, mergeRequest, author }: Subject, me: Person): Chain | undefined {
  const first = /^agent\/(\d+-[a-z]\w+)$/.exec(branch ?? '')?.[1]
  if (first === undefined || branch === undefined || base === undefined || author.id !== me.id) return undefined
  return { first, branch, base, mergeRequest }
}

/** The thread tells the task's name, and the name its branch; where that went to, the base, is the default branch's business. */
function withoutRecord(first: TaskId): Chain | undefined {
  return { first, branch: `agent/${first}` }
}

/** The task that an order means: the newest of its own thread, elsewhere the only one there is; several come back to be asked about. */
export function chooseTask(tasks: readonly Task[], thread: Thread): Task | readonly Task[] {
  const here = tasksIn(tasks, thread)
  const newest = (here.length > 0 ? [here] : byChain(tasks)).flatMap((chain) => chain.at(-1) ?? [])
  const [only, ...others] = newest
  return only !== undefined && others.length === 0 ? only : newest
}

/** As `chooseTask`, among those that are not over: two may be in one thread. */
export function chooseLive(tasks: readonly Task[], thread: Thread): Task | readonly Task[] {
  // What has ended, and is only being told, is not stopped any more.
  const live = (all: readonly Task[]) => all.filter(({ end }) => end === undefined)
  // In a thread of its own an order means nothing elsewhere.
  const here = tasksIn(tasks, thread)
  const among = live(here.length > 0 ? here : tasks)
  const [only, ...others] = among
  return only !== undefined && others.length === 0 ? only : among
}

function byChain(tasks: readonly Task[]): readonly (readonly Task[])[] {
  const chains = new Map<TaskId, Task[]>()
  for (const task of tasks) chains.set(task.first, [...(chains.get(task.first) ?? []), task])
  return [...chains.values()]
}

export function isSeveral(chosen: Task | readonly Task[]): chosen is readonly Task[] {
  return Array.isArray(chosen)
}
