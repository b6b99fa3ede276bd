/** The protocol's own client and server, with the door between them. */

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { toolServers } from '../../src/door/toolsServer.ts'
import { ToolsSettings } from '../../src/door/toolsSettings.ts'
import { listen, openDoor } from './openDoor.ts'

/** A server of two tools, that says what it is doing while it works. */
function shop(): McpServer {
  const server = new McpServer({ name: 'shop', version: '1.0.0' }, { capabilities: { logging: {} } })
  const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] })
  server.registerTool(
    'get_price',
    { inputSchema: { of: z.string() }, annotations: { readOnlyHint: true } },
    async ({ of }, { sendNotification }) => {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data: `looking at ${of}` } })
      return text(`${of}: 3`)
    },
  )
  server.registerTool('buy', { inputSchema: {} }, async () => text('bought'))
  server.registerResource('secrets', 'shop://secrets', {}, async () => ({ contents: [] }))
  return server
}

/** It listens, with sessions. */
async function listening() {
  const transports = new Map<string, StreamableHTTPServerTransport>()
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const known = transports.get(String(req.headers['mcp-session-id']))
    if (known !== undefined) return known.handleRequest(req, res)
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
    })
    // Its type is written for a compiler that is less exact about what may be absent.
    await shop().connect(transport as Parameters<McpServer['connect']>[0])
    return transport.handleRequest(req, res)
  }
  const server = await listen((req, res) => void answer(req, res))
  return { url: `${server.url}/mcp`, transports, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

async function connected(url: string, credential: string) {
  const client = new Client({ name: 'agent', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${credential}` } },
  })
  await client.connect(transport as Parameters<Client['connect']>[0])
  return { client, transport, [Symbol.asyncDispose]: () => client.close() }
}

test('a client lists, calls and hears through the door, and ends its session', async () => {
  await using server = await listening()
  const settings = ToolsSettings.parse({ shop: { url: server.url } })
  await using door = await openDoor({ toolServers: toolServers(settings) })
  await using agent = await connected(`${door.url}/v1/tools/shop`, door.credential)
  const { client, transport } = agent
  expect(client.getServerCapabilities()).toMatchObject({ tools: {}, logging: {} })
  expect(client.getServerCapabilities()).not.toHaveProperty('resources')
  const heard = vi.fn()
  client.fallbackNotificationHandler = async ({ method, params }) => heard(method, params)
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['get_price'])
  expect((await client.callTool({ name: 'get_price', arguments: { of: 'tea' } })).content).toEqual([
    { type: 'text', text: 'tea: 3' },
  ])
  expect(heard).toHaveBeenCalledWith('notifications/message', { level: 'info', data: 'looking at tea' })
  await expect(client.callTool({ name: 'buy', arguments: {} })).rejects.toThrow(
    'Of shop only tools that read are allowed, and buy is not one of them.',
  )
  expect(server.transports.size).toBe(1)
  await transport.terminateSession()
  expect(server.transports.size).toBe(0)
})

test('a client that calls before it lists is told what it may, too', async () => {
  await using server = await listening()
  const settings = ToolsSettings.parse({ shop: { url: server.url } })
  await using door = await openDoor({ toolServers: toolServers(settings) })
  await using agent = await connected(`${door.url}/v1/tools/shop`, door.credential)
  expect(await agent.client.callTool({ name: 'get_price', arguments: { of: 'tea' } })).toMatchObject({ content: [{}] })
})

test('a client learns in words that the server refuses Errand', async () => {
  await using server = await listen((_, res) => res.writeHead(401, { 'www-authenticate': 'Bearer' }).end())
  const settings = ToolsSettings.parse({ shop: { url: server.url } })
  await using door = await openDoor({ toolServers: toolServers(settings) })
  await expect(connected(`${door.url}/v1/tools/shop`, door.credential)).rejects.toThrow(
    "The tool server shop refused Errand (401): Errand's operator has to mend its settings. Go on without it.",
  )
})
