/** What went wrong, as the API says it: RFC 9457. */

import { STATUS_CODES } from 'node:http'
import type { Response } from 'express'
import { z } from 'zod'
import type { FieldError } from './apiNeeds.ts'
import type { Problem } from './taskView.ts'

export const PROBLEM = 'application/problem+json'

export const problemSchema = z
  .strictObject({
    type: z.string().meta({ description: 'Always about:blank: title is the status in words.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong and what to do, for people.' }),
    errors: z
      .array(z.strictObject({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'The fields that are wrong.' }),
  })
  .meta({ id: 'Problem' }) satisfies z.ZodType<Problem>

export function sendProblem(
  response: Response,
  status: number,
  detail: string,
  errors?: readonly FieldError[] | undefined,
): void {
  const title = STATUS_CODES[status] ?? 'Error'
  const problem: Problem = { type: 'about:blank', title, status, detail, ...(errors === undefined ? {} : { errors }) }
  response.status(status).type(PROBLEM).send(JSON.stringify(problem))
}

/** What zod found, one sentence for each field; the whole value's own have the field ''. */
export function fieldErrors(error: z.ZodError): readonly FieldError[] {
  return error.issues.flatMap((issue) => {
    const field = issue.path.join('.')
    if (issue.code !== 'unrecognized_keys') return [{ field, message: issue.message }]
    return issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'There is no such field.' }))
  })
}
