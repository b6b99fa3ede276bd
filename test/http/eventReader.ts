/** Reads server-sent events from a response, as a browser does. */

import { expect } from 'vitest'

export type Event = { readonly event: string; readonly id: string | undefined; readonly data: Record<string, unknown> }

export type EventReader = ReturnType<typeof readEvents>

export function readEvents(response: Response) {
  const events: Event[] = []
  let comments = 0
  let over = false
  const abort = new AbortController()
  const done = (async () => {
    let rest = ''
    const decoder = new TextDecoder()
    try {
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
        const blocks = (rest + decoder.decode(piece, { stream: true })).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
          const [event, data] = [field('event'), field('data')]
          if (event !== undefined && data !== undefined) events.push({ event, id: field('id'), data: JSON.parse(data) })
          else comments++
        }
        if (abort.signal.aborted) return
      }
    } catch {
      // Cut.
    } finally {
      over = true
    }
  })()
  return {
    events,
    done,
    get over() {
      return over
    },
    get comments() {
      return comments
    },
    of: (name: string) => events.filter(({ event }) => event === name),
    /** The text of the log that came, whole: each piece goes on where the one before ended. */
    text(): string {
      const pieces = events.filter(({ event }) => event === 'log')
      for (const [index, { data, id }] of pieces.entries()) {
        expect(String(data.to)).toBe(id)
        if (index > 0) expect(data.from).toBe(pieces[index - 1]?.data.to)
      }
      return pieces.map(({ data }) => String(data.text)).join('')
    },
    lastId: () => events.findLast(({ id }) => id !== undefined)?.id,
    async until(what: string, holds: () => boolean): Promise<void> {
      await expect.poll(holds, { timeout: 10_000, interval: 10, message: what }).toBe(true)
    },
    async close(): Promise<void> {
      abort.abort()
      await response.body?.cancel().catch(() => {})
    },
  }
}
