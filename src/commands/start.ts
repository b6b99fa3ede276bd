/** Everything in one process: for one machine, and for small installs. */

import type { Config } from '../config.ts'
import type { Logger } from '../log.ts'
import { door } from './door.ts'
import { serve } from './serve.ts'
import { runUntilSignal } from './until.ts'
import { createVitals, type Vitals } from './vitals.ts'
import { work } from './work.ts'

export async function start(config: Config, log: Logger, vitals: Vitals = createVitals()): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  stack.use(await serve(config, log, vitals))
  stack.use(await door(config, log, vitals))
  stack.use(await work(config, log, vitals))
  return stack.move()
}

export async function run(): Promise<void> {
  await runUntilSignal(start)
}
