/** Everything in one process: for one machine, and for small installs. */

import type { Config } from '../config.ts'
import type { Logger } from '../log.ts'
import { door } from './door.ts'
import { serve } from './serve.ts'
import { runUntilSignal } from './until.ts'
import { work } from './work.ts'

export async function start(config: Config, log: Logger): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  stack.use(await serve(config, log))
  stack.use(await door(config, log))
  stack.use(await work(config, log))
  return stack.move()
}

export async function run(): Promise<void> {
  await runUntilSignal(start)
}
