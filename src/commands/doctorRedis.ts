/** Redis: is it there, does it keep what it is given, and is anything parked in it. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Config } from '../config.ts'
import { PREFIX } from '../redis/connection.ts'
import { type RedisFacts, readFacts } from '../redis/info.ts'
import { createQueues } from '../redis/queue.ts'
import { describeDelivery } from '../tasks/delivery.ts'
import { check, type Finding } from './finding.ts'

/** Milliseconds. */
const PATIENCE = 3000
/** The oldest that has all the commands we use: GETDEL, ZMSCORE, ZRANGE … BYSCORE, XTRIM … MINID. */
const OLDEST = '6.2'
/** The oldest that Errand is tested with. */
const TRIED = '7.0'
const DAY = 24 * 3600 * 1000
/** Deliveries that are named in one line. */
const MOST_NAMED = 5
/** Of maxmemory, from where on there is too little left. */
const FULL = 0.85

export async function* examineRedis({ redisUrl, gitlab }: Config, redis: Redis): AsyncGenerator<Finding> {
  const { host } = new URL(redisUrl)
  let facts: RedisFacts | undefined
  const cure = (error: unknown) =>
    /WRONGPASS|NOAUTH|NOPERM/.test(String(error))
      ? 'put the right user and password into REDIS_URL: rediss://user:password@host:6379'
      : `see that Redis runs, that REDIS_URL is right, and that ${host} is reached from here`
  const first = await check('Redis', cure, async () => {
    const late = sleep(PATIENCE, undefined, { ref: false }).then(() =>
      Promise.reject(new Error(`no answer within ${PATIENCE / 1000} s`)),
    )
    facts = await Promise.race([readFacts(redis, PREFIX), late])
    return { found: `${facts.version} at ${host}`, ...age(facts) }
  })
  yield first
  if (facts === undefined) return
  yield { checked: 'persistence', ...persistence(facts), advice: [] }
  yield { checked: 'memory', ...memory(facts), advice: [] }
  if (facts.gitlab !== undefined && facts.gitlab !== gitlab.url) {
    const wrong = [`it holds the tasks of ${facts.gitlab}: give ${gitlab.url} a Redis of its own, in REDIS_URL`]
    yield { checked: 'records', found: `of ${facts.gitlab}`, wrong, advice: [] }
  }
  yield await check('deliveries', 'see the log of `work`', () => parked(redis))
}

function age({ version }: RedisFacts) {
  if (isOlder(version, OLDEST))
    return {
      wrong: [
        `it lacks commands that Errand uses (GETDEL, ZMSCORE, ZRANGE BYSCORE, XTRIM MINID): Redis ${OLDEST} or newer, or Valkey, is needed`,
      ],
    }
  return isOlder(version, TRIED)
    ? { advice: [`it has all the commands, but Errand is tested with ${TRIED} and newer only: update it`] }
    : {}
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [thanMajor = 0, thanMinor = 0] = than.split('.').map(Number)
  return major < thanMajor || (major === thanMajor && minor < thanMinor)
}

function persistence({ appends, snapshots, failed }: RedisFacts) {
  const ways = [appends ? 'append-only file' : '', snapshots === true ? 'snapshots' : ''].filter((way) => way !== '')
  const wrong = failed.map((name) => `its last writing failed (${name}): see Redis' log, and whether its disk is full`)
  if (!appends) {
    const lost = snapshots === false ? 'everything' : 'what came since the last snapshot'
    wrong.push(`a restart of Redis loses ${lost}: switch on its append-only file (appendonly yes)`)
  }
  return { found: ways.join(' and ') || 'none that can be seen', wrong }
}

function memory({ policy, used, most }: RedisFacts) {
  const wrong: string[] = []
  if (policy !== 'noeviction')
    wrong.push(`maxmemory-policy is ${policy}: when memory is short Redis would throw tasks away; set it to noeviction`)
  if (most !== undefined && used > FULL * most)
    wrong.push(`it is nearly full, and will refuse what is new: raise maxmemory, or lower storage.megabytes`)
  const limit = most === undefined ? 'no limit' : `of ${megabytes(most)} MB`
  return { found: `${megabytes(used)} MB ${most === undefined ? `used, ${limit}` : `${limit} used`}, ${policy}`, wrong }
}

async function parked(redis: Redis) {
  const queues = createQueues(redis, PREFIX)
  try {
    const { waiting, later, parked } = await queues.size('deliveries')
    const newest = await queues.givenUp(MOST_NAMED)
    const names = newest.map(({ delivery, why }) => `${describeDelivery(delivery)}: ${why}`)
    const cure = `${parked} could not be received for a day, and are tried no more: the log of \`work\` says why, and most of what they told is found by asking (${names.join('; ')}); \`errand deliveries retry\` tries them again, \`errand deliveries forget\` clears them`
    const isNew = newest.some(({ at }) => Date.now() - at < DAY)
    return {
      found: `${waiting} waiting, ${later} tried again later, ${parked} given up`,
      wrong: parked > 0 && isNew ? [cure] : [],
      advice: parked > 0 && !isNew ? [`none of the last day: ${cure}`] : [],
    }
  } finally {
    await queues.close()
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}
