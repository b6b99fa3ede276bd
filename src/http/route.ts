/** A route of the API: what it takes and answers as schemas, which check each request and make the description of it. */

import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Caller, FieldError } from './apiNeeds.ts'
import { fieldErrors } from './problem.ts'

/** What a handler gives back; `sent`: it has answered by itself. */
export type Reply =
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly problem: number; readonly detail: string; readonly errors?: readonly FieldError[] | undefined }
  | 'sent'

/** `content`: what its body is, by media type; a problem where it is left out. */
export type Answer = {
  readonly about: string
  readonly content?: Readonly<Record<string, z.ZodType>>
  readonly headers?: Readonly<Record<string, string>>
}

/** What a call takes of what the person may do in a minute; streams are counted by how many are open. */
export type Cost = { readonly of: 'read' | 'ask'; readonly points: number } | { readonly of: 'stream' }

type Inputs<P extends z.ZodObject, Q extends z.ZodObject, H extends z.ZodObject, B extends z.ZodObject> = {
  readonly params: P
  readonly query: Q
  readonly headers: H
  readonly body: B
}

type Described = {
  readonly method: 'get' | 'post'
  /** As in OpenAPI: `/api/tasks/{id}`. */
  readonly path: string
  readonly summary: string
  readonly cost: Cost
  /** Answered to those who are not logged in as well. */
  readonly open?: boolean
  /** Besides what every route can answer. */
  readonly answers: Readonly<Record<number, Answer>>
}

type Around = { readonly request: Request; readonly response: Response }

export type Route = Described & {
  readonly takes: Partial<Inputs<z.ZodObject, z.ZodObject, z.ZodObject, z.ZodObject>>
  run(around: Around & { readonly caller: Caller | undefined }): Promise<Reply>
}

type Empty = z.ZodObject<Record<never, never>>

type Given<P extends z.ZodObject, Q extends z.ZodObject, H extends z.ZodObject, B extends z.ZodObject> = Around & {
  readonly params: z.output<P>
  readonly query: z.output<Q>
  readonly headers: z.output<H>
  readonly body: z.output<B>
}

/** A route for who is logged in. Its handler gets what the schemas made of the request; 400 and 422 are answered for it. */
export function route<
  P extends z.ZodObject = Empty,
  Q extends z.ZodObject = Empty,
  H extends z.ZodObject = Empty,
  B extends z.ZodObject = Empty,
>(
  spec: Described & {
    readonly takes?: Partial<Inputs<P, Q, H, B>>
    handle(given: Given<P, Q, H, B> & { readonly caller: Caller }): Promise<Reply>
  },
): Route {
  const { handle, takes = {}, ...described } = spec
  return {
    ...described,
    takes: takes as Route['takes'],
    async run({ caller, request, response }) {
      if (caller === undefined) throw new Error(`${spec.path} was asked by nobody`)
      const [params, query, headers, body] = [
        (takes.params ?? z.object({})).safeParse(request.params),
        (takes.query ?? z.object({})).safeParse(request.query),
        (takes.headers ?? z.object({})).safeParse(request.headers),
        (takes.body ?? z.object({})).safeParse(request.body ?? {}),
      ]
      if (!params.success) return { problem: 404, detail: 'There is nothing of this name.' }
      if (!query.success) return refused(400, 'The address asks for something that there is not.', query.error)
      if (!headers.success) return refused(400, 'A header is not as it should be.', headers.error)
      if (!body.success) return refused(422, 'Something in it does not do.', body.error)
      const given = { params: params.data, query: query.data, headers: headers.data, body: body.data }
      return handle({ ...(given as Given<P, Q, H, B>), caller, request, response })
    },
  }
}

/** A route for everybody. */
export function openRoute(spec: Described & { handle(caller: Caller | undefined): Promise<Reply> }): Route {
  const { handle, ...described } = spec
  return { ...described, open: true, takes: {}, run: ({ caller }) => handle(caller) }
}

function refused(problem: number, detail: string, error: z.ZodError): Reply {
  return { problem, detail, errors: fieldErrors(error) }
}

/** An answer that is JSON. */
export function json(about: string, schema: z.ZodType): Answer {
  return { about, content: { 'application/json': schema } }
}
