/** The live streams: all tasks as they change, and one task with its log. */

import { z } from 'zod'
import type { Task } from '../tasks/task.ts'
import type { Access } from './access.ts'
import type { ApiNeeds, Caller } from './apiNeeds.ts'
import { type Filter, filterSchema, matches } from './filter.ts'
import type { LogFeeds } from './logFeed.ts'
import { isTask, readable } from './logRoutes.ts'
import { type Answer, type Route, route } from './route.ts'
import { event, type Stream, type Streams } from './sse.ts'
import { idSchema, NO_TASK } from './taskRoutes.ts'
import type { Watchers } from './watchers.ts'

/** More changes than these are not told one by one: the page is read anew. */
const MOST = 500
/** Milliseconds by which the changes that are told again overlap: some are told later than others that came after them. */
const OVERLAP = 2000

const EVENTS: Answer = { about: 'It stays open.', content: { 'text/event-stream': z.string() } }
const lastSchema = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{1,16}$/, 'Give the id of an event.')
    .optional(),
})

export type Live = { readonly streams: Streams; readonly watchers: Watchers; readonly feeds: LogFeeds }

export function eventRoutes(needs: ApiNeeds, access: Access, live: Live): readonly Route[] {
  async function tellList(caller: Caller, filter: Filter, stream: Stream, task: Task, at: number): Promise<void> {
    const { person } = caller
    if (!(await access.sees(person, task))) return
    const shown = matches(task, filter, await access.reads(person, task))
    stream.send(shown ? event('task', await access.summary(person, task), at) : event('gone', { id: task.id }, at))
  }

  /** What has changed since then; `reset` where that is too much. */
  async function replay(
    since: number,
    over: AbortSignal,
    tell: (task: Task, at: number) => Promise<void>,
  ): Promise<'told' | 'reset'> {
    const changes = await needs.changedSince(since, MOST)
    if (changes === 'too-many') return 'reset'
    for (const { id, at } of changes) {
      if (over.aborted) break
      const task = await needs.task(id)
      if (task !== undefined) await tell(task, at)
    }
    return 'told'
  }

  return [
    route({
      method: 'get',
      path: '/api/tasks/events',
      summary: 'Tasks as they change (server-sent events)',
      cost: { of: 'stream' },
      takes: { query: filterSchema, headers: lastSchema },
      answers: {
        200: {
          ...EVENTS,
          about:
            '`here` tells the id to come back with. `task`: a task (TaskSummary) is new or has changed. `gone`: one (`{id}`) is not, or no longer, what was asked for. `reset`: too much has changed since Last-Event-ID; get the list anew. It stays open.',
        },
        400: { about: 'The filter, or Last-Event-ID, is not as it should be.' },
      },
      async handle({ caller, query: filter, headers, request, response }) {
        // First: what changes from now on is told in any case.
        const now = await needs.now()
        const stream = live.streams.open(response)
        const tell = (task: Task, at: number) => tellList(caller, filter, stream, task, at)
        live.watchers.watchAll({
          caller,
          stream,
          request,
          changed: async (_, task, at) => (task === undefined ? undefined : tell(task, at)),
          // Each task is looked at before it is told.
          may: async () => true,
        })
        const last = headers['last-event-id']
        if (last === undefined) stream.send(event('here', {}, now))
        else if ((await replay(Math.max(0, Number(last) - OVERLAP), stream.over, tell)) === 'reset')
          stream.send(event('reset', {}, now))
        return 'sent'
      },
    }),
    route({
      method: 'get',
      path: '/api/tasks/{id}/events',
      summary: 'One task and its log as they come (server-sent events)',
      cost: { of: 'stream' },
      takes: {
        params: idSchema,
        query: z.object({
          from: z
            .union([z.literal('end'), z.coerce.number().int().min(0)], { error: 'Give a byte of the log, or `end`.' })
            .default(0)
            .meta({ description: 'The byte of the log to begin with, or `end`; Last-Event-ID goes before it.' }),
        }),
        headers: lastSchema,
      },
      answers: {
        200: {
          ...EVENTS,
          about:
            '`task`: the task (Task) has changed; the first one comes at once. `log`: bytes `from` to `to` of its log as `text`. Each id is the byte to go on from. It stays open.',
        },
        400: { about: '`from`, or Last-Event-ID, is not as it should be.' },
        404: { about: 'There is none, or it is not for you.' },
      },
      async handle({ caller, params, query, headers, request, response }) {
        const { person } = caller
        const found = await readable(access, person, params.id)
        if (found === NO_TASK) return found
        const { id } = params
        const stream = live.streams.open(response)
        live.watchers.watch(id, {
          caller,
          stream,
          request,
          async changed(_, task) {
            if (task === undefined || !(await access.sees(person, task))) return stream.close()
            stream.send(event('task', await access.view(person, task)))
          },
          may: async () => isTask(await readable(access, person, id)) || !isTask(found),
        })
        // Only now: what has changed by then is in it, and what changes later is told.
        const task = await needs.task(id)
        if (task === undefined) {
          stream.close()
          return 'sent'
        }
        const view = await access.view(person, task)
        // Who may not read its log still sees how it goes.
        if (!isTask(found)) {
          stream.send(event('task', view, 0))
          return 'sent'
        }
        const from = headers['last-event-id'] === undefined ? query.from : Number(headers['last-event-id'])
        // The first event tells the byte too: who loses the stream before the log's next line comes back to the same place.
        void live.feeds
          .follow(id, from, stream, (at) => stream.send(event('task', view, at)))
          .catch(() => stream.close())
        return 'sent'
      },
    }),
  ]
}
