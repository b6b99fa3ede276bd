/** The numbers of one process and its health, whichever parts of Errand run in it; on a port of their own. */

import { setTimeout as sleep } from 'node:timers/promises'
import express, { type Express } from 'express'
import { createMetrics, type Metrics } from '../metrics.ts'

/** What a part depends on. `needed`: without it the part can do nothing, and should get no requests. */
export type Dependency = {
  readonly name: string
  readonly needed: boolean
  /** Milliseconds for which an answer is kept; five seconds otherwise. */
  readonly kept?: number
  /** What is wrong with it, in a sentence; undefined when all is well. What it throws is wrong, too. */
  ask(): Promise<string | undefined>
}

export type Vitals = {
  readonly metrics: Metrics
  /** What would only get better by starting the process again: a sentence, or undefined. */
  live(ask: () => string | undefined): void
  depend(on: Dependency): void
  /** `/metrics`, `/livez`, `/readyz`. */
  readonly app: Express
}

/** Milliseconds for which an answer of a dependency is kept: probes come often, and from several sides, and of every process. */
const KEPT = 5000
const PATIENCE = 3000

export function createVitals(metrics: Metrics = createMetrics()): Vitals {
  const lives: (() => string | undefined)[] = []
  const dependencies = new Map<string, Dependency & { readonly now: () => Promise<string | undefined> }>()
  const app = express().disable('x-powered-by')

  app.get('/metrics', async (_, response) => {
    response.type(metrics.registry.contentType).send(await metrics.read())
  })
  // That it is answered at all shows that the event loop breathes.
  app.get('/livez', (_, response) => {
    const wrong = lives.flatMap((ask) => ask() ?? [])
    response.status(wrong.length === 0 ? 200 : 503).json({ live: wrong.length === 0, wrong })
  })
  app.get('/readyz', async (_, response) => {
    const all = await Promise.all(
      [...dependencies.values()].map(async ({ name, needed, now }) => {
        const wrong = await now()
        return { name, needed, ok: wrong === undefined, ...(wrong === undefined ? {} : { wrong }) }
      }),
    )
    const ready = all.every(({ needed, ok }) => ok || !needed)
    response.status(ready ? 200 : 503).json({ ready, dependencies: all })
  })

  return {
    metrics,
    live: (ask) => void lives.push(ask),
    depend(on) {
      // Several parts of one process may depend on the same.
      const needed = on.needed || dependencies.get(on.name)?.needed === true
      dependencies.set(on.name, { ...on, needed, now: kept(on) })
    },
    app,
  }
}

/** The same answer for a while, and no second question while the first has none: who is away finds no pile of them. */
function kept({ ask, kept = KEPT }: Dependency): () => Promise<string | undefined> {
  let last: { readonly at: number; readonly answer: Promise<string | undefined> } | undefined
  let isAsking = false
  return () => {
    if (last !== undefined && (isAsking || Date.now() - last.at <= kept)) return last.answer
    isAsking = true
    const answer = Promise.resolve()
      .then(ask)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    const late = sleep(PATIENCE, `no answer within ${PATIENCE / 1000} s`, { ref: false })
    last = { at: Date.now(), answer: Promise.race([answer, late]) }
    void answer.then(() => {
      isAsking = false
      last = { at: Date.now(), answer }
    })
    return last.answer
  }
}
