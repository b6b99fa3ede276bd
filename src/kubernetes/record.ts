/** The task in its Job's annotation: cause, ids and command text, so that an emptied Redis can be filled again. No secrets. */

import { createHash } from 'node:crypto'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { z } from 'zod'
import type { Task } from '../tasks/task.ts'
import { OCCASIONS, type Occasion } from '../tasks/taskId.ts'
import { ownerOf } from './labels.ts'
import type { Job } from './wire.ts'

export const TASK_ANNOTATION = 'errand/record'
/** A digest of the request alone: who takes over a Job that exists compares it with his own. */
export const REQUEST_ANNOTATION = 'errand/request'

/** More than any record needs; an annotation that unfolds to more was not written by us. */
const LARGEST = 4 * 1024 * 1024

const person = z.object({ id: z.number(), username: z.string(), name: z.string() })

const schema = z.object({
  id: z.string(),
  thread: z.object({
    projectId: z.number(),
    on: z.enum(['issue', 'merge_request', 'page']),
    iid: z.number(),
    discussion: z.string().optional(),
    note: z.number().optional(),
    internal: z.boolean(),
  }),
  onPage: z.boolean().optional(),
  asking: z.string().optional(),
  repository: z.string(),
  occasion: z.enum(Object.keys(OCCASIONS) as [Occasion, ...Occasion[]]),
  askedAt: z.number(),
  asker: person,
  prompt: z.string(),
  remarks: z.array(z.object({ note: z.number(), discussion: z.string(), by: person, text: z.string() })).optional(),
  discreet: z.boolean().optional(),
  labelled: z.boolean().optional(),
  merge: z
    .object({
      draft: z.boolean().optional(),
      labels: z.array(z.string()).optional(),
      reviewers: z.array(z.string()).optional(),
      squash: z.boolean().optional(),
      removeSourceBranch: z.boolean().optional(),
      describe: z.boolean().optional(),
    })
    .optional(),
  ways: z
    .object({
      trigger: z.string(),
      labels: z.object({ todo: z.string(), doing: z.string(), done: z.string(), failed: z.string() }),
      turns: z.number().optional(),
      time: z.number().optional(),
      image: z.string().optional(),
      tools: z.array(z.string()).optional(),
    })
    .optional(),
  about: z.string(),
  branch: z.string(),
  base: z.string(),
  defaultBranch: z.string(),
  agent: z.string(),
  model: z.string().optional(),
  mode: z.enum(['do', 'plan']),
  budget: z.number().optional(),
  fromDescription: z.boolean().optional(),
  goOn: z.enum(['rest', 'plan']).optional(),
  continues: z.string().optional(),
  holdsWork: z.boolean().optional(),
  first: z.string(),
  createdAt: z.number(),
  attempt: z.number(),
  attemptAt: z.number(),
  trace: z.string().optional(),
})

export function annotationsOf(task: Task): Record<string, string> {
  const record = schema.parse(task)
  return {
    [TASK_ANNOTATION]: brotliCompressSync(JSON.stringify(record)).toString('base64'),
    [REQUEST_ANNOTATION]: requestDigest(task),
  }
}

/** What does not change between two records of the same cause, whenever they were made. */
export function requestDigest({ id, thread, branch, prompt }: Task): string {
  const request = [id, thread.projectId, thread.note, branch, prompt]
  return createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 32)
}

/**
 * The task whose run a Job is, as it was when the attempt was launched: everything later is found again by looking.
 * Undefined where the Job is not one of ours, or its annotation was changed.
 */
export function taskFromJob(job: Job): Task | undefined {
  const owner = ownerOf(job)
  const text = job.metadata?.annotations?.[TASK_ANNOTATION]
  if (owner === undefined || text === undefined) return undefined
  const record = read(text)
  if (record?.id !== owner.task || record.attempt !== owner.attempt) return undefined
  return {
    kind: 'task',
    ...record,
    state: 'starting',
    since: record.attemptAt,
    launched: true,
    reacted: true,
    cleaned: false,
  }
}

function read(text: string): z.output<typeof schema> | undefined {
  try {
    const json = brotliDecompressSync(Buffer.from(text, 'base64'), { maxOutputLength: LARGEST }).toString()
    return schema.safeParse(JSON.parse(json)).data
  } catch {
    return undefined
  }
}
