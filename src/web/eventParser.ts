/** The text/event-stream format, as the HTML standard reads it. Pure. */

export type ServerEvent = { readonly event: string; readonly data: string; readonly id: string | undefined }

/** Takes text in any pieces, and gives whole events. Comments and `retry` are passed over. */
export function createEventParser(give: (event: ServerEvent) => void): (text: string) => void {
  let rest = ''
  let event = ''
  let id: string | undefined
  let data: string[] = []
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (line === '') {
        if (data.length > 0) give({ event: event || 'message', data: data.join('\n'), id })
        event = ''
        id = undefined
        data = []
        continue
      }
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
      if (field === 'event') event = value
      else if (field === 'data') data.push(value)
      else if (field === 'id') id = value
    }
  }
}
