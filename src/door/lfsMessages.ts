/** What git-lfs and GitLab tell each other before bytes are moved (git-lfs, docs/api/batch.md). */

import { z } from 'zod'

export const LFS_TYPE = 'application/vnd.git-lfs+json'

const object = z.object({
  oid: z.string().regex(/^[0-9a-f]{64}$/, 'not the id of an object'),
  size: z.int().nonnegative(),
})

/** Of one request; git-lfs asks for 100 at a time. */
const MOST_OBJECTS = 1000

const ask = z.object({
  operation: z.enum(['download', 'upload']),
  transfers: z.array(z.string()).optional(),
  objects: z.array(object).min(1).max(MOST_OBJECTS),
  hash_algo: z.literal('sha256').optional(),
})

/** Which objects are to be moved, and where to. */
export type Batch = z.output<typeof ask>

const href = z.url({ protocol: /^https?$/ })

const action = z.object({
  href,
  header: z.record(z.string(), z.string()).optional(),
  expires_in: z.number().optional(),
  expires_at: z.string().optional(),
})

const answer = z.object({
  transfer: z.literal('basic').optional(),
  objects: z.array(
    object.extend({
      actions: z
        .object({ download: action.optional(), upload: action.optional(), verify: action.optional() })
        .optional(),
      error: z.object({ code: z.int(), message: z.string() }).optional(),
    }),
  ),
})

/** One request that moves, or verifies, an object. */
export type Action = z.output<typeof action>
export type BatchAnswer = z.output<typeof answer>

/** What git-lfs asks for, or what is wrong with it. */
export function readBatch(body: unknown): Batch | { readonly wrong: string } {
  const { success, data, error } = ask.safeParse(body)
  if (!success) return { wrong: error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') }
  const { transfers } = data
  if (transfers !== undefined && !transfers.includes('basic')) return { wrong: 'transfers: only basic is served here' }
  return data
}

/** What GitLab answers, of what was asked for; nothing when it cannot be understood. */
export function readBatchAnswer(text: string, { objects }: Batch): BatchAnswer | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  const read = answer.safeParse(body)
  if (!read.success) return undefined
  const asked = new Set(objects.map(({ oid }) => oid))
  return { ...read.data, objects: read.data.objects.filter(({ oid }) => asked.has(oid)) }
}
