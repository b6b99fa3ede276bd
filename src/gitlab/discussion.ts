import { z } from 'zod'
import type { Place } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'

const position = z.object({
  position_type: z.string().nullish(),
  old_path: z.string().nullish(),
  new_path: z.string().nullish(),
  old_line: z.number().nullish(),
  new_line: z.number().nullish(),
  base_sha: z.string().nullish(),
  head_sha: z.string().nullish(),
  line_range: z
    .object({
      start: z.object({ old_line: z.number().nullish(), new_line: z.number().nullish() }).nullish(),
      end: z.object({ old_line: z.number().nullish(), new_line: z.number().nullish() }).nullish(),
    })
    .nullish(),
})

const schema = z.object({
  id: z.string(),
  individual_note: z.boolean().default(false),
  notes: z.array(
    z.object({
      id: z.number(),
      body: z.string(),
      system: z.boolean().default(false),
      internal: z.boolean().optional(),
      confidential: z.boolean().nullish(),
      created_at: z.string(),
      resolvable: z.boolean().optional(),
      resolved: z.boolean().nullish(),
      author: z.object({ id: z.number(), username: z.string(), name: z.string() }),
      position: position.nullish(),
    }),
  ),
})

/** A discussion with its notes, oldest first, in the fields that we use. */
export type Discussion = z.infer<typeof schema>
/** The lines of a diff that a thread is about. */
export type Position = z.infer<typeof position>

export async function getDiscussion(
  gitlab: GitLab,
  { projectId, on, iid }: Place,
  discussion: string,
): Promise<Discussion | 'gone'> {
  const found = await goneIfRefused(gitlab.discussions[on].show(projectId, iid, discussion))
  return found === 'gone' ? 'gone' : schema.parse(found)
}

/** All discussions of an issue or merge request, page by page, oldest first. */
export async function* eachDiscussion(gitlab: GitLab, { projectId, on, iid }: Place): AsyncGenerator<Discussion> {
  for (let page = 1; ; page++) {
    const call = gitlab.discussions[on].all(projectId, iid, { perPage: 100, page, showExpanded: true })
    const answer = await goneIfRefused(call)
    if (answer === 'gone') return
    for (const discussion of answer.data) yield schema.parse(discussion)
    if (answer.data.length < 100) return
  }
}

export function isInternal({ notes }: Discussion): boolean {
  return notes[0]?.internal ?? notes[0]?.confidential ?? false
}
