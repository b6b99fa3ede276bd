/** An order: to a task that is on its way, or one that goes on with a task that is over. */

import { chooseLive, chooseTask, isSeveral, tasksIn } from './chains.ts'
import type { Command } from './commandWords.ts'
import type { AboutTasks, Entry, Order, Told, Wish } from './entry.ts'
import { type Allowed, answer, flagged, type Heard, taskFor } from './fromNote.ts'
import type { ReceiveNeeds } from './receive.ts'
import type { Task } from './task.ts'

export type OrderCommand = Exclude<
  Command,
  { command: 'help' | 'prompt' | 'plan' | 'misspelt' | 'bad-flag' | 'incomplete' | 'too-long' | 'too-far' }
>

export async function fromOrder(command: OrderCommand, around: Allowed, needs: ReceiveNeeds): Promise<Entry | string> {
  const { found } = around
  // It may reach us late: what was asked after it was written, it does not mean.
  const tasks = around.tasks.filter(({ askedAt }) => askedAt <= found.createdAt)
  const heard = { ...around, tasks }
  // It was to a task that Redis may have forgotten: to others it means nothing.
  if ((command.command === 'stop' || command.command === 'budget') && (await needs.seen(found.thread)))
    return 'it was carried out before, as our 👀 on it shows'
  switch (command.command) {
    case 'status':
      return answer(heard, { say: 'status', tasks: tasks.map(told) }, needs)
    case 'stop': {
      const chosen = chooseLive(tasks, found.thread)
      if (isSeveral(chosen)) {
        const last = chooseTask(tasks, found.thread)
        if (chosen.length > 0 || isSeveral(last)) return which('stop', chosen, heard, needs)
        return answer(heard, { say: 'not-now', order: 'stop', task: told(last) }, needs)
      }
      if (!(await mayStop(chosen, found.author.id, needs)))
        return answer(heard, { say: 'not-yours', asker: chosen.asker.username }, needs)
      return orderTo(chosen, { order: 'stop' }, heard, needs)
    }
    case 'budget': {
      const live = chooseLive(tasks, found.thread)
      const most = heard.ways.budgetMax
      if (command.budget > most) return answer(heard, { say: 'over-budget', asked: command.budget, most }, needs)
      if (!isSeveral(live)) {
        const less = command.budget < (live.budget ?? 0)
        if (less && !(await mayStop(live, found.author.id, needs)))
          return answer(heard, { say: 'not-yours', asker: live.asker.username }, needs)
        return orderTo(live, { order: 'budget', budget: command.budget }, heard, needs)
      }
      const wish = (last: Task): Wish => ({ ...again(last), budget: command.budget })
      return goOn('budget', (last) => ended(last, 'budget-spent'), wish, heard, needs)
    }
    case 'model':
      return goOn('model', isOver, (last) => ({ ...again(last), model: command.model }), heard, needs)
    case 'retry':
      return goOn('retry', isRetriable, (last) => ({ ...again(last), ...flagged(command.flags) }), heard, needs)
    case 'go': {
      const asked = (await needs.answersIn(found.thread)).findLast(
        (entry) => entry.kind === 'answer' && entry.saying.say === 'ask-first',
      )
      // What was agreed to once has begun; a later `go` means what came of it.
      const begun = tasksIn(tasks, found.thread).some(({ createdAt }) => createdAt > (asked?.createdAt ?? 0))
      if (asked?.kind === 'answer' && asked.saying.say === 'ask-first' && !begun)
        return taskFor({ ...asked.saying.wish, ...flagged(command.flags) }, heard, needs, { agreed: true })
      return goOn('go', isPlan, (last) => ({ ...carriedOut(last), ...flagged(command.flags) }), heard, needs)
    }
  }
}

/** A new task that goes on with the one that is meant, if that one is fit for it. */
async function goOn(
  order: AboutTasks,
  fits: (last: Task) => boolean,
  wish: (last: Task) => Wish,
  heard: Allowed,
  needs: ReceiveNeeds,
): Promise<Entry | string> {
  const last = chooseTask(heard.tasks, heard.found.thread)
  if (isSeveral(last)) return which(order, last, heard, needs)
  if (!fits(last)) return answer(heard, { say: 'not-now', order, task: told(last) }, needs)
  // What not everybody may read is gone on with only where it was asked.
  if (last.discreet === true && last.thread.discussion !== heard.found.thread.discussion)
    return answer(heard, { say: 'nothing-to', order }, needs)
  return taskFor(wish(last), heard, needs, { agreed: last.discreet === true, last })
}

/** The wish of a task once more: what is left of it, where work of it stands on the branch. */
export function again({ prompt, mode, model, budget, merge, remarks, fromDescription, end }: Task): Wish {
  const asked = { prompt, mode, model, budget, merge, remarks, fromDescription }
  return { ...asked, ...(end?.outcome?.pushed === undefined ? {} : { goOn: 'rest' as const }) }
}

/** A plan that was made, and can be carried out. */
export function isPlan({ mode, end }: Pick<Task, 'mode' | 'end'>): boolean {
  return mode === 'plan' && end?.is === 'succeeded'
}

export function carriedOut(plan: Task): Wish {
  return { ...again(plan), mode: 'do', goOn: 'plan' }
}

/** Whether it can be tried again: it is over, and did not work. */
export function isRetriable({ end }: Pick<Task, 'end'>): boolean {
  return end !== undefined && end.is !== 'succeeded'
}

function isOver(task: Task): boolean {
  return task.end !== undefined
}

function ended({ end }: Task, cause: 'budget-spent'): boolean {
  return end?.is === 'failed' && (end.cause === cause || end.cause === 'turns-spent')
}

/** Who asked, or a Maintainer. */
export async function mayStop(
  { asker, thread }: Pick<Task, 'asker' | 'thread'>,
  userId: number,
  needs: Pick<ReceiveNeeds, 'isMaintainer'>,
): Promise<boolean> {
  return asker.id === userId || (await needs.isMaintainer(thread.projectId, userId))
}

function orderTo(target: Task, what: Order['what'], { id, found, level }: Allowed, needs: ReceiveNeeds): Order {
  const { thread, author: by } = found
  return { kind: 'order', id, thread, by, level, target: target.id, what, createdAt: needs.now(), done: false }
}

function which(order: AboutTasks, tasks: readonly Task[], heard: Heard, needs: ReceiveNeeds): Entry {
  return answer(
    heard,
    tasks.length === 0 ? { say: 'nothing-to', order } : { say: 'which', order, tasks: tasks.map(told) },
    needs,
  )
}

/** Of what not everybody may read, the name alone. */
export function told({ id, state, prompt, asker, discreet, thread, end, reply }: Task): Told {
  const hidden = discreet === true || thread.internal
  // Who has read the answer knows it as over, whatever is left to tidy up.
  const known = state === 'finishing' && end !== undefined && reply !== undefined ? end.is : state
  return { id, state: known, prompt: hidden ? '(not for everybody)' : prompt, asker: asker.username }
}
