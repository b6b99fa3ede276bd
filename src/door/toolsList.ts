/** Asks an MCP server which tools it has, in the session of the agent that wants to call one. */

import type { IncomingMessage } from 'node:http'
import { toolsIn } from './toolsAnswer.ts'
import type { Page } from './toolsCatalogue.ts'
import { readEvents } from './toolsEvents.ts'
import { isObject, type Params, type RequestId, writeMessages } from './toolsMessages.ts'
import type { ToolServer } from './toolsServer.ts'
import { callServer, type ToolRequest } from './toolsUpstream.ts'
import { readWhole } from './whole.ts'

/** Characters of one page; larger ones are not read. */
export const LARGEST_MESSAGE = 8 * 1024 * 1024

/** The server did not say. */
export class NoList extends Error {
  override readonly name = 'NoList'
}

/** One page of the list. `meta` is what the agent said beside its call, which revision 2026-07-28 wants with every request. */
export async function askForPage(
  server: ToolServer,
  call: Pick<ToolRequest, 'from' | 'session' | 'signal'>,
  meta: unknown,
  cursor: string | undefined,
): Promise<Page> {
  const params: Params = { ...(meta === undefined ? {} : { _meta: meta }), ...(cursor === undefined ? {} : { cursor }) }
  const id = 'errand-tools-list'
  const body = writeMessages({ messages: [{ kind: 'request', id, method: 'tools/list', params }], batch: false })
  const from = Object.fromEntries(
    Object.entries(call.from)
      .filter(([name]) => name !== 'mcp-name' && !name.startsWith('mcp-param-') && name !== 'last-event-id')
      .map(([name, value]) => [name, name === 'mcp-method' ? 'tools/list' : value]),
  )
  const answer = await callServer(server, { ...call, method: 'POST', from, body })
  if ('words' in answer) throw new NoList(answer.words)
  if (answer.statusCode !== 200) {
    answer.destroy()
    throw new NoList(`The tool server ${server.name} answered ${answer.statusCode} when it was asked for its tools.`)
  }
  for await (const said of messagesIn(answer)) {
    const page = isAnswerTo(said, id) ? toolsIn(said) : undefined
    if (page !== undefined) return page
  }
  throw new NoList(`The tool server ${server.name} did not say which tools it has.`)
}

async function* messagesIn(answer: IncomingMessage): AsyncGenerator<unknown> {
  if (/^text\/event-stream\b/i.test(answer.headers['content-type'] ?? '')) {
    for await (const { data } of readEvents(answer, LARGEST_MESSAGE)) if (data !== undefined) yield parsed(data)
  } else {
    const bytes = await readWhole(answer, LARGEST_MESSAGE)
    if (bytes !== undefined) yield parsed(String(bytes))
  }
}

/** The value of a JSON text, or nothing. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isAnswerTo(said: unknown, id: RequestId): boolean {
  return isObject(said) && said.id === id
}
