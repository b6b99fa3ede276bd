/** `errand audit`: the audit trail as JSON lines, for a file, a pipe, or whatever collects logs. */

import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { createAudit } from '../redis/audit.ts'
import { connectRedis, PREFIX } from '../redis/connection.ts'
import { StartError } from './startError.ts'

const FLAGS = {
  since: { type: 'string' },
  after: { type: 'string' },
  task: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

const HELP = `errand audit [flags]: who asked what, when, with which rights, and what was pushed; one JSON object a line

  --since TIME   from then on, as 2026-11-22 or 2026-11-22T18:00:00Z; everything otherwise
  --after ID     only what came after the line with this id: to go on where the last export ended
  --task ID      one task alone, as 42-n1337`

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: FLAGS })
  if (values.help) return console.log(HELP)
  const since = values.since === undefined ? 0 : Date.parse(values.since)
  if (Number.isNaN(since)) throw new StartError(`--since: "${values.since}" is no time: give 2026-11-22, say.`)
  if (values.after !== undefined && !/^\d+-\d+$/.test(values.after))
    throw new StartError(`--after: "${values.after}" is no id: give the "id" of a line that was printed before.`)
  const config = readConfig()
  const redis = connectRedis(config.redisUrl, 'patient', () => {})
  try {
    const late = sleep(3000).then(() => Promise.reject(new StartError('REDIS_URL: no answer within 3 s.')))
    await Promise.race([redis.ping(), late])
    for await (const line of createAudit(redis, PREFIX, config.keep.audit).read(since, values.after)) {
      if (values.task === undefined || line.task === values.task) console.log(JSON.stringify(line))
    }
  } finally {
    redis.disconnect()
  }
}
