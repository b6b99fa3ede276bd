/** The session ids of MCP servers, bound to the task that got them: some servers count, and nobody joins another's session. */

import { createHmac, timingSafeEqual } from 'node:crypto'

/** Visible characters only (MCP, Streamable HTTP, Session Management). */
const SHAPE = /^[\x21-\x7e]{1,1024}$/
const MAC = 43

/** What the agent gets for the server's id; nothing for what is none. */
export function bindSession(key: string, task: string, server: string, id: string): string | undefined {
  return SHAPE.test(id) ? `${id}.${mac(key, task, server, id)}` : undefined
}

/** The server's id, or nothing when this task did not get it from this server. */
export function unbindSession(key: string, task: string, server: string, bound: string): string | undefined {
  const id = bound.slice(0, -MAC - 1)
  if (!SHAPE.test(id) || bound.at(-MAC - 1) !== '.') return undefined
  const expected = Buffer.from(mac(key, task, server, id))
  const given = Buffer.from(bound.slice(-MAC))
  return given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined
}

function mac(key: string, task: string, server: string, id: string): string {
  return createHmac('sha256', key).update(`errand tool session\n${task}\n${server}\n${id}`).digest('base64url')
}
