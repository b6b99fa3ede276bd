/** One HTTP request to an MCP server (MCP, Streamable HTTP), and why it came to nothing. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { maskText } from './mask.ts'
import type { ToolServer } from './toolsServer.ts'
import { firstWords, type Patience, send, Unreachable } from './upstream.ts'

/** A tool may work for minutes before it says anything. */
const PATIENCE: Patience = { connect: 10_000, silence: 600_000 }

/** Of what the agent's client says these are passed on, if they are as short and plain as they should be. */
const PASSED_ON = /^(accept|user-agent|last-event-id|mcp-protocol-version|mcp-method|mcp-name|mcp-param-.*)$/
const PLAIN = /^[\x20-\x7e]{0,2048}$/

export type ToolRequest = {
  readonly method: 'POST' | 'GET' | 'DELETE'
  readonly from: IncomingHttpHeaders
  /** The server's own id. */
  readonly session: string | undefined
  readonly body?: string
  readonly signal: AbortSignal
}

/** Why there is no answer to pass on. */
export type Trouble = {
  /** For the agent. */
  readonly words: string
  readonly status: number
  /** What the operator has to look at; absent for what may pass, or is between agent and server. */
  readonly setting?: string
  /** For our log alone. */
  readonly why?: string
}

/** The server's answer, whatever its status, or why there is none. */
export async function callServer(server: ToolServer, call: ToolRequest): Promise<IncomingMessage | Trouble> {
  const { method, from, session, body, signal } = call
  const passed = Object.entries(from).filter(
    ([name, value]) => PASSED_ON.test(name) && typeof value === 'string' && PLAIN.test(value),
  )
  const opening = server.headers()
  if ('setting' in opening) {
    const { setting, why } = opening
    return { words: `The tool server ${server.name} cannot be used: ${MEND}`, status: 502, setting, why }
  }
  try {
    const bytes = body === undefined ? undefined : Buffer.from(body)
    const headers = {
      accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      ...Object.fromEntries(passed),
      'accept-encoding': 'identity',
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
      ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
      ...opening.headers,
    }
    const about = { url: server.url, method, headers, patience: PATIENCE, signal }
    return await send({ ...about, ...(bytes === undefined ? {} : { body: Readable.from([bytes]) }) })
  } catch (error) {
    if (error instanceof Unreachable)
      return {
        words: `The tool server ${server.name} cannot be reached; try again later.`,
        status: 503,
        why: error.message,
      }
    throw error
  }
}

const MEND = "Errand's operator has to mend its settings. Go on without it."

/** Why an answer without success is none. */
export async function troubleOf(
  answer: IncomingMessage,
  { name }: ToolServer,
  secrets: readonly string[],
): Promise<Trouble> {
  const status = answer.statusCode ?? 0
  const said = maskText(await firstWords(answer, 500), secrets).trim()
  if (status === 401 || status === 403) {
    const words = `The tool server ${name} refused Errand (${status}): ${MEND}`
    return { words, status: 502, setting: `tools.${name}.headers` }
  }
  if (status >= 300 && status < 400) {
    const words = `The tool server ${name} answers with a redirect (${status}): ${MEND}`
    return { words, status: 502, setting: `tools.${name}.url` }
  }
  if (status === 429 || status >= 500)
    return { words: `The tool server ${name} answered ${status}; try again later.`, status: 503 }
  return { words: `The tool server ${name} answered ${status}${said === '' ? '.' : `: ${said}`}`, status: 502 }
}
