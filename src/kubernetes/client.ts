/**
 * Calls to the API server that end: with an answer, or with a KubernetesError. Of the library we take what it does
 * well, configuration and authentication in all their forms, and its types. Its generated calls have no timeout and a
 * connection each, its informer stops for good at the first surprise, and its Log crashes the process.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import { request } from 'undici'
import { CALLS, createConnection } from './connection.ts'
import { failureOf, isProblem, KubernetesError } from './failure.ts'
import { linesOf } from './lines.ts'
import { type Pace, pauseAfter } from './pace.ts'
import { createSlots } from './slots.ts'

type Method = 'GET' | 'POST' | 'DELETE'
type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** Made for one runner: its two watches and the calls beside them share four connections. */
export type Client = AsyncDisposable & {
  /**
   * Every call may be repeated: names are ours, so a create that was done and not answered comes back as `exists`.
   * Throws a KubernetesError; `later` only after the tries of the pace are used up.
   */
  call<T>(method: Method, path: string, options?: { query?: Query; body?: unknown; signal?: AbortSignal }): Promise<T>
  /** The beginning of a text. */
  text(path: string, query: Query): Promise<Uint8Array>
  /** The lines of an endless answer, until it ends, fails, is aborted, or has been silent for `silence` milliseconds. */
  lines(path: string, query: Query, options: { signal: AbortSignal; silence: number }): AsyncIterable<string>
  /** The API server's clock: objects' times are compared with this one, never with ours. */
  now(): number
}

/** `heard` is told of every call that went out, repetitions and watches (WATCH) too; status 0 where no answer came. */
export function createClient(
  config: KubeConfig,
  pace: Pace,
  heard: (method: Method | 'WATCH', status: number, seconds: number) => void = () => {},
): Client {
  const connection = createConnection(config)
  /** The time of a call does not run while it waits for its turn. */
  const slots = createSlots(CALLS)
  let offset = 0

  async function send(method: Method, path: string, query: Query, signal: AbortSignal, body?: unknown) {
    const began = performance.now()
    const kind = query.watch === true ? 'WATCH' : method
    const said = (status: number) => heard(kind, status, (performance.now() - began) / 1000)
    try {
      const answer = await ask(method, path, query, signal, body)
      said(answer.statusCode)
      return answer
    } catch (error) {
      said(0)
      throw error
    }
  }

  async function ask(method: Method, path: string, query: Query, signal: AbortSignal, body?: unknown) {
    const { server, headers, dispatcher } = await connection.open()
    const url = `${server}${path}${search(query)}`
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const text = body === undefined ? null : JSON.stringify(body)
    const answer = await request(url, { dispatcher, method, headers: { ...headers, ...json }, body: text, signal })
    const date = Date.parse(String(answer.headers.date))
    // The header counts whole seconds: half of one is the best guess.
    if (!Number.isNaN(date)) offset = date + 500 - Date.now()
    return answer
  }

  async function once(method: Method, path: string, query: Query, outer?: AbortSignal, body?: unknown) {
    const call = `${method} ${path}`
    const timeout = AbortSignal.timeout(pace.call)
    const signal = outer === undefined ? timeout : AbortSignal.any([timeout, outer])
    try {
      const answer = await send(method, path, query, signal, body)
      const text = Buffer.from(await answer.body.arrayBuffer())
      if (answer.statusCode < 300) return text
      throw failureOf(answer.statusCode, text.toString(), headerOf(answer.headers, 'retry-after'), call)
    } catch (error) {
      throw asFailure(error, call, outer)
    }
  }

  async function insist<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await slots.with(attempt)
      } catch (error) {
        if (!isProblem(error, 'later') || tries >= pace.tries) throw error
        const pause = Math.max(error.after ?? 0, pauseAfter(tries, pace.backoff))
        // Whoever has to wait longer than we are patient hears of it, and comes back by himself.
        if (pause > pace.backoff[1]) throw error
        await sleep(pause, undefined, signal === undefined ? {} : { signal })
      }
    }
  }

  return {
    async call<T>(
      method: Method,
      path: string,
      { query = {}, body, signal }: { query?: Query; body?: unknown; signal?: AbortSignal } = {},
    ): Promise<T> {
      return insist(async () => parse(await once(method, path, query, signal, body), `${method} ${path}`), signal) as T
    },
    text: (path, query) => insist(() => once('GET', path, query), undefined),
    async *lines(path, query, { signal, silence }) {
      const call = `GET ${path}`
      const quiet = new AbortController()
      const alarm = setTimeout(() => quiet.abort(new KubernetesError('later', `${call}: silent for too long`)), silence)
      const both = AbortSignal.any([signal, quiet.signal])
      try {
        const answer = await send('GET', path, query, both)
        if (answer.statusCode >= 300) {
          const text = await answer.body.text()
          throw failureOf(answer.statusCode, text, headerOf(answer.headers, 'retry-after'), call)
        }
        for await (const line of linesOf(answer.body, () => alarm.refresh())) yield line
      } catch (error) {
        throw quiet.signal.aborted ? quiet.signal.reason : asFailure(error, call, signal)
      } finally {
        clearTimeout(alarm)
        // Whoever stops reading ends the request, too.
        quiet.abort()
      }
    },
    now: () => Date.now() + offset,
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

function search(query: Query): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value))
  return given.size === 0 ? '' : `?${given}`
}

function headerOf(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/** A network that fails in whatever way means: later. Our own end, and our own mistakes, stay what they are. */
function asFailure(error: unknown, call: string, outer: AbortSignal | undefined): unknown {
  if (error instanceof KubernetesError || outer?.aborted === true) return error
  const known =
    error instanceof Error && ('code' in error || error.name === 'TimeoutError' || error.name === 'AbortError')
  if (!known) return error
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  return new KubernetesError('later', `${call}: ${error.message}${code}`, { cause: error })
}

function parse(text: Uint8Array, call: string): unknown {
  try {
    return JSON.parse(Buffer.from(text).toString())
  } catch (cause) {
    throw new KubernetesError('later', `${call}: the answer is not JSON, or was cut off`, { cause })
  }
}
