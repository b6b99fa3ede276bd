/** What of an agent's request goes on to the provider: what says something about this call, and nothing that could steer a gateway. */

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { passedHeaders } from './upstream.ts'

/**
 * Not among them: credentials; `x-goog-user-project`, `openai-organization` and the like, which choose who pays;
 * `x-http-method-override`; and what gateways take for orders, such as another model or another provider.
 */
const PASSED =
  /^(content-(type|length|encoding)|user-agent|idempotency-key|traceparent|tracestate|anthropic-(version|beta|dangerous-direct-browser-access)|openai-beta|x-(app|client-request-id|goog-api-client)|originator|version|(session|conversation|thread)[_-]id|x-(stainless|claude-code|codex)-.+)$/

/** The kinds of answer that can be read while they pass; others are not asked for. */
const READABLE = /^\s*(application\/json|text\/event-stream|\*\/\*)\s*(;.*)?$/

/** The headers to send on, without the key. */
export function requestHeaders(req: IncomingMessage): OutgoingHttpHeaders {
  const { accept = '' } = req.headers
  const given = Object.entries(passedHeaders(req, [])).filter(([name]) => PASSED.test(name))
  return {
    ...Object.fromEntries(given),
    ...(accept.split(',').every((kind) => READABLE.test(kind)) ? { accept } : {}),
    // The agent gets the bytes as they come, and its usage is read from them: packed, it could not be.
    'accept-encoding': 'identity',
  }
}

/** The query to send on, with its question mark; empty where nothing of it is. */
export function requestQuery(url: string, open: ReadonlyMap<string, RegExp>): string {
  const given = [...new URL(url, 'http://door').searchParams]
  const passed = new URLSearchParams(given.filter(([name, value]) => open.get(name)?.test(value)))
  return passed.size === 0 ? '' : `?${passed}`
}
