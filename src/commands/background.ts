/** Work that goes on by itself until its process ends. */

import { setTimeout as sleep } from 'node:timers/promises'

/** Does it now and then every so often, until disposed. What it throws is told, and it is done again the next time. */
export function every(
  milliseconds: number,
  failed: (error: unknown) => void,
  work: () => Promise<void>,
): AsyncDisposable {
  const ending = new AbortController()
  const loop = (async () => {
    while (!ending.signal.aborted) {
      await work().catch(failed)
      await sleep(milliseconds, undefined, { signal: ending.signal }).catch(() => {})
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await loop
    },
  }
}

/** Does it for each that comes, until disposed. A source that ends or breaks is begun again. */
export function forEach<T>(
  source: (signal: AbortSignal) => AsyncIterable<T>,
  failed: (error: unknown) => void,
  work: (item: T) => Promise<void>,
): AsyncDisposable {
  const ending = new AbortController()
  const loop = (async () => {
    while (!ending.signal.aborted) {
      try {
        for await (const item of source(ending.signal)) await work(item).catch(failed)
      } catch (error) {
        failed(error)
      }
      await sleep(1000, undefined, { signal: ending.signal }).catch(() => {})
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await loop
    },
  }
}
