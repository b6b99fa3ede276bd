import { z } from 'zod'
import { type Call, created, type Routes } from './call.ts'
import type { Deliveries } from './deliveries.ts'
import { Names, Whole } from './fields.ts'
import { repeatEvent } from './hookEventLog.ts'
import { alertStatus } from './hookHealth.ts'
import type { Hook, HookEvent } from './hookRows.ts'
import { findHook } from './hooks.ts'
import { paginated } from './pagination.ts'
import { notFound, Refusal } from './refusal.ts'

const categories = ['successful', 'client_failure', 'server_failure'] as const
const Status = z.union([z.enum(categories), z.string().regex(/^[1-5]\d\d$/)])
const Filters = z.object({
  status: z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), Names.pipe(z.array(Status)))
    .optional(),
  // Fewer than everywhere else: 400 for more.
  per_page: Whole.refine((number) => number >= 1 && number <= 20).optional(),
})

/** What was sent to a hook in the last week, newest first, and sending it again. */
export function hookEventRoutes(on: Routes, deliveries: Deliveries): void {
  const path = '/projects/:id/hooks/:hook_id/events'
  on('get', path, (call) => {
    const hook = findHook(call)
    const { status } = call.input(Filters)
    const since = new Date(Date.now() - 7 * 24 * 3600 * 1000).toISOString()
    const events = call.world.hookEvents.filter(
      (event) =>
        event.hookId === hook.id &&
        wasSent(event) &&
        event.createdAt > since &&
        (status?.some((wish) => isOf(event, wish)) ?? true),
    )
    return paginated(call, events.reverse(), eventView)
  })
  on('post', `${path}/:event_id/resend`, async (call) => {
    const { hook, event } = findEvent(call)
    const { limits, faults } = call.world
    limits.check(`resend ${hook.projectId} ${call.visitor?.id}`, faults.limits.hookResends)
    if (event.url !== hook.url) {
      throw new Refusal(422, { message: 'The hook URL has changed, and this log entry cannot be retried' })
    }
    if (alertStatus(hook) !== 'executable') throw new Refusal(422, { message: 'Hook disabled' })
    const sent = await deliveries.sendNow(repeatEvent(call.world, hook, event, false).id)
    if (sent.status === 'internal error') throw new Refusal(422, { message: sent.responseBody })
    return created({ response_status: sent.status })
  })
}

function findEvent(call: Call): { hook: Hook; event: HookEvent } {
  const hook = findHook(call)
  const event = call.world.hookEvents.get(Number(call.param('event_id')))
  if (event === undefined || event.hookId !== hook.id || !wasSent(event)) throw notFound()
  return { hook, event }
}

/** What is under way, or was lost before anything was sent, is in no log. */
function wasSent({ status }: HookEvent): boolean {
  return status !== 'pending' && status !== 'dropped'
}

/** A request that got no answer counts as a failure of the server. */
function isOf({ status }: HookEvent, wish: string): boolean {
  const code = typeof status === 'number' ? status : 500
  switch (wish) {
    case 'successful':
      return code >= 200 && code < 300
    case 'client_failure':
      return code >= 400 && code < 500
    case 'server_failure':
      return code >= 500
  }
  return String(status) === wish
}

function eventView(event: HookEvent) {
  return {
    id: event.id,
    url: event.url,
    trigger: event.flag.replace(/_events$/, '_hooks').replace(/s_hooks$/, '_hooks'),
    request_headers: { ...event.requestHeaders, 'X-Gitlab-Token': '[REDACTED]' },
    request_data: JSON.parse(event.body),
    response_headers: event.responseHeaders,
    response_body: event.responseBody,
    execution_duration: event.duration,
    response_status: String(event.status),
  }
}
