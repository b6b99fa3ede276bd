/** Which of an agent's messages reach an MCP server: what the operator allows, about projects that the person who asked may read. */

import type { ClientMessage, Params } from './toolsMessages.ts'
import { CODE, isObject } from './toolsMessages.ts'
import type { ToolServer } from './toolsServer.ts'

/** Words for the agent. */
export type Refused = { readonly code: number; readonly words: string }

export type JudgeNeeds = {
  /** Asked of the server's own list where the operator gave none. */
  isReadOnly(tool: string): Promise<boolean>
  /** Whether the person who asked may read this project, by its id or path: true, or the words why not. */
  mayRead(project: string): Promise<true | string>
}

/**
 * Tools, and what a connection needs. Resources and prompts have no list of what is allowed, so they stay closed. Of
 * revision 2026-07-28: `server/discover` and `subscriptions/listen`.
 */
const OPEN = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'tools/list',
  'tools/call',
  'server/discover',
  'subscriptions/listen',
])

/** Twice what the protocol allows for the name of a tool. */
const LONGEST_NAME = 256

/** Why the message may not pass; undefined when it may. */
export async function judgeMessage(
  message: ClientMessage,
  server: ToolServer,
  needs: JudgeNeeds,
): Promise<Refused | undefined> {
  switch (message.kind) {
    case 'response':
      return undefined
    case 'notification':
      if (message.method.startsWith('notifications/')) return undefined
      return { code: CODE.notRequest, words: `Errand does not pass on ${message.method} without an id.` }
    case 'request':
      if (!OPEN.has(message.method))
        return {
          code: CODE.noMethod,
          words: `Of MCP servers Errand passes on their tools only, not ${message.method}.`,
        }
      return message.method === 'tools/call' ? judgeCall(message.params ?? {}, server, needs) : undefined
  }
}

async function judgeCall(params: Params, server: ToolServer, needs: JudgeNeeds): Promise<Refused | undefined> {
  const { name, arguments: given = {} } = params
  if (typeof name !== 'string' || name.length > LONGEST_NAME || !isObject(given))
    return { code: CODE.wrongParams, words: 'A call has the name of a tool, and its arguments as an object.' }
  const allowed = server.allows(name)
  if (allowed === false) return refuse(`The operator of Errand does not allow the tool ${name} of ${server.name}.`)
  if (allowed === 'read-only' && !(await needs.isReadOnly(name)))
    return refuse(`Of ${server.name} only tools that read are allowed, and ${name} is not one of them.`)
  return server.projects === undefined ? undefined : judgeProjects(given, server.projects, needs)
}

async function judgeProjects(
  given: Params,
  names: readonly string[],
  { mayRead }: JudgeNeeds,
): Promise<Refused | undefined> {
  const folded = new Set(names.map(fold))
  const values = Object.entries(given).flatMap(([name, value]) => {
    if (!folded.has(fold(name))) return []
    return Array.isArray(value) ? value : [value]
  })
  if (values.length === 0) return refuse(`This call has to say which project it is about, in ${names.join(' or ')}.`)
  for (const value of values) {
    const project = projectOf(value)
    if (project === undefined)
      return refuse(`${JSON.stringify(value)} is no project: give its id, or its path as group/project.`)
    const may = await mayRead(project)
    if (may !== true) return refuse(`${may}.`)
  }
  return undefined
}

function refuse(words: string): Refused {
  return { code: CODE.wrongParams, words }
}

/** Some servers read names of arguments loosely. */
function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/[_-]/g, '')
}

/** A project's id or path, as GitLab's API takes it; nothing for what could mean something else to the server than to us. */
function projectOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined
  if (typeof value !== 'string') return undefined
  const text = value.replace(/%2f/gi, '/')
  return /^[1-9]\d{0,15}$/.test(text) || /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)+$/.test(text) ? text : undefined
}
