/** An MCP server behind the door, and what of it agents may use. */

import type { Tool } from '../../runtime/protocol.ts'
import { type AtDoor, headerText, type ToolsSettings } from './toolsSettings.ts'

export type ToolServer = {
  readonly name: string
  readonly url: string
  /** What opens it, by small names; or the setting whose file cannot be read, and why. */
  headers(): { readonly headers: Readonly<Record<string, string>> } | { readonly setting: string; readonly why: string }
  /** Whether the operator allows this tool; `read-only`: only if the server says that it reads alone. */
  allows(tool: string): boolean | 'read-only'
  /** The arguments that name a project of GitLab; undefined where the server has nothing to do with it. */
  readonly projects: readonly string[] | undefined
}

/** The servers behind the door, by their names. */
export function toolServers(settings: ToolsSettings): ReadonlyMap<string, ToolServer> {
  return new Map(
    Object.entries(settings).flatMap(([name, one]) => ('url' in one ? [[name, serverOf(name, one)] as const] : [])),
  )
}

/** All of them, as a run is told about them. */
export function toolsOf(settings: ToolsSettings): readonly Tool[] {
  return Object.entries(settings).map(([name, one]) =>
    'url' in one ? { name, at: 'door' } : { name, at: 'image', command: one.command, env: one.env },
  )
}

function serverOf(name: string, { url, headers, allow, projects }: AtDoor): ToolServer {
  const patterns = allow?.map(patternOf)
  return {
    name,
    url,
    headers() {
      const read: Record<string, string> = {}
      for (const [header, given] of Object.entries(headers)) {
        try {
          read[header.toLowerCase()] = headerText(given)
        } catch (error) {
          return { setting: `tools.${name}.headers.${header}`, why: String(error) }
        }
      }
      return { headers: read }
    },
    allows: (tool) => patterns?.some((pattern) => pattern.test(tool)) ?? 'read-only',
    projects,
  }
}

/** `*` stands for whatever a name may be made of (MCP, Tool Names), also for nothing. */
function patternOf(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[\\w./-]*')}$`)
}
