/** Live logs: one reader for each log that is watched here, whose pieces go to all who watch it. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskId } from '../tasks/taskId.ts'
import type { ApiNeeds } from './apiNeeds.ts'
import { continued, wholeLength } from './characters.ts'
import { event, type Stream } from './sse.ts'

type Log = Pick<ApiNeeds['log'], 'facts' | 'read'>

export type LogFeeds = ReturnType<typeof createLogFeeds>

/** Bytes of one event. */
const SLICE = 64 * 1024
/** Milliseconds between two readings of a log that grows without pause: a flood of small lines is told in one piece. */
const GAP = 25

type Feed = {
  /** Everything before this byte was sent to all who are up to date. */
  at: number
  readonly current: Set<Stream>
  /** All who watch, also those who still read what was before. */
  watchers: number
  readonly ready: Promise<void>
  pulling: Promise<void> | undefined
  again: boolean
}

/** The logs that are watched in this process. `failed` is told why one could not be read; the next piece of news tries again. */
export function createLogFeeds(log: Log, failed: (error: unknown) => void) {
  const feeds = new Map<TaskId, Feed>()

  function feedOf(id: TaskId): Feed {
    const known = feeds.get(id)
    if (known !== undefined) return known
    const feed: Feed = {
      at: 0,
      current: new Set(),
      watchers: 0,
      pulling: undefined,
      again: false,
      ready: endOf(id, log).then((at) => {
        feed.at = at
      }),
    }
    feeds.set(id, feed)
    return feed
  }

  /** Sends what is new to all who are up to date. */
  function pull(id: TaskId, feed: Feed): Promise<void> {
    feed.again = true
    feed.pulling ??= pullAll(id, feed)
    return feed.pulling
  }

  async function pullAll(id: TaskId, feed: Feed): Promise<void> {
    await feed.ready
    try {
      while (feed.again && feed.watchers > 0) {
        feed.again = false
        const piece = await log.read(id, feed.at, feed.at + SLICE)
        const length = wholeLength(piece)
        if (length === 0) continue
        const bytes = logEvent(feed.at, piece.subarray(0, length))
        feed.at += length
        for (const stream of feed.current) stream.send(bytes)
        if (piece.length === SLICE) feed.again = true
        else if (feed.again) await sleep(GAP)
      }
    } finally {
      // In the same breath in which it saw that there is nothing more: who asks now begins anew.
      feed.pulling = undefined
    }
  }

  const grew = (id: TaskId): void => {
    const feed = feeds.get(id)
    if (feed !== undefined) void pull(id, feed).catch(failed)
  }

  async function follow(id: TaskId, feed: Feed, from: number | 'end', stream: Stream, first: (at: number) => void) {
    await feed.ready
    // A reader that is ahead of us has heard it of another process. Beyond the log's end there is nothing to wait for.
    for (let before = -1; from !== 'end' && from > feed.at && feed.at > before; ) {
      before = feed.at
      await pull(id, feed)
    }
    let at = from === 'end' ? feed.at : Math.min(from, feed.at)
    first(at)
    while (at < feed.at && !stream.over.aborted) at = await catchUp(id, log, at, feed.at, stream)
    // Nothing is awaited between that look at `feed.at` and this: no piece comes between.
    feed.current.add(stream)
    await pull(id, feed)
    if (!stream.over.aborted)
      await new Promise((resolve) => stream.over.addEventListener('abort', resolve, { once: true }))
  }

  return {
    /**
     * Sends the log from that byte on, and then everything as it comes, until the stream is over. `first` is told the byte at which it
     * begins, before anything of it is sent.
     */
    async follow(id: TaskId, from: number | 'end', stream: Stream, first: (at: number) => void): Promise<void> {
      const feed = feedOf(id)
      feed.watchers += 1
      try {
        await follow(id, feed, from, stream, first)
      } finally {
        feed.current.delete(stream)
        feed.watchers -= 1
        if (feed.watchers === 0 && feeds.get(id) === feed) feeds.delete(id)
      }
    },
    grew,
    all(): void {
      for (const id of feeds.keys()) grew(id)
    },
  }
}

/** The byte after the last whole character. */
async function endOf(id: TaskId, log: Log): Promise<number> {
  const { size } = await log.facts(id)
  const from = Math.max(0, size - 3)
  return from + wholeLength(await log.read(id, from, size))
}

/** Sends what there is from one byte to another, as fast as it is read; gives the byte that it came to. */
async function catchUp(id: TaskId, log: Log, from: number, to: number, stream: Stream): Promise<number> {
  let at = from
  while (at < to && !stream.over.aborted) {
    const piece = await log.read(id, at, Math.min(at + SLICE, to))
    // It was removed meanwhile: who comes back begins anew.
    if (piece.length === 0) {
      stream.close()
      return to
    }
    const skipped = at === from ? continued(piece) : 0
    const length = wholeLength(piece) || piece.length
    stream.send(logEvent(at + skipped, piece.subarray(skipped, length)))
    at += length
    await stream.room()
  }
  return at
}

function logEvent(from: number, bytes: Buffer): Buffer {
  const to = from + bytes.length
  return event('log', { from, to, text: bytes.toString('utf8') }, to)
}
