import { z } from 'zod'
import type { Place } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'

const schema = z.object({
  id: z.number(),
  system: z.boolean().default(false),
  created_at: z.string(),
  author: z.object({ id: z.number() }),
})

const PATHS = { issue: 'issues', merge_request: 'merge_requests' } as const
/** Notes come with their texts, and between two sweeps there are few. */
const PER_PAGE = 20

/** The ids of the comments that others than `me` have written from `since` to `until`, the oldest first; none where we may not look. */
export async function newNotes(
  gitlab: GitLab,
  { projectId, on, iid }: Place,
  { since, until }: { readonly since: number; readonly until: number },
  me: number,
): Promise<readonly number[]> {
  const path = `projects/${projectId}/${PATHS[on]}/${iid}/notes`
  const query = { sort: 'desc', order_by: 'created_at', activity_filter: 'only_comments', per_page: String(PER_PAGE) }
  const found = new Set<number>()
  for (let page = 1; ; page++) {
    const answer = await goneIfRefused(gitlab.call('GET', path, { ...query, page: String(page) }))
    if (answer === 'gone') return []
    const rows = z
      .array(schema)
      .parse(answer.body)
      .map((row) => ({ ...row, at: Date.parse(row.created_at) }))
    for (const { id, system, author, at } of rows)
      if (!system && author.id !== me && at >= since && at <= until) found.add(id)
    // Hidden notes are taken out of a page after it was cut, so a short one need not be the last (gitlab.md §3).
    if (rows.some(({ at }) => at < since) || !answer.headers['x-next-page']) return [...found].sort((a, b) => a - b)
  }
}
