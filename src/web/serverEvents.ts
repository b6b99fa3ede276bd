/**
 * Server-sent events over fetch. Unlike EventSource it sees why it was refused, sends the last id after any loss, notices a line that
 * fell silent, and lets go of its connection while nobody looks: over HTTP/1.1 a browser has six for all its tabs.
 */

import { heardTime } from './clock.ts'
import { createEventParser, type ServerEvent } from './eventParser.ts'

export type Connection = 'connecting' | 'open' | 'lost'

export type Watch = {
  url(): string
  /** What to send as Last-Event-ID, where somebody knows better than the last event's id. */
  position?(): string | undefined
  event(event: ServerEvent): void
  connection(state: Connection): void
  /** It was refused for good: 401, 403, 404. */
  refused(status: number): void
}

/** Milliseconds. The server says something every 15 s. */
const SILENCE = 40_000
const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000
const HIDDEN = 30_000

/** Watches until the returned function is called. */
export function watchEvents(watch: Watch): () => void {
  const end = new AbortController()
  let current = new AbortController()
  let last: string | undefined
  let wait = FIRST_WAIT
  let hurry = () => {}
  let hidden: ReturnType<typeof setTimeout> | undefined

  const seen = () => {
    clearTimeout(hidden)
    if (document.hidden) hidden = setTimeout(() => current.abort(), HIDDEN)
    else {
      wait = FIRST_WAIT
      hurry()
    }
  }
  document.addEventListener('visibilitychange', seen)
  window.addEventListener('online', seen)

  async function read(): Promise<void> {
    current = new AbortController()
    const position = watch.position?.() ?? last
    const response = await fetch(watch.url(), {
      headers: { accept: 'text/event-stream', ...(position === undefined ? {} : { 'last-event-id': position }) },
      signal: AbortSignal.any([current.signal, end.signal]),
      cache: 'no-store',
    })
    heardTime(response.headers.get('date'))
    if ([401, 403, 404].includes(response.status)) {
      end.abort()
      watch.refused(response.status)
      return
    }
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`)
    watch.connection('open')
    wait = FIRST_WAIT
    const feed = createEventParser((event) => {
      if (event.id !== undefined) last = event.id
      watch.event(event)
    })
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let silence = setTimeout(() => current.abort(), SILENCE)
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(silence)
        silence = setTimeout(() => current.abort(), SILENCE)
        feed(piece.value)
      }
    } finally {
      clearTimeout(silence)
    }
  }

  async function keepReading(): Promise<void> {
    while (!end.signal.aborted) {
      watch.connection('connecting')
      await read().catch(() => undefined)
      if (end.signal.aborted) return
      watch.connection(document.hidden ? 'connecting' : 'lost')
      // Everybody lost the same server: not everybody comes back in the same moment.
      await pause(document.hidden ? undefined : wait * (0.5 + Math.random()), (go) => {
        hurry = go
      })
      wait = Math.min(wait * 2, LONGEST_WAIT)
    }
  }
  void keepReading()

  return () => {
    end.abort()
    hurry()
    clearTimeout(hidden)
    document.removeEventListener('visibilitychange', seen)
    window.removeEventListener('online', seen)
  }
}

async function pause(milliseconds: number | undefined, early: (go: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds)
    early(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
