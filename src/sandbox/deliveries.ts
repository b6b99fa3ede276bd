import { createHmac, randomUUID } from 'node:crypto'
import type { Project } from './entities.ts'
import { dice } from './faults.ts'
import type { Hook, HookEvent, HookFlag } from './hookRows.ts'
import { now, type World } from './world.ts'

const headers: Record<HookFlag, string> = {
  push_events: 'Push Hook',
  tag_push_events: 'Tag Push Hook',
  issues_events: 'Issue Hook',
  confidential_issues_events: 'Confidential Issue Hook',
  note_events: 'Note Hook',
  confidential_note_events: 'Confidential Note Hook',
  merge_requests_events: 'Merge Request Hook',
  emoji_events: 'Emoji Hook',
  job_events: 'Job Hook',
  pipeline_events: 'Pipeline Hook',
  wiki_page_events: 'Wiki Page Hook',
  deployment_events: 'Deployment Hook',
  releases_events: 'Release Hook',
  milestone_events: 'Milestone Hook',
  feature_flag_events: 'Feature Flag Hook',
  resource_access_token_events: 'Resource Access Token Hook',
}

/** Sends recorded events to their hooks. */
export type Deliveries = {
  send(ids: readonly number[]): void
  /** The same event with the same key once more, as GitLab's Resend; gives the event as it is afterwards. */
  resend(id: number): Promise<HookEvent>
  /** Sends what a kill left behind. */
  start(): void
  close(): void
}

/** Writes down one event for every hook of the project that asked for it, and gives their ids. */
export function recordEvents(world: World, flag: HookFlag, project: Project, payload: object): number[] {
  const hooks = world.hooks.filter((hook) => hook.projectId === project.id && hook.flags[flag] && isOn(hook))
  return hooks.map((hook) => world.hookEvents.insert(freshEvent(hook, flag, escaped(payload))).id)
}

function isOn(hook: Hook): boolean {
  return hook.failures < 40 && (hook.disabledUntil === null || hook.disabledUntil <= now())
}

function freshEvent(hook: Hook, flag: HookFlag, body: string): Omit<HookEvent, 'id'> {
  return {
    hookId: hook.id,
    projectId: hook.projectId,
    flag,
    header: headers[flag],
    key: randomUUID(),
    body,
    url: hook.url,
    createdAt: now(),
    status: 'pending',
    sent: 0,
    requestHeaders: {},
    responseHeaders: {},
    responseBody: '',
    duration: 0,
  }
}

/** JSON as Rails writes it: these characters are escaped, so that only the raw bytes verify. */
function escaped(payload: object): string {
  return JSON.stringify(payload).replace(
    /[&<>\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Headers of one request for an event: everything but the key is made anew each time. */
function requestHeaders(world: World, hook: Hook, event: HookEvent, key: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  return {
    'Content-Type': 'application/json',
    'User-Agent': 'GitLab/19.2.0',
    'X-Gitlab-Event': event.header,
    'X-Gitlab-Instance': world.url,
    'X-Gitlab-Event-UUID': randomUUID(),
    'X-Gitlab-Webhook-UUID': randomUUID(),
    'Idempotency-Key': key,
    'webhook-id': key,
    'webhook-timestamp': timestamp,
    ...(hook.token === null ? {} : { 'X-Gitlab-Token': hook.token.replace(/[\r\n]/g, '') }),
    ...(hook.signingToken === null
      ? {}
      : { 'webhook-signature': signature(hook.signingToken, `${key}.${timestamp}.${event.body}`) }),
  }
}

/** Standard Webhooks: HMAC-SHA256 with the decoded part after `whsec_`. */
export function signature(token: string, text: string): string {
  const key = Buffer.from(token.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`
}

/** The sender, with the faults of the world: late, twice, out of order, or never. */
export function openDeliveries(world: World): Deliveries {
  const stopping = new AbortController()
  const roll = dice()
  const timers = new Set<NodeJS.Timeout>()
  let held: (() => void) | undefined

  const later = (ms: number, action: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      action()
    }, ms)
    timers.add(timer)
  }

  const deliver = async (id: number, key?: string): Promise<void> => {
    const event = world.hookEvents.get(id)
    const hook = event === undefined ? undefined : world.hooks.get(event.hookId)
    if (event === undefined || hook === undefined || stopping.signal.aborted) return
    const sentHeaders = requestHeaders(world, hook, event, key ?? event.key)
    const began = performance.now()
    const outcome = await request(hook.url, sentHeaders, event.body, world.faults.delivery.timeoutMs, stopping.signal)
    // A sandbox that stops has not delivered: the event stays pending for the next start.
    if (stopping.signal.aborted) return
    const sent = (world.hookEvents.get(id)?.sent ?? 0) + 1
    const duration = (performance.now() - began) / 1000
    world.hookEvents.update(id, { ...outcome, url: hook.url, requestHeaders: sentHeaders, sent, duration })
    if (world.faults.delivery.autoDisable) countFailures(world, hook.id, outcome.status)
    world.flush()
  }

  const dispatch = (id: number) => {
    const { drop, duplicate, freshKeys, reorder, delayMs } = world.faults.delivery
    if (drop > 0 && roll(world.faults) < drop) {
      world.hookEvents.update(id, { status: 'dropped' })
      world.flush()
      return
    }
    const go = () => {
      void deliver(id)
      for (let copy = 0; copy < duplicate; copy += 1) void deliver(id, freshKeys ? randomUUID() : undefined)
    }
    if (delayMs > 0) later(delayMs, go)
    else if (!reorder) go()
    else if (held === undefined) {
      held = go
      // Nobody may come to overtake it.
      later(1000, () => {
        if (held !== go) return
        held = undefined
        go()
      })
    } else {
      const overtaken = held
      held = undefined
      go()
      later(20, overtaken)
    }
  }

  const send = (ids: readonly number[]) => ids.forEach(dispatch)
  return {
    send,
    resend: async (id) => {
      await deliver(id)
      const event = world.hookEvents.get(id)
      if (event === undefined) throw new Error(`The hook event ${id} is gone.`)
      return event
    },
    start: () => send(world.hookEvents.filter((event) => event.status === 'pending').map((event) => event.id)),
    close: () => {
      stopping.abort()
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

type Outcome = Pick<HookEvent, 'status' | 'responseHeaders' | 'responseBody'>

/** One request; GitLab does not try again, whatever comes back. */
async function request(
  address: string,
  sent: Record<string, string>,
  body: string,
  timeoutMs: number,
  stopping: AbortSignal,
): Promise<Outcome> {
  const url = new URL(address)
  const login =
    url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  url.username = ''
  url.password = ''
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers:
        login === undefined ? sent : { ...sent, Authorization: `Basic ${Buffer.from(login).toString('base64')}` },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]),
    })
    const text = await response.text()
    const responseHeaders = Object.fromEntries([...response.headers].slice(0, 50))
    return { status: response.status, responseHeaders, responseBody: text.slice(0, 8192) }
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return { status: 'internal error', responseHeaders: {}, responseBody: reason }
  }
}

/** The fourth failure in a row switches a hook off for a minute, each further one for twice as long, up to a day. */
function countFailures(world: World, id: number, status: HookEvent['status']): void {
  const hook = world.hooks.get(id)
  if (hook === undefined) return
  if (typeof status === 'number' && status < 400) {
    world.hooks.update(id, { failures: 0, disabledUntil: null })
    return
  }
  const failures = hook.failures + 1
  const minutes = Math.min(2 ** (failures - 4), 24 * 60)
  const disabledUntil = failures < 4 ? null : new Date(Date.now() + minutes * 60_000).toISOString()
  world.hooks.update(id, { failures, disabledUntil })
}
