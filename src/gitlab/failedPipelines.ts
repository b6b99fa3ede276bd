import { z } from 'zod'
import { type GitLab, goneIfRefused } from './client.ts'

const schema = z.object({ id: z.number(), updated_at: z.string() })

/** The ids of pipelines that somebody's pushes began and that failed from `since` to `until`, the oldest first: at most 100. */
export async function failedPipelines(
  gitlab: GitLab,
  projectId: number,
  username: string,
  { since, until }: { readonly since: number; readonly until: number },
): Promise<readonly number[]> {
  const query = { status: 'failed', username, updated_after: new Date(since).toISOString(), sort: 'asc' }
  const answer = await goneIfRefused(
    gitlab.call('GET', `projects/${projectId}/pipelines`, { ...query, order_by: 'id', per_page: '100' }),
  )
  if (answer === 'gone') return []
  return z
    .array(schema)
    .parse(answer.body)
    .filter(({ updated_at: at }) => Date.parse(at) <= until)
    .map(({ id }) => id)
}
