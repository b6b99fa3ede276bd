import { writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { DoorNeeds } from '../../src/door/app.ts'
import { toolServers } from '../../src/door/toolsServer.ts'
import { secretsOfTools, ToolsSettings } from '../../src/door/toolsSettings.ts'
import { temporaryFolder } from './gitServer.ts'
import { listen, openDoor } from './openDoor.ts'

export const TOOL_TOKEN = 'glpat-OF-THE-TOOL-SERVER'

export type Rpc = {
  readonly jsonrpc?: string
  readonly id?: number | string | null
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number; readonly message: string }
}

type Tool = { readonly name: string; readonly annotations?: { readonly readOnlyHint: boolean } }

const TOOLS: readonly (readonly Tool[])[] = [
  [{ name: 'get_issue', annotations: { readOnlyHint: true } }, { name: 'delete_issue' }],
  [
    { name: 'list_issues', annotations: { readOnlyHint: true } },
    { name: 'note', annotations: { readOnlyHint: false } },
  ],
]

export type ToolServerOptions = {
  /** How it answers. */
  readonly as?: 'json' | 'events'
  /** Answers instead, where it gives true. */
  readonly instead?: (req: IncomingMessage, res: ServerResponse, body: Rpc | readonly Rpc[]) => boolean
}

/**
 * An MCP server that opens to TOOL_TOKEN. Its sessions count from 1; its list of tools has two pages; a call says what it was
 * called with; GET gives one message and stays open.
 */
export async function toolServer({ as = 'json', instead = () => false }: ToolServerOptions = {}) {
  const seen: {
    readonly method: string
    readonly headers: IncomingHttpHeaders
    readonly body: Rpc | readonly Rpc[]
  }[] = []
  let sessions = 0
  let streams = 0

  function resultOf({ method, params = {} }: Rpc, res: ServerResponse): Record<string, unknown> {
    switch (method) {
      case 'initialize':
        res.setHeader('mcp-session-id', String(++sessions))
        return {
          protocolVersion: params.protocolVersion,
          serverInfo: { name: 'tools', version: '1' },
          capabilities: { tools: { listChanged: true }, resources: {}, prompts: {}, logging: {} },
        }
      case 'tools/list':
        return params.cursor === 'page 2' ? { tools: TOOLS[1] } : { tools: TOOLS[0], nextCursor: 'page 2' }
      default:
        return { content: [{ type: 'text', text: `${String(params.name)} ${JSON.stringify(params.arguments)}` }] }
    }
  }

  const server = await listen(async (req, res) => {
    const text = (await Array.fromAsync(req)).join('')
    const body: Rpc | readonly Rpc[] = text === '' ? {} : JSON.parse(text)
    seen.push({ method: req.method ?? '', headers: req.headers, body })
    if (instead(req, res, body)) return
    if (req.headers['private-token'] !== TOOL_TOKEN) {
      res.writeHead(401, { 'www-authenticate': 'Bearer' }).end('{"error":"invalid_token"}')
    } else if (req.method === 'DELETE') res.writeHead(204).end()
    else if (req.method === 'GET') {
      streams++
      res.on('close', () => streams--)
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write(`id: 7\ndata: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n`)
    } else {
      const requests = (Array.isArray(body) ? body : [body]).filter((one: Rpc) => one.id !== undefined && one.method)
      const answers = requests.map((one: Rpc) => ({ jsonrpc: '2.0', id: one.id, result: resultOf(one, res) }))
      if (answers.length === 0) res.writeHead(202).end()
      else if (as === 'events') {
        res.writeHead(200, { 'content-type': 'text/event-stream' })
        for (const one of answers) res.write(`event: message\ndata: ${JSON.stringify(one)}\n\n`)
        res.end()
      } else {
        res.writeHead(200, { 'content-type': 'application/json' })
        res.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
      }
    }
  })
  return {
    url: `${server.url}/mcp`,
    seen,
    streams: () => streams,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** A door before a tool server that it knows as `gitlab`, with its token in a file. */
export async function toolDoor(
  options: ToolServerOptions & {
    readonly settings?: Record<string, unknown>
    readonly needs?: Partial<DoorNeeds>
  } = {},
) {
  const server = await toolServer(options)
  const folder = await temporaryFolder()
  const file = join(folder.path, 'token')
  await writeFile(file, `${TOOL_TOKEN}\n`)
  const headers = { 'PRIVATE-TOKEN': { file } }
  const settings = ToolsSettings.parse({ gitlab: { url: server.url, headers, ...options.settings } })
  const door = await openDoor({
    toolServers: toolServers(settings),
    secrets: () => secretsOfTools(settings),
    ...options.needs,
  })
  const post = (body: unknown, more: Record<string, string> = {}) =>
    door.call('/v1/tools/gitlab', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...more },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return {
    ...door,
    server,
    /** Where the token is. */
    file,
    post,
    /** The messages that answer, however they come. */
    async ask(body: unknown, more: Record<string, string> = {}): Promise<readonly Rpc[]> {
      const answer = await post(body, more)
      const text = await answer.text()
      if (answer.headers.get('content-type')?.startsWith('text/event-stream') !== true) return [JSON.parse(text)].flat()
      return [...text.matchAll(/^data: (.+)$/gm)].map((match) => JSON.parse(match[1] ?? ''))
    },
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

export const request = (method: string, params: Record<string, unknown> = {}, id: number | string = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
})

export const callOf = (name: string, given: Record<string, unknown> = {}, id: number | string = 1) =>
  request('tools/call', { name, arguments: given }, id)
