/** Asks whether Errand is ready all the time, and looks at how large this process (worker, door and page in one) becomes. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../conversations/world.ts'

export type Watched = {
  /** Milliseconds. */
  readonly slowest: number
  /** Bytes. */
  readonly grown: number
  readonly answers: ReadonlySet<number>
}

/** Until what it returns is called; bounded by `patience` milliseconds. */
export function watchOver({ config }: World, patience: number): () => Promise<Watched> {
  const began = process.memoryUsage.rss()
  const end = AbortSignal.timeout(patience)
  const answers = new Set<number>()
  let [slowest, largest, over] = [0, began, false]
  const watching = (async () => {
    while (!over && !end.aborted) {
      const asked = performance.now()
      answers.add(
        await fetch(`${config.url}/api/me`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      slowest = Math.max(slowest, Math.round(performance.now() - asked))
      largest = Math.max(largest, process.memoryUsage.rss())
      await sleep(100)
    }
  })()
  return async () => {
    over = true
    await watching
    return { slowest, grown: largest - began, answers }
  }
}
