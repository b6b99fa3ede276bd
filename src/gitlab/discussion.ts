import { z } from 'zod'
import type { Thread } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'

const schema = z.object({
  id: z.string(),
  notes: z.array(
    z.object({
      id: z.number(),
      body: z.string(),
      system: z.boolean().default(false),
      internal: z.boolean().optional(),
      confidential: z.boolean().nullish(),
      author: z.object({ id: z.number(), username: z.string(), name: z.string() }),
    }),
  ),
})

/** A discussion with its notes, oldest first, in the fields that we use. */
export type Discussion = z.infer<typeof schema>

export async function getDiscussion(
  gitlab: GitLab,
  { projectId, on, iid, discussion }: Pick<Thread, 'projectId' | 'on' | 'iid' | 'discussion'>,
): Promise<Discussion | 'gone'> {
  const found = await goneIfRefused(gitlab.discussions[on].show(projectId, iid, discussion))
  return found === 'gone' ? 'gone' : schema.parse(found)
}

/** All discussions of an issue or merge request, page by page, oldest first. */
export async function* eachDiscussion(
  gitlab: GitLab,
  { projectId, on, iid }: Pick<Thread, 'projectId' | 'on' | 'iid'>,
): AsyncGenerator<Discussion> {
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
