/** `GET /v1/request`: what this attempt has to do. The door is ours; what is checked is that we speak the same protocol. */

import type { Door } from './door.ts'
import { PROTOCOL, type Request } from './protocol.ts'

/** The request, or why there is none: the attempt is over, or the door speaks another protocol. */
export async function fetchRequest(
  door: Door,
  signal: AbortSignal,
): Promise<Request | 'closed' | { readonly odd: string }> {
  const reply = await door.insist('GET', '/v1/request', {}, signal)
  if (reply.kind !== 'answer') return 'closed'
  if (reply.status !== 200) return { odd: `The door answered ${reply.status} to the request.` }
  const request = parse(reply.body.toString())
  if (request === undefined) return { odd: 'The door answered the request with something that is none.' }
  if (request.protocol !== PROTOCOL) {
    return {
      odd: `The door speaks protocol ${request.protocol}, this image ${PROTOCOL}. Use an image of Errand's version.`,
    }
  }
  return request
}

function parse(body: string): Request | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && 'protocol' in value ? (value as Request) : undefined
  } catch {
    return undefined
  }
}
