/** The head of a CGI answer, and what came of the body already. */
export type CgiHead = {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly rest: Buffer
}

/** Reads a CGI answer's head; undefined while its end has not come. Without a `Status` it is 200. */
export function cgiHead(bytes: Buffer): CgiHead | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  let status = 200
  const headers: [string, string][] = []
  for (const line of bytes.subarray(0, end).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else headers.push([name, value])
  }
  return { status, headers, rest: bytes.subarray(end + 4) }
}
