/** The stand-in's open watches, and what may befall them. */

import type { Http2ServerResponse } from 'node:http2'
import type { Change, Kind, Objects } from './objects.ts'
import { selects } from './objects.ts'

export type Watches = {
  open(kind: Kind, query: URLSearchParams, response: Http2ServerResponse): void
  readonly now: () => number
  readonly most: () => number
  /** From now on nothing is said on any watch, open or new; `speak` ends that, and what was missed stays missed. */
  silence(): void
  speak(): void
  /** Ends them all, as the API server does now and then. */
  end(): void
  /** Says on them all that their version is too old. */
  expire(): void
  /** A word of progress to all. */
  bookmark(): void
  /** Something that is no JSON. */
  garble(): void
  close(): void
}

export function openWatches(objects: Objects): Watches {
  const open = new Set<{ response: Http2ServerResponse; kind: Kind; stop: () => void }>()
  let silent = false
  let most = 0
  const say = (response: Http2ServerResponse, type: string, object: unknown): void => {
    if (!silent && !response.writableEnded) response.write(`${JSON.stringify({ type, object })}\n`)
  }
  const end = (): void => {
    for (const { response } of open) response.end()
  }
  return {
    open(kind, query, response) {
      const selector = query.get('labelSelector') ?? ''
      const follow = (change: Change): void => {
        if (change.kind === kind && selects(selector, change.object)) say(response, change.type, change.object)
      }
      // An old version is refused before the headers are sent.
      const stop = objects.follow(query.get('resourceVersion') ?? '0', follow)
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' })
      // HTTP/1.1 keeps headers back until there is a body.
      if ('flushHeaders' in response && typeof response.flushHeaders === 'function') response.flushHeaders()
      const entry = { response, kind, stop }
      open.add(entry)
      most = Math.max(most, open.size)
      const timeout = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 60) * 1000)
      response.once('close', () => {
        clearTimeout(timeout)
        stop()
        open.delete(entry)
      })
    },
    now: () => open.size,
    most: () => most,
    silence() {
      silent = true
    },
    speak() {
      silent = false
    },
    end,
    expire() {
      objects.compact()
      for (const { response } of open) {
        say(response, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' })
        response.end()
      }
    },
    bookmark() {
      for (const { response } of open) {
        say(response, 'BOOKMARK', { metadata: { resourceVersion: objects.version() } })
      }
    },
    garble() {
      for (const { response } of open) response.write('<html>a proxy has something to say\n')
    },
    close: end,
  }
}
