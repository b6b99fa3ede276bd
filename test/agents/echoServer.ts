/** The smallest MCP server on stdin and stdout: one tool, `say`, which says the text that it is given. */

import { createInterface } from 'node:readline'

type Message = {
  readonly id?: number
  readonly method: string
  readonly params: { readonly protocolVersion: string; readonly arguments: { readonly text: string } }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line) as Message
  if (id === undefined) continue
  const message = { jsonrpc: '2.0', id, ...answer(method, params) }
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

function answer(method: string, params: Message['params']): object {
  switch (method) {
    case 'initialize':
      return {
        result: {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: 'echo', version: '1' },
        },
      }
    case 'tools/list':
      return {
        result: {
          tools: [
            {
              name: 'say',
              description: 'Says a text.',
              inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
            },
          ],
        },
      }
    case 'tools/call':
      return { result: { content: [{ type: 'text', text: `It says ${params.arguments.text}.` }] } }
    default:
      return { error: { code: -32601, message: method } }
  }
}
