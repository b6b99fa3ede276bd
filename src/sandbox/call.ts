import type { z } from 'zod'
import type { Person, Token } from './entities.ts'
import type { Deed, World } from './world.ts'

/** What goes back: JSON unless `type` says otherwise. */
export type Answer = {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly type?: string
}

/** One call of the API. */
export type Call = {
  readonly world: World
  /** Whose token came with it; nobody may read what is public. */
  readonly visitor: Person | undefined
  readonly token: Token | undefined
  readonly url: URL
  /** Parts of the path, decoded. */
  param(name: string): string
  /** Query and body together, as GitLab takes them; refused with 400 in its words when they do not fit. */
  input<T>(schema: z.ZodType<T>): T
  /** To write one must be somebody: 401 otherwise. */
  deed(): Deed
}

/** Answers one kind of call. */
export type Handler = (call: Call) => Answer | Promise<Answer>

/** Puts a handler at a path below /api/v4. */
export type Routes = (method: 'get' | 'post' | 'put' | 'delete', path: string, handle: Handler) => void

/** 200 with JSON. */
export function ok(body: unknown): Answer {
  return { status: 200, body }
}

/** 201 with JSON. */
export function created(body: unknown): Answer {
  return { status: 201, body }
}

/** 204, which has no body. */
export const gone: Answer = { status: 204 }
