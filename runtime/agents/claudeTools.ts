/** MCP servers for Claude Code: the file that names them, and which of them it did not get. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../environment.ts'
import type { ToolServer } from './agent.ts'
import { withoutTool } from './telling.ts'

/** A server as Claude Code's init event tells of it. */
export type SeenServer = { readonly name: string; readonly status: string }

/**
 * Claude Code fills it in when it reads the file, so the credential is in none. A name of its own: it leaves the names of
 * model keys empty there (measured).
 */
const CREDENTIAL = 'ERRAND_TOOLS_CREDENTIAL'

/** Writes the file into `folder`; without servers there is none. */
export function toolArguments(tools: readonly ToolServer[], folder: string): string[] {
  if (tools.length === 0) return []
  const file = join(folder, 'tools.json')
  writeFileSync(file, JSON.stringify({ mcpServers: Object.fromEntries(tools.map((tool) => [tool.name, entry(tool)])) }))
  return ['--mcp-config', file]
}

/** What the file needs of the environment. */
export function toolEnvironment(tools: readonly ToolServer[], credential: string): Environment {
  return tools.some((tool) => 'url' in tool) ? { [CREDENTIAL]: credential } : {}
}

function entry(tool: ToolServer) {
  if ('url' in tool) {
    return { type: 'http', url: tool.url, headers: { Authorization: `Bearer \${${CREDENTIAL}}` } }
  }
  const [command, ...args] = tool.command
  return { type: 'stdio', command, args, env: tool.env }
}

/** A sentence for each server that is not connected; Claude Code passes over one whose settings it does not like. Pure. */
export function missingTools(tools: readonly ToolServer[], seen: readonly SeenServer[]): string[] {
  return tools.flatMap((tool) => {
    const status = seen.find(({ name }) => name === tool.name)?.status ?? 'its settings were not taken'
    return status === 'connected' ? [] : [withoutTool(tool, status)]
  })
}
