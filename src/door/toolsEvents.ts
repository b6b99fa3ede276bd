/** Server-sent events, as MCP servers speak them (HTML standard, 9.2.6), one at a time. */

import type { Readable } from 'node:stream'

/** Empty where only a comment came, a sign of life. */
export type ServerEvent = {
  readonly event?: string
  readonly id?: string
  readonly retry?: string
  readonly data?: string
}

/** An event was longer than is held. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
}

/** The events of a stream; throws TooLong when one has more than `most` characters. What comes without its end is dropped. */
export async function* readEvents(stream: Readable, most: number): AsyncGenerator<ServerEvent> {
  let fields: { event?: string; id?: string; retry?: string; data?: string } = {}
  let any = false
  let held = 0
  for await (const line of linesOf(stream, most)) {
    if (line === '') {
      if (any) yield fields
      fields = {}
      any = false
      held = 0
      continue
    }
    held += line.length
    if (held > most) throw new TooLong(`an event has more than ${most} characters`)
    any = true
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (name === 'data') fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`
    else if (name === 'event' || name === 'id' || name === 'retry') fields[name] = value
  }
}

/** Ends are CR, LF, or both, also where a chunk ends between them. */
async function* linesOf(stream: Readable, most: number): AsyncGenerator<string> {
  let parts: string[] = []
  let held = 0
  let afterReturn = false
  let first = true
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const text = first ? chunk.replace(/^\uFEFF/, '') : chunk
    first = false
    let at = afterReturn && text.startsWith('\n') ? 1 : 0
    if (text !== '') afterReturn = text.endsWith('\r')
    for (const end of text.matchAll(/\r\n|\n|\r/g)) {
      if (end.index < at) continue
      yield [...parts, text.slice(at, end.index)].join('')
      parts = []
      held = 0
      at = end.index + end[0].length
    }
    parts.push(text.slice(at))
    held += text.length - at
    if (held > most) throw new TooLong(`a line has more than ${most} characters`)
  }
}

/** The event on the wire. */
export function writeEvent({ event, id, retry, data }: ServerEvent): string {
  const lines = [
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    ...(data === undefined ? [] : data.split('\n').map((line) => `data: ${line}`)),
  ]
  return `${lines.length === 0 ? ':' : lines.join('\n')}\n\n`
}
