/**
 * A copy of the objects of one kind, kept true by a list and a watch that begins again from whatever ends it: the
 * library's informer stops for good at anything but 410, and dies of an exception in a handler.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import { isProblem, KubernetesError } from './failure.ts'
import type { Kind, Listed, Namespace } from './namespace.ts'
import { type Pace, pauseAfter } from './pace.ts'

type Named = { readonly metadata?: { readonly name?: string; readonly resourceVersion?: string } }

export type Mirror<T extends Named> = {
  readonly kind: Kind
  get(name: string): T | undefined
  all(): Iterable<T>
  /** Fulfilled by the first list. */
  readonly ready: Promise<void>
  /** What we made ourselves, until the watch tells the same. */
  add(object: T): void
  /** Puts a newer list in the place of everything, and watches on from there. */
  restart(list: Listed<T>): void
  /** What stands between us and the API server now; undefined while a watch is open. */
  problem(): string | undefined
  /** When the API server last said something of this kind, milliseconds since 1970; it does at least every minute, by bookmarks. */
  heardAt(): number
  /** Lists and watches until the signal says otherwise. Never throws. */
  run(): Promise<void>
}

type MirrorOptions<T extends Named> = {
  readonly kind: Kind
  readonly namespace: Namespace
  /** What is kept of an object: thousands of them are in memory. */
  keep(object: T): T
  /** Told of everything that came, changed or went. */
  changed(object: T): void
  readonly pace: Pace
  readonly log: Logger
  readonly signal: AbortSignal
}

export function createMirror<T extends Named>(options: MirrorOptions<T>): Mirror<T> {
  const { kind, namespace, keep, pace, log, signal } = options
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
  let objects = new Map<string, T>()
  /** Where the next watch begins; undefined: with a list. */
  let version: string | undefined
  let watching = new AbortController()
  let problem: string | undefined = 'not listed yet'
  let heardAt = Date.now()
  let failures = 0

  function replace({ items, version: newer }: Listed<T>): void {
    heardAt = Date.now()
    const before = objects
    objects = new Map(items.map((item) => [nameOf(item), item]))
    version = newer
    isReady()
    for (const [name, item] of objects) {
      if (before.get(name)?.metadata?.resourceVersion !== item.metadata?.resourceVersion) options.changed(item)
    }
    for (const [name, item] of before) if (!objects.has(name)) options.changed(item)
  }

  async function follow(from: string, until: AbortSignal): Promise<void> {
    problem = undefined
    for await (const { type, object } of namespace.watch(kind, from, pace, until)) {
      if (until.aborted) return
      failures = 0
      heardAt = Date.now()
      if (type === 'ERROR') {
        throw new KubernetesError(object.code === 410 ? 'gone' : 'later', `watch of ${kind}: ${object.message}`)
      }
      version = object.metadata?.resourceVersion ?? version
      if (type === 'BOOKMARK') continue
      const item = keep(object as T)
      if (type === 'DELETED') objects.delete(nameOf(item))
      else objects.set(nameOf(item), item)
      options.changed(item)
    }
  }

  return {
    kind,
    ready,
    get: (name) => objects.get(name),
    all: () => objects.values(),
    add(object) {
      const item = keep(object)
      if (!objects.has(nameOf(item))) objects.set(nameOf(item), item)
    },
    restart(list) {
      replace(list)
      watching.abort()
    },
    problem: () => problem,
    heardAt: () => heardAt,
    async run() {
      while (!signal.aborted) {
        watching = new AbortController()
        const until = AbortSignal.any([signal, watching.signal])
        const began = Date.now()
        try {
          if (version === undefined) replace(await namespace.list(kind, keep, signal))
          await follow(version ?? '', until)
          // The API server ends a watch now and then; one that it ends at once is asked for again after a pause.
          if (!until.aborted && Date.now() - began < pace.backoff[0]) await pause(++failures)
        } catch (error) {
          if (until.aborted) continue
          if (isProblem(error, 'gone')) version = undefined
          problem = error instanceof Error ? error.message : String(error)
          failures++
          log.warn({ event: 'watch', kind, failures, err: error }, `the watch of ${kind} begins again: ${problem}`)
          await pause(failures)
        }
      }
    },
  }

  async function pause(n: number): Promise<void> {
    await sleep(pauseAfter(n, pace.backoff), undefined, { signal }).catch(() => {})
  }
}

function nameOf({ metadata }: Named): string {
  return metadata?.name ?? ''
}
