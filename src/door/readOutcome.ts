/** The outcome as it comes through the door, held against the contract. */

import { z } from 'zod'
import { type Outcome, PROTOCOL, RUN_FAILURES } from '../../runtime/protocol.ts'

const count = z.int().nonnegative()
const milliseconds = z.number().nonnegative()

const schema = z.object({
  protocol: z.literal(PROTOCOL),
  result: z.enum(['pushed', 'unchanged', 'failed']),
  pushed: z.exactOptional(
    z.object({
      branch: z.string().min(1),
      commit: z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'not the id of a commit'),
      commits: count,
      files: z.array(z.object({ path: z.string(), added: count, removed: count })),
    }),
  ),
  failure: z.exactOptional(z.object({ cause: z.enum(RUN_FAILURES), message: z.string() })),
  title: z.exactOptional(z.string()),
  answer: z.exactOptional(z.string()),
  usage: z.exactOptional(
    z.object({
      turns: z.exactOptional(count),
      inputTokens: z.exactOptional(count),
      outputTokens: z.exactOptional(count),
      costUsd: z.exactOptional(z.number().nonnegative()),
    }),
  ),
  warnings: z.array(z.string()),
  took: z.object({
    clone: z.exactOptional(milliseconds),
    setup: z.exactOptional(milliseconds),
    agent: z.exactOptional(milliseconds),
    push: z.exactOptional(milliseconds),
  }),
}) satisfies z.ZodType<Outcome>

const consistent = schema
  .refine(({ result, pushed }) => result !== 'pushed' || pushed !== undefined, { path: ['pushed'], error: 'missing' })
  .refine(({ result, failure }) => result !== 'failed' || failure !== undefined, {
    path: ['failure'],
    error: 'missing',
  })

/** The outcome, or what is wrong with it and where. Fields that the contract does not name are left out. */
export function readOutcome(body: unknown): Outcome | { readonly wrong: string } {
  const { success, data, error } = consistent.safeParse(body)
  if (success) return data
  return { wrong: error.issues.map(({ path, message }) => `${['outcome', ...path].join('.')}: ${message}`).join('; ') }
}

/** The same value with every text in it shown through `show`; keys stay. */
export function mapTexts<T>(value: T, show: (text: string) => string): T {
  if (typeof value === 'string') return show(value) as T
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, show)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, show)])) as T
}
