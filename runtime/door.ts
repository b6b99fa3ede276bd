/** The door's client: one credential, one address, and patience (README.md, clause 2). */

import { pause } from './wait.ts'

/** What came of one or more tries: the door's answer, "this attempt is over" (401), or nothing to be reached. */
export type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'closed' }
  | { readonly kind: 'away'; readonly why: string }

export type Message = {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
  /** Milliseconds for one try. */
  readonly limit?: number
}

export type Door = {
  /** One try. */
  once(method: string, path: string, message: Message, signal: AbortSignal): Promise<Reply>
  /** Tries again, slower and slower, while the door is away or asks for patience (408, 425, 429, 5xx), until `signal`. */
  insist(method: string, path: string, message: Message, signal: AbortSignal): Promise<Reply>
}

/** Milliseconds for one try where nothing else is said: long enough for 4 MiB of log over a poor line. */
const TRY = 30_000
const FIRST_WAIT = 250
const LONGEST_WAIT = 15_000
const LONGEST_ASKED_WAIT = 60_000

/** `onClosed` is called at every 401: the attempt is over, whoever was asking. */
export function openDoor(address: string, credential: string, onClosed: () => void): Door {
  async function attempt(
    method: string,
    path: string,
    message: Message,
    signal: AbortSignal,
  ): Promise<{ reply: Reply; wait?: number }> {
    try {
      const response = await fetch(`${address}${path}`, {
        method,
        headers: { ...message.headers, authorization: `Bearer ${credential}` },
        ...(message.body === undefined ? {} : { body: message.body }),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(message.limit ?? TRY)]),
      })
      const body = Buffer.from(await response.arrayBuffer())
      if (response.status === 401) {
        onClosed()
        return { reply: { kind: 'closed' } }
      }
      if (!asksForPatience(response.status)) return { reply: { kind: 'answer', status: response.status, body } }
      const asked = Number(response.headers.get('retry-after')) * 1000
      return {
        reply: { kind: 'away', why: `the door answered ${response.status}` },
        ...(asked > 0 ? { wait: Math.min(asked, LONGEST_ASKED_WAIT) } : {}),
      }
    } catch (error) {
      return { reply: { kind: 'away', why: reason(error) } }
    }
  }

  return {
    once: async (method, path, message, signal) => (await attempt(method, path, message, signal)).reply,
    async insist(method, path, message, signal) {
      for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
        const { reply, wait: asked } = await attempt(method, path, message, signal)
        if (reply.kind !== 'away' || signal.aborted) return reply
        await pause(asked ?? wait * (0.75 + Math.random() / 2), signal)
        if (signal.aborted) return reply
      }
    },
  }
}

/** 507 is an answer: what is to be kept does not fit, and will not fit later. */
function asksForPatience(status: number): boolean {
  return (status >= 500 && status !== 507) || status === 408 || status === 425 || status === 429
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
