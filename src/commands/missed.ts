/** Finds what the hooks did not bring, again and again: one process at a time, whichever it is. */

import type { Config } from '../config.ts'
import type { Ask } from '../gitlab/ask.ts'
import type { GitLab } from '../gitlab/client.ts'
import { createChanges } from '../gitlab/ourChanges.ts'
import { sweep } from '../gitlab/sweep.ts'
import type { Logger } from '../log.ts'
import type { Queues } from '../redis/queue.ts'
import type { Store } from '../redis/store.ts'
import type { Watermark } from '../redis/watermark.ts'
import { describeDelivery } from '../tasks/delivery.ts'
import type { ReceiveNeeds } from '../tasks/receive.ts'
import { every } from './background.ts'

type Neighbours = {
  readonly gitlab: GitLab
  readonly ask: Ask
  readonly store: Store
  readonly queues: Queues
  readonly watermark: Watermark
  readonly ways: ReceiveNeeds['ways']
  swept(outcome: 'done' | 'failed'): void
}

export function findMissed(
  { gitlab, ask, store, queues, watermark, ways, swept }: Neighbours,
  { pace }: Pick<Config, 'pace'>,
  log: Logger,
): AsyncDisposable {
  const period = pace.find * 1000
  const ending = new AbortController()
  const changes = createChanges(gitlab)

  async function round(): Promise<void> {
    // A little less than a period, or ours would now and then come a moment before its end.
    using turn = await watermark.takeTurn(period * 0.9)
    if (turn === undefined) return
    const found = await sweep({
      gitlab,
      changes,
      me: ask.me,
      headStart: period / 2,
      watermark: watermark.read,
      finished: watermark.write,
      unheard: watermark.unheard,
      hear: watermark.hear,
      ways,
      projectsSince: store.projectsSince,
      deliver: (delivery) => queues.deliver(`found-${describeDelivery(delivery)}`, delivery),
      signal: ending.signal,
    })
    swept('done')
    log.debug({ event: 'swept', found }, `GitLab was asked for what no hook brought: ${found}`)
  }

  // GitLab may be away for long, and the next round finds all the same: nothing is lost by a failure.
  const failed = (error: unknown) => {
    swept('failed')
    log.warn({ event: 'not-swept', err: error }, 'what no hook brought could not be found; the next round tries again')
  }
  const rounds = every(period, failed, round)
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await rounds[Symbol.asyncDispose]()
    },
  }
}
