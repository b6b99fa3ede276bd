/** What is sent to ask for a task, with words for what is wrong in it. */

import { z } from 'zod'

/** As much as a comment may ask for, in bytes. */
const LONGEST = 100 * 1024

export const askSchema = z
  .strictObject({
    repository: z
      .union([z.string().trim().min(1).max(500), z.int().positive()], {
        error: 'Name the project: its path, as group/project, or its id.',
      })
      .meta({ description: "A project's path or id." }),
    prompt: z
      .string({ error: 'Say what is to be done.' })
      .refine((text) => text.trim() !== '', { error: 'Say what is to be done.' })
      .refine((text) => Buffer.byteLength(text) <= LONGEST, {
        error: `That is more than ${LONGEST / 1024} KB: put the long part into an issue or a file, and name that.`,
      })
      .meta({ description: 'What is to be done, Markdown, at most 100 KB.' }),
    branch: z
      .string({ error: 'Give the name of a branch.' })
      .min(1, { error: 'Give the name of a branch, or leave it out.' })
      .max(255, { error: 'No branch has so long a name.' })
      .optional()
      .meta({ description: 'Where the work begins, and the merge request goes to; the default branch otherwise.' }),
    agent: z.string({ error: 'Give the name of an agent.' }).max(100, { error: 'There is no such agent.' }).optional(),
    model: z.string({ error: 'Give the name of a model.' }).max(200, { error: 'There is no such model.' }).optional(),
    budget: z
      .number({ error: 'Give US dollars, as 5 or 2.50.' })
      .positive({ error: 'Give more than 0 US dollars.' })
      .optional()
      .meta({ description: 'US dollars that it may cost.' }),
    mode: z.enum(['do', 'plan'], { error: 'Give `do`, or `plan` for a plan that changes nothing.' }).optional(),
    draft: z
      .boolean({ error: 'Give true or false.' })
      .optional()
      .meta({ description: 'The merge request begins as a draft.' }),
  })
  .meta({ id: 'NewTask' })

/** Printable ASCII, as RFC 9110 has header values. */
export const keySchema = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'Give 1 to 200 printable characters without spaces.')
    .optional()
    .meta({ description: 'The same key of the same person asks for the same task, however often it is sent.' }),
})
