/** Server-sent events: streams that stay open, kept alive, and closed when who reads is too slow. */

import { once } from 'node:events'
import type { Response } from 'express'

export type Stream = {
  /** Aborted when it is over, whoever ended it. */
  readonly over: AbortSignal
  /** Never waits: a stream that holds too much unread is closed, and comes back with the id it saw last. */
  send(event: Buffer): void
  /** When what was sent is on its way; at once where it is over. */
  room(): Promise<void>
  close(): void
}

export type Streams = ReturnType<typeof createStreams>

/** Milliseconds between signs of life: proxies end what is silent for a minute. */
const BEAT = 15_000
/** Bytes that may wait for one reader. */
const UNREAD = 512 * 1024
/** Milliseconds after which a browser comes back. */
const RETRY = 1000

const ALIVE = Buffer.from(':\n\n')

/** `data` is sent as JSON, which has no line break. Without `id` the last one stays. */
export function event(name: string, data: unknown, id?: number): Buffer {
  return Buffer.from(`event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`)
}

/** The open streams of this process. */
export function createStreams() {
  const beating = new Map<Stream, () => void>()
  const timer = setInterval(() => {
    for (const beat of beating.values()) beat()
  }, BEAT)
  timer.unref()

  return {
    open(response: Response): Stream {
      const over = new AbortController()
      let stalled = false
      const stream: Stream = {
        over: over.signal,
        send(bytes) {
          if (over.signal.aborted) return
          response.write(bytes)
          if (response.writableLength > UNREAD) stream.close()
        },
        async room() {
          if (!response.writableNeedDrain || over.signal.aborted) return
          await once(response, 'drain', { signal: over.signal }).catch(() => {})
        },
        close: () => response.destroy(),
      }
      response.once('close', () => {
        beating.delete(stream)
        over.abort()
      })
      beating.set(stream, () => {
        // Not a byte has gone since the last beat.
        if (stalled && response.writableNeedDrain) return stream.close()
        stalled = response.writableNeedDrain
        stream.send(ALIVE)
      })
      response
        .status(200)
        .set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
      response.flushHeaders()
      // What is written now is wanted now.
      response.socket?.setNoDelay(true)
      stream.send(Buffer.from(`retry: ${RETRY}\n\n`))
      return stream
    },
    close(): void {
      clearInterval(timer)
      for (const stream of [...beating.keys()]) stream.close()
    },
  }
}
