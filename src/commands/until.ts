import { collectDefaultMetrics } from 'prom-client'
import { type Config, readConfig } from '../config.ts'
import { createLogger, type Logger } from '../log.ts'
import { listen } from './listen.ts'
import { createVitals, type Vitals } from './vitals.ts'

export type Part = (config: Config, log: Logger, vitals: Vitals) => Promise<AsyncDisposable>

/** Runs a part of Errand until SIGINT or SIGTERM, then closes it within ten seconds. Runs of agents go on: the next start adopts them. */
export async function runUntilSignal(start: Part): Promise<void> {
  const config = readConfig()
  const log = createLogger(config.log)
  process.on('unhandledRejection', (error) => {
    log.fatal({ event: 'crash', err: error }, 'unhandled rejection')
    process.exit(1)
  })
  const ended = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
  const vitals = createVitals()
  collectDefaultMetrics({ register: vitals.metrics.registry })
  await using _ = await listen('its health', vitals.app, config.health, 15_000)
  const part = await start(config, log, vitals)
  const signal = await ended
  log.info({ event: 'closing', signal }, 'closing')
  setTimeout(() => {
    log.error({ event: 'closed-by-force' }, 'closing took more than 10 s')
    process.exit(1)
  }, 10_000).unref()
  await part[Symbol.asyncDispose]()
  log.info({ event: 'closed' }, 'closed')
}
