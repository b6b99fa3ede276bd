import { z } from 'zod'
import { type Call, created, type Routes } from './call.ts'
import type { Deliveries } from './deliveries.ts'
import type { HookEvent } from './hookRows.ts'
import { findHook } from './hooks.ts'
import { paginated } from './pagination.ts'
import { notFound, Refusal } from './refusal.ts'

const Status = z.union([z.enum(['successful', 'client_failure', 'server_failure']), z.coerce.number().int()])

/** What was sent to a hook in the last week, and sending it again. */
export function hookEventRoutes(on: Routes, deliveries: Deliveries): void {
  const path = '/projects/:id/hooks/:hook_id/events'
  on('get', path, (call) => {
    const hook = findHook(call)
    const { status } = call.input(z.object({ status: z.union([Status, z.array(Status)]).optional() }))
    const wanted = status === undefined ? undefined : [status].flat()
    const since = new Date(Date.now() - 7 * 24 * 3600 * 1000).toISOString()
    const events = call.world.hookEvents.filter(
      (event) =>
        event.hookId === hook.id &&
        event.sent > 0 &&
        event.createdAt > since &&
        (wanted?.some((wish) => isOf(event, wish)) ?? true),
    )
    return paginated(call, events.reverse(), eventView)
  })
  on('post', `${path}/:event_id/resend`, async (call) => {
    const event = await deliveries.resend(findEvent(call).id)
    if (event.status === 'internal error') throw new Refusal(422, { message: event.responseBody })
    return created({ response_status: event.status })
  })
}

function findEvent(call: Call): HookEvent {
  const hook = findHook(call)
  const event = call.world.hookEvents.get(Number(call.param('event_id')))
  if (event === undefined || event.hookId !== hook.id) throw notFound('WebHookLog')
  return event
}

/** A request that got no answer counts as a failure of the server. */
function isOf({ status }: HookEvent, wish: z.infer<typeof Status>): boolean {
  const code = typeof status === 'number' ? status : 500
  switch (wish) {
    case 'successful':
      return code >= 200 && code < 300
    case 'client_failure':
      return code >= 400 && code < 500
    case 'server_failure':
      return code >= 500
  }
  return status === wish
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
