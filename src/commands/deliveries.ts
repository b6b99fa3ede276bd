/** `errand deliveries retry|forget`: what GitLab told us, could not be received for a day, and is tried no more. */

import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { connectRedis, PREFIX } from '../redis/connection.ts'
import { createQueues, type Queues } from '../redis/queue.ts'
import { describeDelivery } from '../tasks/delivery.ts'
import { StartError } from './startError.ts'

const FLAGS = { help: { type: 'boolean', default: false } } as const

const HELP = `errand deliveries          shows what could not be received for a day, and is tried no more
errand deliveries retry    tries all of it for another day
errand deliveries forget   clears it; what was asked lately is found without it, by asking GitLab`

/** Shown at most. */
const MOST = 100

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  if (values.help) return console.log(HELP)
  const [action, ...others] = positionals
  if ((action !== undefined && action !== 'retry' && action !== 'forget') || others.length > 0)
    throw new StartError(HELP)
  const redis = connectRedis(readConfig().redisUrl, 'patient', () => {})
  try {
    const late = sleep(3000, undefined, { ref: false }).then(() =>
      Promise.reject(new StartError('REDIS_URL: no answer within 3 s.')),
    )
    await Promise.race([redis.ping(), late])
    const queues = createQueues(redis, PREFIX)
    try {
      for await (const line of deliveries(queues, action)) console.log(line)
    } finally {
      await queues.close()
    }
  } finally {
    redis.disconnect()
  }
}

async function* deliveries(queues: Queues, action: 'retry' | 'forget' | undefined): AsyncGenerator<string> {
  if (action !== undefined)
    return yield `${await queues.clear(action)} ${action === 'retry' ? 'tried again' : 'forgotten'}`
  const { parked } = await queues.size('deliveries')
  for (const { delivery, why, at } of await queues.givenUp(MOST))
    yield `${new Date(at).toISOString()}  ${describeDelivery(delivery)}: ${why}`
  yield `${parked} given up`
}
