import { createHmac, randomUUID } from 'node:crypto'
import type { Hook, HookEvent } from './hookRows.ts'
import type { World } from './world.ts'

/** How one request for an event ended, as the hook's log keeps it. */
export type HookOutcome = Pick<
  HookEvent,
  'status' | 'requestHeaders' | 'responseHeaders' | 'responseBody' | 'duration' | 'url'
>

/** Headers of one request for an event: everything but the key is made anew each time. */
function headersFor(world: World, hook: Hook, event: HookEvent): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  return {
    'Content-Type': 'application/json',
    'User-Agent': 'GitLab/19.2.0',
    'X-Gitlab-Event': event.header,
    'X-Gitlab-Instance': world.url,
    'X-Gitlab-Event-UUID': randomUUID(),
    'X-Gitlab-Webhook-UUID': randomUUID(),
    'Idempotency-Key': event.key,
    'webhook-id': event.key,
    'webhook-timestamp': timestamp,
    ...(hook.token === null ? {} : { 'X-Gitlab-Token': hook.token.replace(/[\r\n]/g, '') }),
    ...(hook.signingToken === null
      ? {}
      : { 'webhook-signature': signature(hook.signingToken, `${event.key}.${timestamp}.${event.body}`) }),
  }
}

/** Standard Webhooks: HMAC-SHA256 with the decoded part after `whsec_`. */
export function signature(token: string, text: string): string {
  const key = Buffer.from(token.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`
}

/** One request; GitLab does not try again, whatever comes back. With `lost` it gets nowhere. */
export async function request(
  world: World,
  hook: Hook,
  event: HookEvent,
  lost: boolean,
  stopping: AbortSignal,
): Promise<HookOutcome> {
  const sent = headersFor(world, hook, event)
  const began = performance.now()
  const failed = (reason: string) =>
    ({ status: 'internal error', responseHeaders: {}, responseBody: reason }) satisfies Partial<HookOutcome>
  const answer = lost
    ? failed('execution expired')
    : await post(hook.url, sent, event.body, world.faults.delivery.timeoutMs, stopping).catch((error: unknown) =>
        failed(error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)),
      )
  return { ...answer, url: hook.url, requestHeaders: sent, duration: (performance.now() - began) / 1000 }
}

async function post(
  address: string,
  sent: Record<string, string>,
  body: string,
  timeoutMs: number,
  stopping: AbortSignal,
): Promise<Pick<HookOutcome, 'status' | 'responseHeaders' | 'responseBody'>> {
  const url = new URL(address)
  const login =
    url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  url.username = ''
  url.password = ''
  const response = await fetch(url, {
    method: 'POST',
    headers: login === undefined ? sent : { ...sent, Authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    body,
    redirect: 'manual',
    signal: AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]),
  })
  const text = await response.text()
  const responseHeaders = Object.fromEntries([...response.headers].slice(0, 50))
  return { status: response.status, responseHeaders, responseBody: text.slice(0, 8192) }
}
