/** Notes when our merge requests were merged, again and again: one process at a time, whichever it is. */

import type { Config } from '../config.ts'
import type { GitLab } from '../gitlab/client.ts'
import { mergedSince } from '../gitlab/merged.ts'
import type { Logger } from '../log.ts'
import type { Ledger } from '../redis/ledger.ts'
import type { Watermark } from '../redis/watermark.ts'
import { every } from './background.ts'

/** Milliseconds that are looked back where nobody knows how far we had come. */
const DAY = 24 * 3600 * 1000
/** For what was merged before GitLab was asked and could be read only after it. */
const OVERLAP = 60_000

type Neighbours = {
  readonly gitlab: Pick<GitLab, 'call'>
  readonly ledger: Pick<Ledger, 'noteMerged'>
  readonly watermark: Pick<Watermark, 'takeTurn' | 'read' | 'write'>
}

export function noteMerged(
  { gitlab, ledger, watermark }: Neighbours,
  { pace }: Pick<Config, 'pace'>,
  log: Logger,
): AsyncDisposable {
  const period = pace.merged * 1000
  // GitLab may be away for long: the next round finds all the same.
  const failed = (error: unknown) =>
    log.warn({ event: 'merged-unknown', err: error }, 'what was merged could not be found; the next round tries again')
  return every(period, failed, async () => {
    using turn = await watermark.takeTurn(period * 0.9)
    if (turn === undefined) return
    const { merged, date } = await mergedSince(gitlab, (await watermark.read()) ?? Date.now() - DAY)
    await ledger.noteMerged(merged)
    await watermark.write(date - OVERLAP)
    if (merged.length > 0) log.debug({ event: 'merged', count: merged.length }, `${merged.length} were merged lately`)
  })
}
