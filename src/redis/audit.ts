/** Who asked what, when, with which rights, and what was pushed: kept apart from the tasks, and for as long as is configured. */

import type { Redis } from 'ioredis'

/** What is worth remembering when the task itself is long forgotten. Texts of requests are not among it: those may be secret. */
export type Deed =
  | 'asked'
  | 'refused'
  | 'ordered'
  | 'begun'
  | 'pushed'
  | 'merge-request'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'logged-in'
  | 'logged-out'

export type AuditRecord = {
  readonly deed: Deed
  /** A user name in GitLab; absent where Errand did it by itself, for whoever asked. */
  readonly by?: string | undefined
  readonly person?: number | undefined
  /** GitLab's number of the role that was looked up. */
  readonly level?: number | undefined
  readonly task?: string | undefined
  /** Its path, as it was then, and its id. */
  readonly project?: string | undefined
  readonly projectId?: number | undefined
  readonly attempt?: number | undefined
  /** How it was asked for, the order, the cause of an end, why somebody was refused, that a push rewrote its branch. */
  readonly what?: string | undefined
  readonly branch?: string | undefined
  /** Commits before and after a push. */
  readonly before?: string | undefined
  readonly after?: string | undefined
  readonly url?: string | undefined
}

/** `at`: ISO 8601 in UTC. `id` orders records, and is where a later reading goes on. */
export type AuditLine = AuditRecord & { readonly at: string; readonly id: string }

export type Audit = ReturnType<typeof createAudit>

/** Records that one read asks Redis for. */
const BATCH = 1000

/** Seconds in which the same refusal is recorded once. */
const HOUR = 3600

/** KEYS: the mark of this refusal, audit. ARGV: seconds for the mark, json. In one step: a crash between the two would lose the record. */
const RECORD_ONCE = `
if redis.call('set', KEYS[1], 1, 'EX', ARGV[1], 'NX') then redis.call('xadd', KEYS[2], '*', 'json', ARGV[2]) end`

/**
 * Below the prefix, `audit` is a stream, and `refusal:` marks what was recorded within the hour. `days`: older records go, and so do the
 * oldest where there are more than `most`.
 */
export function createAudit(redis: Redis, prefix: string, days: number, most = Number.MAX_SAFE_INTEGER) {
  const key = `${prefix}:audit`
  return {
    async record(record: AuditRecord): Promise<void> {
      await redis.xadd(key, '*', 'json', JSON.stringify(record))
    },
    /**
     * Once per person, place and reason within an hour, and of who is no member once wherever it was: anybody may comment in a public
     * project, and must not fill the trail.
     */
    async recordRefusal(record: AuditRecord, place: string): Promise<void> {
      const where = record.what === 'not-a-member' ? 'anywhere' : place
      const mark = `${prefix}:refusal:${record.person}:${record.what}:${where}`
      await redis.eval(RECORD_ONCE, 2, mark, key, HOUR, JSON.stringify(record))
    },
    /** Lets go what is older, and about as many as are too much (Redis drops them by the hundred); gives how many records each were. */
    async forget(): Promise<{ readonly old: number; readonly surplus: number }> {
      const old = await redis.xtrim(key, 'MINID', Date.now() - days * 24 * 3600 * 1000)
      return { old, surplus: await redis.xtrim(key, 'MAXLEN', '~', most) }
    },
    /** From that time on, oldest first; `after` an id excludes it and what was before it. */
    async *read(since: number, after?: string): AsyncGenerator<AuditLine> {
      for (let from = after === undefined ? String(since) : `(${after}`; ; ) {
        const rows = await redis.xrange(key, from, '+', 'COUNT', BATCH)
        for (const [id, [, json = '{}']] of rows) {
          yield { at: new Date(Number.parseInt(id, 10)).toISOString(), id, ...(JSON.parse(json) as AuditRecord) }
        }
        const last = rows.at(-1)
        if (last === undefined || rows.length < BATCH) return
        from = `(${last[0]}`
      }
    },
  }
}
