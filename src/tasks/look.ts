/** The way through: see, decide, act, record, until nothing is missing. May be repeated at any moment, by anybody. */

import { act, type Hands } from './act.ts'
import { advance, type Fact } from './advance.ts'
import type { Answer, Entry, Order, RemarkEntry } from './entry.ts'
import { next, type Rules, type Seen } from './next.ts'
import type { Task } from './task.ts'
import type { TaskId } from './taskId.ts'

export type LookNeeds = {
  get(id: TaskId): Promise<Entry | undefined>
  /** Compare-and-set: `change` is applied to the newest record, again when somebody else was faster. */
  update<E extends Entry>(entry: E, change: (newest: E) => E): Promise<E>
  see(task: Task): Promise<Seen>
  readonly hands: Hands
  readonly rules: Rules
  now(): number
  /** Told of each fact before the record has it, with the task as it will be: what is told again after a crash was told before. */
  audit(task: Task, fact: Fact): Promise<void>
  /** Told after each fact that changed the record: for the log. */
  recorded(task: Task, fact: Fact): void
  /** Says an answer in its thread, unless it stands there already; the discussion it stands in comes back. */
  say(answer: Answer): Promise<string | undefined>
  /** Leaves the order beside its task, and wakes that. */
  order(order: Order): Promise<void>
  remark(entry: RemarkEntry): Promise<void>
}

/** More steps than any history needs; beyond it something argues with itself, and the log should say so. */
const STEPS = 100

export async function look(id: TaskId, needs: LookNeeds): Promise<void> {
  const entry = await needs.get(id)
  if (entry === undefined) return
  switch (entry.kind) {
    case 'task':
      return lookAtTask(entry, needs)
    case 'remark':
      return needs.remark(entry)
    case 'order':
      if (entry.done) return
      await needs.order(entry)
      await needs.update(entry, (order) => ({ ...order, done: true }))
      return
    case 'answer': {
      if (entry.done) return
      const discussion = await needs.say(entry)
      await needs.update(entry, (answer) => ({ ...answer, thread: { discussion, ...answer.thread }, done: true }))
      return
    }
  }
}

async function lookAtTask(first: Task, needs: LookNeeds): Promise<void> {
  let task = first
  for (let steps = 0; steps < STEPS; steps++) {
    const step = next(task, await needs.see(task), needs.now(), needs.rules)
    if (step === undefined) return
    const fact = await act(step, task, needs.hands)
    if (fact === undefined) return
    const before = task
    const told = advance(task, fact, needs.now())
    if (told !== task) await needs.audit(told, fact)
    task = await needs.update(task, (newest) => advance(newest, fact, needs.now()))
    if (task !== before) needs.recorded(task, fact)
  }
  throw new Error(`task ${task.id} found no rest in ${STEPS} steps, state ${task.state}`)
}
