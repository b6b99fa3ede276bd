/** Lets go what is older than it is kept for, again and again: any process may, also several at once. */

import type { Redis } from 'ioredis'
import type { Config } from '../config.ts'
import type { Logger } from '../log.ts'
import { createAudit } from '../redis/audit.ts'
import { PREFIX } from '../redis/connection.ts'
import { createRetention } from '../redis/retention.ts'
import { createRoom, type Room } from '../redis/room.ts'
import { every } from './background.ts'

const DAY = 24 * 3600 * 1000
const EVERY = 10 * 60 * 1000
/** Entries, and logs, that one round lets go at most: the next goes on. */
const MOST = 5000
/** Seconds for which what a run leaves is kept at least. */
const LEFT = 30 * 24 * 3600

/** `keep.logs` holds for what agents remember, too. */
export function openRoom(redis: Redis, { storage, keep }: Pick<Config, 'storage' | 'keep'>): Room {
  return createRoom(redis, PREFIX, storage.megabytes * 1024 * 1024, Math.ceil((keep.logs * DAY) / 1000))
}

/** Seconds for which what stands beside a task is kept, should the task's own end not take it along. */
export function besideFor({ keep }: Pick<Config, 'keep'>): number {
  return Math.max(LEFT, Math.ceil((keep.tasks * DAY) / 1000))
}

export function forgetOld(redis: Redis, { keep }: Pick<Config, 'keep'>, log: Logger): AsyncDisposable {
  const retention = createRetention(redis, PREFIX)
  const audit = createAudit(redis, PREFIX, keep.audit, keep.mostAudit)
  const failed = (error: unknown): void =>
    log.error({ event: 'not-forgotten', err: error }, 'what is old could not be let go; the next round tries again')
  return every(EVERY, failed, async () => {
    const now = Date.now()
    const entries = await retention.forgetEntries(now - keep.tasks * DAY, MOST)
    const surplus = await retention.keepNewest(keep.mostTasks, keep.mostAnswers, MOST)
    const logs = await retention.forgetLogs(now - keep.logs * DAY, MOST)
    const records = await audit.forget()
    const words = `let go: ${entries} entries, ${logs} logs, ${records.old} records of the audit trail`
    if (entries + logs + records.old > 0) log.info({ event: 'forgotten', entries, logs, records: records.old }, words)
    const early = { tasks: surplus.tasks, answers: surplus.answers, records: records.surplus }
    if (early.tasks + early.answers + early.records > 0) log.warn({ event: 'too-many', ...early }, wordsOf(early))
  })
}

/** What went although it was not old, each beside the setting that says so. */
function wordsOf({ tasks, answers, records }: Record<'tasks' | 'answers' | 'records', number>): string {
  const went = [
    `${tasks} tasks (keep.mostTasks)`,
    `${answers} answers (keep.mostAnswers)`,
    `${records} records of the audit trail (keep.mostAudit)`,
  ]
  return `gone before their time, as there are more than are kept: ${went.join(', ')}`
}
