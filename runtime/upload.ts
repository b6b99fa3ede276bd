/** Sends the log to the door from the byte it wants next, in batches, to the last one (README.md, clause 6). */

import type { Door } from './door.ts'
import type { Log } from './log.ts'
import { pause } from './wait.ts'

export type Upload = {
  /** Sends what is left, with the end marked. True when the door has everything; false when `until` came first. */
  end(until: AbortSignal): Promise<boolean>
}

const BATCH = 64 * 1024
const LARGEST = 4 * 1024 * 1024
const QUIET = 500
const LOOK = 100
/** A tail that the door held back (it might be the beginning of a secret) is offered again this seldom. */
const HELD_BACK = 10_000
/** With the end marked the door has nothing to wait for, so tries without progress are few. */
const FRUITLESS = 20

/** Begins at once and goes on in the background, until `end`, or until the door is closed. */
export function startUpload(log: Log, door: Door): Upload {
  const ending = new AbortController()
  let offset = 0
  let closed = false

  /** One batch. Answers whether the door can be talked to further. */
  async function send(marksEnd: boolean, signal: AbortSignal): Promise<boolean> {
    const bytes = log.read(offset, LARGEST)
    if (bytes.length === 0) return true
    const isLast = marksEnd && offset + bytes.length >= log.size()
    const reply = await door.insist(
      'PATCH',
      '/v1/log',
      {
        headers: {
          'content-type': 'application/octet-stream',
          'content-range': `bytes ${offset}-${offset + bytes.length - 1}/*`,
          ...(isLast ? { 'errand-log-end': 'true' } : {}),
        },
        body: bytes,
      },
      signal,
    )
    if (reply.kind === 'away') return true
    const wanted =
      reply.kind === 'answer' && (reply.status === 200 || reply.status === 416) ? position(reply.body.toString()) : -1
    closed = wanted < 0
    if (!closed) offset = wanted
    return !closed
  }

  async function follow(): Promise<void> {
    let sentTo = 0
    let changed = Date.now()
    while (!ending.signal.aborted) {
      const size = log.size()
      const waiting = size - offset
      const age = Date.now() - changed
      const due =
        waiting > 0 && (size > sentTo ? waiting >= BATCH || age >= QUIET : waiting >= BATCH || age >= HELD_BACK)
      if (due) {
        sentTo = Math.min(size, offset + LARGEST)
        const before = offset
        if (!(await send(false, ending.signal))) return
        changed = Date.now()
        if (offset !== before) continue
      } else if (waiting <= 0) changed = Date.now()
      await pause(LOOK, ending.signal)
    }
  }

  const following = follow()
  return {
    async end(until) {
      ending.abort()
      await following
      for (let fruitless = 0; !closed && !until.aborted && fruitless < FRUITLESS; ) {
        if (offset >= log.size()) return true
        const before = offset
        await send(true, until)
        if (offset === before) {
          fruitless += 1
          await pause(LOOK, until)
        } else fruitless = 0
      }
      return !closed && offset >= log.size()
    },
  }
}

/** The offset in a `LogPosition`, or -1 when the body is none. */
function position(body: string): number {
  try {
    const { offset } = JSON.parse(body) as { offset?: unknown }
    return typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0 ? offset : -1
  } catch {
    return -1
  }
}
