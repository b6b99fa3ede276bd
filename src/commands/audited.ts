/**
 * What happens, as the audit trail has it. Each record is written beside what it tells of and again where that is tried again: after a
 * crash it may stand there twice, and is never missing. No text of a request is in it.
 */

import type { Audit, AuditRecord } from '../redis/audit.ts'
import type { Push } from '../redis/pushes.ts'
import type { Store } from '../redis/store.ts'
import type { Fact } from '../tasks/advance.ts'
import type { Answer, Entry, Order, Refusal } from '../tasks/entry.ts'
import type { Person, Task } from '../tasks/task.ts'
import { hereNow } from '../trace.ts'

export type Recording = {
  readonly audit: Pick<Audit, 'record' | 'recordRefusal'>
  readonly store: Pick<Store, 'create' | 'exists'>
}

/** Creates records of what was asked: told to the trail before they are there, and part of the trace that they are created in. */
export function createAudited({ audit, store }: Recording): (entry: Entry) => Promise<boolean> {
  return async (entry) => {
    const record = recordOfEntry(entry)
    if (record !== undefined && !(await store.exists(entry.id))) {
      const { projectId, on, iid } = entry.thread
      if (record.deed === 'refused') await audit.recordRefusal(record, `${projectId}:${on}:${iid}`)
      else await audit.record(record)
    }
    return store.create(inThisTrace(entry))
  }
}

function inThisTrace(entry: Entry): Entry {
  const trace = hereNow()
  return trace === undefined || (entry.kind !== 'task' && entry.kind !== 'remark') ? entry : { ...entry, trace }
}

/** Undefined of what asks for nothing; orders are told when they are given (`recordOfOrder`). */
export function recordOfEntry(entry: Entry): AuditRecord | undefined {
  switch (entry.kind) {
    case 'task':
      return { ...about(entry), deed: 'asked', ...who(entry.asker), level: entry.level, what: entry.occasion }
    case 'answer':
      return refused(entry)
    case 'order':
    case 'remark':
      return undefined
  }
}

function refused({ id, to, thread, saying }: Answer): AuditRecord | undefined {
  const record = { deed: 'refused', ...who(to), task: id, projectId: thread.projectId } as const
  if (saying.say === 'not-yours') return { ...record, what: 'not-yours' }
  if (saying.say !== 'refused' && saying.say !== 'refused-again') return undefined
  return { ...record, level: levelIn(saying.why), what: saying.why.why }
}

function levelIn(refusal: Refusal): number | undefined {
  return refusal.why === 'role' ? refusal.has : undefined
}

export function recordOfOrder({ by, level, target, thread, what }: Order): AuditRecord {
  const { projectId } = thread
  const order = what.order === 'budget' ? `budget ${what.budget}` : what.order
  return { deed: 'ordered', ...who(by), level, task: target, projectId, what: order }
}

/** `task` is as the fact has made it. */
export function recordOfFact(task: Task, fact: Fact): AuditRecord | undefined {
  const { attempt } = task
  switch (fact.fact) {
    case 'launched':
      return { ...about(task), deed: 'begun', attempt }
    case 'merge-request':
      return { ...about(task), deed: 'merge-request', url: fact.url }
    case 'finished':
      return { ...about(task), attempt, ...ended(task) }
    case 'reacted':
    case 'checked':
    case 'label':
    case 'status':
    case 'budget':
    case 'stop':
    case 'attempt':
    case 'running':
    case 'ended':
    case 'merge-request-refused':
    case 'replied':
    case 'answered':
    case 'cleaned':
      return undefined
  }
}

/** Of a push that is told again, because its branch lost commits by it, that. */
export function recordOfPush(task: Task, attempt: number, { branch, before, after, rewritten }: Push): AuditRecord {
  const what = rewritten === true ? 'rewritten' : undefined
  return { ...about(task), deed: 'pushed', attempt, branch, before, after, what }
}

function ended({ id, end }: Task): Pick<AuditRecord, 'deed' | 'by' | 'what'> {
  switch (end?.is) {
    case 'succeeded':
      return { deed: 'succeeded' }
    case 'failed':
      return { deed: 'failed', what: end.cause }
    case 'cancelled':
      return { deed: 'cancelled', ...('because' in end ? { what: end.because } : { by: end.by }) }
    case undefined:
      throw new Error(`${id} is finished without an end`)
  }
}

/** What every record of a task says. */
export function about({ id, repository, thread, branch }: Task) {
  return { task: id, project: repository, projectId: thread.projectId, branch }
}

export function who({ id, username }: Pick<Person, 'id' | 'username'>): Pick<AuditRecord, 'by' | 'person'> {
  return { by: username, person: id }
}
