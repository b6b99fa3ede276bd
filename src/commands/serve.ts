/** The side that GitLab and people talk to: takes deliveries, shows tasks and takes them. */

import { fileURLToPath } from 'node:url'
import type { Config } from '../config.ts'
import { createAsk } from '../gitlab/ask.ts'
import { connectGitLab } from '../gitlab/client.ts'
import { refuseByHeaders, translateHook } from '../gitlab/hook.ts'
import { httpApp } from '../http/app.ts'
import type { Logger } from '../log.ts'
import { createAudit } from '../redis/audit.ts'
import { connectRedis, PREFIX, untilReady } from '../redis/connection.ts'
import { createNews } from '../redis/news.ts'
import { createQueues } from '../redis/queue.ts'
import { createStore } from '../redis/store.ts'
import { hereNow, inSpan } from '../trace.ts'
import { createIdentity } from './identity.ts'
import { type Listening, listen } from './listen.ts'
import { dependOnGitLab, dependOnRedis } from './measured.ts'
import { createPage } from './page.ts'
import { paceOf } from './reach.ts'
import { createShown } from './shown.ts'
import { runUntilSignal } from './until.ts'
import { createVitals, type Vitals } from './vitals.ts'
import { createWays } from './ways.ts'

/** Where `npm run build` leaves the page. */
const WEB = fileURLToPath(new URL('../../dist/web', import.meta.url))

export async function serve(config: Config, log: Logger, vitals: Vitals = createVitals()): Promise<Listening> {
  const { metrics } = vitals
  metrics.begins('serve')
  await using stack = new AsyncDisposableStack()
  const heard = (error: Error): void => log.warn({ event: 'redis', err: error }, 'Redis')
  const redis = connectRedis(config.redisUrl, 'fast', heard)
  stack.defer(() => redis.disconnect())
  const listening = connectRedis(config.redisUrl, 'patient', heard)
  stack.defer(() => listening.disconnect())
  const gitlab = connectGitLab(config.gitlab.url, async () => config.gitlab.token(), paceOf(config, metrics))
  dependOnRedis(vitals, redis)
  dependOnGitLab(vitals, gitlab)
  const queues = createQueues(redis, PREFIX)
  const store = createStore(redis, PREFIX)
  const ask = createAsk(gitlab)
  const ways = createWays(config, gitlab)
  const audit = createAudit(redis, PREFIX, config.keep.audit)
  const identity = createIdentity(config, { redis, gitlab, log, audit })
  const { maySee, mayRead } = identity.seer
  const page = createPage({ ask, store, queues, audit, ways, maySee, mayRead }, config, log)
  const news = createNews(listening, PREFIX, store.changes)
  const { app, close } = httpApp({
    url: config.url,
    log,
    refuseByHeaders: (headers) => refuseByHeaders(headers, config.webhookSecrets()),
    translate: (headers, body) => translateHook(headers, body, config.webhookSecrets(), Date.now() / 1000),
    take: (id, delivery) => inSpan('webhook', undefined, {}, () => queues.deliver(id, delivery, hereNow())),
    answeredHook: metrics.delivered,
    api: createShown(config, { redis, store, gitlab, ask, page, identity, news, ways, metrics }),
    login: identity.router,
    web: WEB,
  })
  // A restart is a normal event: nobody should be turned away for its first moments.
  await untilReady(redis, 1000)
  const server = stack.use(await listen('Errand', app, config.listen, 15_000))
  // Before the server waits for what it still answers: a stream never ends by itself.
  stack.defer(close)
  log.info({ event: 'serving', port: server.port }, `serving on ${config.listen.host}:${server.port}`)
  const parts = stack.move()
  return { port: server.port, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

export async function run(): Promise<void> {
  await runUntilSignal(serve)
}
