/** The one credential a container holds: a signed name of one attempt. Nothing about it is stored. */

import { createHmac, timingSafeEqual } from 'node:crypto'

/** The attempt that a credential speaks for. */
export type Caller = { readonly task: string; readonly attempt: number }

/** `errand.<task>.<attempt>.<mac>`; the mac is 32 bytes, base64url. */
const SHAPE = /^errand\.([A-Za-z0-9-]{1,63})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})$/

/** The credential of one attempt. `key` is ERRAND_KEY; whoever has it can speak for every attempt. */
export function sign(key: string, task: string, attempt: number): string {
  const credential = `errand.${task}.${attempt}.${mac(key, task, attempt)}`
  if (!SHAPE.test(credential)) throw new Error(`no credential can be made for attempt ${attempt} of "${task}"`)
  return credential
}

/** The attempt that the text speaks for, or nothing when this key did not sign it. Constant time in what is secret. */
export function verify(key: string, text: string): Caller | undefined {
  const caller = claimed(text)
  if (caller === undefined) return undefined
  const expected = Buffer.from(mac(key, caller.task, caller.attempt))
  // The texts are compared, not the bytes they stand for: base64 has several texts for the same bytes.
  return timingSafeEqual(Buffer.from(text.slice(-expected.length)), expected) ? caller : undefined
}

/** The attempt that the text says it speaks for, believed or not: for the log. */
export function claimed(text: string): Caller | undefined {
  const [, task, attempt] = SHAPE.exec(text) ?? []
  return task === undefined ? undefined : { task, attempt: Number(attempt) }
}

function mac(key: string, task: string, attempt: number): string {
  return createHmac('sha256', key).update(`errand.${task}.${attempt}`).digest('base64url')
}
