/** The tasks: list, ask, look at one, stop, try again. */

import { z } from 'zod'
import type { Task } from '../tasks/task.ts'
import type { Access } from './access.ts'
import type { ApiNeeds, Asked, Caller } from './apiNeeds.ts'
import { askSchema, keySchema } from './askSchema.ts'
import { filterSchema, matches, queryOf } from './filter.ts'
import { json, type Reply, type Route, route } from './route.ts'
import { taskPageSchema, taskViewSchema } from './taskSchema.ts'

export const idSchema = z.object({
  id: z
    .string()
    .regex(/^\d+-[a-z]\w{1,40}$/)
    .meta({ description: "The task's name.", example: '42-n1337' }),
})

/** Where a task is not, or is not for this person. */
export const NO_TASK: Reply = { problem: 404, detail: 'There is no task of this name, or it is not for you.' }

const LOCATION = { Location: 'The address of the task.' }

export function taskRoutes(needs: ApiNeeds, access: Access): readonly Route[] {
  async function made(caller: Caller, asked: Asked): Promise<Reply> {
    switch (asked.is) {
      case 'created':
      case 'known': {
        const { task } = asked
        const headers = { Location: `/api/tasks/${task.id}` }
        return { status: asked.is === 'created' ? 201 : 200, headers, body: await access.view(caller.person, task) }
      }
      case 'other':
        return {
          problem: 409,
          detail: 'With this Idempotency-Key you asked for something else before: use a new key for a new task.',
        }
      case 'no':
        return refusal(asked)
    }
  }

  return [
    route({
      method: 'get',
      path: '/api/tasks',
      summary: 'Tasks, the newest first',
      cost: { of: 'read', points: 1 },
      takes: {
        query: filterSchema.extend({
          before: z
            .string()
            .max(100)
            .regex(/^\d{1,16}_\d+-\w+$/, 'Give a `next` of an earlier page.')
            .optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
      },
      answers: {
        200: json('A page of them. It may be short and still have a next one.', taskPageSchema),
        400: { about: 'The filter is not as it should be.' },
      },
      async handle({ caller: { person }, query: { before, limit, ...filter } }) {
        const keep = async (task: Task) => matches(task, filter, await access.reads(person, task))
        const projects = (id: number) => needs.maySee(person, id)
        const { tasks, next } = await needs.list({ ...queryOf(filter), projects }, { before, limit }, keep)
        const shown = await Promise.all(tasks.map((task) => access.summary(person, task)))
        return { status: 200, body: { tasks: shown, next } }
      },
    }),
    route({
      method: 'post',
      path: '/api/tasks',
      summary: 'Ask for a task',
      cost: { of: 'ask', points: 1 },
      takes: { headers: keySchema, body: askSchema },
      answers: {
        200: { ...json('It was asked for before with the same key.', taskViewSchema), headers: LOCATION },
        201: { ...json('It is asked for.', taskViewSchema), headers: LOCATION },
        400: { about: 'The body is no JSON, or a header is not as it should be.' },
        409: { about: 'The same key asked for something else before.' },
        413: { about: 'The body is too large.' },
        415: { about: 'The body has to be application/json.' },
        422: { about: 'Something in it does not do; `errors` says what.' },
      },
      async handle({ caller, body, headers }) {
        return made(caller, await needs.ask(caller.person, body, headers['idempotency-key']))
      },
    }),
    route({
      method: 'get',
      path: '/api/tasks/{id}',
      summary: 'One task',
      cost: { of: 'read', points: 1 },
      takes: { params: idSchema },
      answers: { 200: json('The task.', taskViewSchema), 404: { about: 'There is none, or it is not for you.' } },
      async handle({ caller: { person }, params }) {
        const task = await access.task(person, params.id)
        return task === undefined ? NO_TASK : { status: 200, body: await access.view(person, task) }
      },
    }),
    route({
      method: 'post',
      path: '/api/tasks/{id}/stop',
      summary: 'Stop it; what it has done is pushed',
      cost: { of: 'ask', points: 1 },
      takes: { params: idSchema },
      answers: {
        202: json('It is being stopped.', taskViewSchema),
        404: { about: 'There is none, or it is not for you.' },
        409: { about: 'It is over.' },
        415: { about: 'A body has to be application/json.' },
      },
      async handle({ caller: { person }, params }) {
        const task = await access.task(person, params.id)
        if (task === undefined) return NO_TASK
        if (task.end !== undefined) return { problem: 409, detail: 'It is over, so there is nothing to stop.' }
        const stopped = await needs.stop(person, task)
        if (stopped.is === 'no') return refusal(stopped)
        return { status: 202, body: await access.view(person, (await needs.task(task.id)) ?? task) }
      },
    }),
    route({
      method: 'post',
      path: '/api/tasks/{id}/retry',
      summary: 'A new task that goes on with one that failed or was stopped; of a plan, one that carries it out',
      cost: { of: 'ask', points: 1 },
      takes: { params: idSchema, headers: keySchema },
      answers: {
        200: { ...json('It was asked for before with the same key.', taskViewSchema), headers: LOCATION },
        201: { ...json('The new task.', taskViewSchema), headers: LOCATION },
        400: { about: 'A header is not as it should be.' },
        404: { about: 'There is none, or it is not for you.' },
        409: {
          about: 'It is not over, or has worked and is no plan; or the same key asked for something else before.',
        },
        415: { about: 'A body has to be application/json.' },
      },
      async handle({ caller, params, headers }) {
        const task = await access.task(caller.person, params.id)
        // Nobody goes on with what they may not read.
        if (task === undefined || !(await access.reads(caller.person, task))) return NO_TASK
        return made(caller, await needs.retry(caller.person, task, headers['idempotency-key']))
      },
    }),
  ]
}

const NO_STATUS = { forbidden: 403, 'not-now': 409, invalid: 422 } as const

function refusal({ why, detail, errors }: Extract<Asked, { is: 'no' }>): Reply {
  return { problem: NO_STATUS[why], detail, errors }
}
