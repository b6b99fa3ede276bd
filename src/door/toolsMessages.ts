/** What agents say to MCP servers: messages of JSON-RPC 2.0, made anew from what was understood of them. */

export type RequestId = string | number

/** From the agent. Requests want an answer, notifications none; responses answer what the server asked. */
export type ClientMessage =
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params?: Params }
  | { readonly kind: 'notification'; readonly method: string; readonly params?: Params }
  | { readonly kind: 'response'; readonly id: RequestId; readonly result?: unknown; readonly error?: unknown }

export type Params = Readonly<Record<string, unknown>>

export type ClientMessages = {
  readonly messages: readonly ClientMessage[]
  /** Several in a list, which revision 2025-03-26 allows. */
  readonly batch: boolean
}

/** Codes of JSON-RPC, and -32000 for what it has no code for. */
export const CODE = {
  notJson: -32700,
  notRequest: -32600,
  noMethod: -32601,
  wrongParams: -32602,
  server: -32000,
} as const

const MOST_MESSAGES = 50

/** What of a call's parameters is passed on: a server that reads names loosely must not find a second `Name` in them. */
const OF_A_CALL = ['name', 'arguments', '_meta', 'task', 'inputResponses', 'requestState']

/** Reads a body; `wrong` says why it is not understood. */
export function readMessages(text: string): ClientMessages | { readonly wrong: string; readonly code: number } {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { wrong: 'this is not JSON', code: CODE.notJson }
  }
  const all: readonly unknown[] = Array.isArray(body) ? body : [body]
  const messages = all.flatMap((one) => readMessage(one) ?? [])
  if (messages.length < all.length || all.length === 0)
    return { wrong: 'this is not JSON-RPC 2.0', code: CODE.notRequest }
  if (all.length > MOST_MESSAGES)
    return { wrong: `these are more than ${MOST_MESSAGES} messages`, code: CODE.notRequest }
  return { messages, batch: Array.isArray(body) }
}

function readMessage(one: unknown): ClientMessage | undefined {
  if (!isObject(one) || one.jsonrpc !== '2.0') return undefined
  const { id, method, params, result, error } = one
  const hasId = typeof id === 'string' || typeof id === 'number'
  if (id !== undefined && !hasId) return undefined
  if (method === undefined) {
    if (!hasId || (result === undefined) === (error === undefined)) return undefined
    return result === undefined ? { kind: 'response', id, error } : { kind: 'response', id, result }
  }
  if (typeof method !== 'string' || (params !== undefined && !isObject(params))) return undefined
  const given = params === undefined ? {} : { params: method === 'tools/call' ? pick(params, OF_A_CALL) : params }
  return hasId ? { kind: 'request', id, method, ...given } : { kind: 'notification', method, ...given }
}

/** The bytes to pass on. Never those that came: what a server understands must be what was judged. */
export function writeMessages({ messages, batch }: ClientMessages): string {
  const all = messages.map(({ kind: _, ...message }) => ({ jsonrpc: '2.0', ...message }))
  return JSON.stringify(batch ? all : all[0])
}

/** An answer that refuses, in words that the agent reads. */
export function refusalOf(id: RequestId | null, code: number, message: string) {
  return { jsonrpc: '2.0', id, error: { code, message } }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function pick(params: Params, names: readonly string[]): Params {
  return Object.fromEntries(Object.entries(params).filter(([name]) => names.includes(name)))
}
