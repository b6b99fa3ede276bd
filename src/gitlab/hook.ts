/** Headers and raw body → a delivery, or why it is ignored, or why it is refused. Nothing but verify and translate. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Delivery } from '../tasks/delivery.ts'
import { translatePayload } from './payload.ts'

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export type Translated =
  | { readonly hook: 'taken'; readonly id: string; readonly delivery: Delivery }
  | { readonly hook: 'ignored'; readonly why: string }
  | { readonly hook: 'refused'; readonly status: 400 | 401; readonly why: string }

/** Seconds between GitLab's stamp and our clock; GitLab stamps when it sends, so its own queue does not count. */
const TOLERANCE = 5 * 60

const TOKEN_REFUSED = 'the X-Gitlab-Token is missing or is none of WEBHOOK_SECRETS'

/**
 * What can be said before the body is read: a sender without a signature and without a right token costs no memory.
 * A secret that begins with `whsec_` verifies signatures, any other is compared with the token; any one accepts.
 */
export function refuseByHeaders(headers: Headers, secrets: readonly string[]): string | undefined {
  if (signatureSecrets(secrets).length > 0 && one(headers, 'webhook-signature') !== undefined) return undefined
  return tokenMatches(headers, secrets) ? undefined : TOKEN_REFUSED
}

export function translateHook(
  headers: Headers,
  body: Buffer,
  secrets: readonly string[],
  nowSeconds: number,
): Translated {
  const refused = verify(headers, body, secrets, nowSeconds)
  if (refused !== undefined) return { hook: 'refused', status: 401, why: refused }
  let payload: unknown
  try {
    payload = JSON.parse(body.toString())
  } catch {
    return { hook: 'refused', status: 400, why: 'the body is not JSON' }
  }
  const told = translatePayload(payload)
  switch (told.payload) {
    case 'refused':
      return { hook: 'refused', status: 400, why: told.why }
    case 'ignored':
      return { hook: 'ignored', why: told.why }
    case 'told':
      return { hook: 'taken', id: deliveryId(headers, body), delivery: told.delivery }
  }
}

/** Standard Webhooks over the raw bytes (gitlab.md §1.2), or the plain token. A present, wrong signature refuses whatever the token. */
function verify(headers: Headers, body: Buffer, secrets: readonly string[], nowSeconds: number): string | undefined {
  const signature = one(headers, 'webhook-signature')
  const keys = signatureSecrets(secrets)
  if (signature === undefined || keys.length === 0) {
    return tokenMatches(headers, secrets) ? undefined : TOKEN_REFUSED
  }
  const id = one(headers, 'webhook-id') ?? ''
  const timestamp = one(headers, 'webhook-timestamp') ?? ''
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE) {
    return 'the webhook-timestamp is more than 5 minutes from our clock'
  }
  const given = signature.split(' ').filter((part) => part.startsWith('v1,'))
  const matches = keys.some((key) => {
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
    return given.some((part) => same(part, `v1,${mac}`))
  })
  return matches ? undefined : 'the webhook-signature fits none of WEBHOOK_SECRETS'
}

function signatureSecrets(secrets: readonly string[]): readonly Buffer[] {
  return secrets.filter((secret) => secret.startsWith('whsec_')).map((secret) => Buffer.from(secret.slice(6), 'base64'))
}

function tokenMatches(headers: Headers, secrets: readonly string[]): boolean {
  const token = one(headers, 'x-gitlab-token')
  if (token === undefined) return false
  // Every secret is compared, so that the time does not tell which one is near.
  return secrets.filter((secret) => !secret.startsWith('whsec_') && same(secret, token)).length > 0
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function one(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** `webhook-id` and `Idempotency-Key` are one and the same, and stay when GitLab resends; GitLab before 17.4 sends neither. */
function deliveryId(headers: Headers, body: Buffer): string {
  const given = one(headers, 'webhook-id') ?? one(headers, 'idempotency-key')
  const hash = createHash('sha256')
  return `d${(given === undefined ? hash.update(body) : hash.update(given)).digest('hex').slice(0, 40)}`
}
