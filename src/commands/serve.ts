/** The side that GitLab and people talk to: takes deliveries, shows tasks. */

import type { Config } from '../config.ts'
import { refuseByHeaders, translateHook } from '../gitlab/hook.ts'
import { httpApp } from '../http/app.ts'
import type { Logger } from '../log.ts'
import { connectRedis, PREFIX } from '../redis/connection.ts'
import { createLogbook } from '../redis/logbook.ts'
import { createQueues } from '../redis/queue.ts'
import { createStore } from '../redis/store.ts'
import { type Listening, listen } from './listen.ts'
import { runUntilSignal } from './until.ts'

/** As much of a log's end as the plain page shows. */
const TAIL = 256 * 1024

export async function serve(config: Config, log: Logger): Promise<Listening> {
  await using stack = new AsyncDisposableStack()
  const redis = connectRedis(config.redisUrl, 'fast', (error) => log.warn({ event: 'redis', err: error }, 'Redis'))
  stack.defer(() => redis.disconnect())
  const queues = createQueues(redis, PREFIX)
  const store = createStore(redis, PREFIX)
  const logbook = createLogbook(redis, PREFIX)
  const app = httpApp({
    url: config.url,
    log,
    refuseByHeaders: (headers) => refuseByHeaders(headers, config.webhookSecrets()),
    translate: (headers, body) => translateHook(headers, body, config.webhookSecrets(), Date.now() / 1000),
    take: (id, delivery) => queues.deliver(id, delivery),
    ready: async () => (await redis.ping()) === 'PONG',
    task: async (id) => {
      const entry = await store.get(id)
      return entry?.kind === 'task' ? entry : undefined
    },
    logTail: async (id) => {
      const size = await logbook.size(id)
      return logbook.read(id, Math.max(0, size - TAIL), size)
    },
  })
  const server = stack.use(await listen('Errand', app, config.listen, 15_000))
  log.info({ event: 'serving', port: server.port }, `serving on ${config.listen.host}:${server.port}`)
  const parts = stack.move()
  return { port: server.port, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

export async function run(): Promise<void> {
  await runUntilSignal(serve)
}
