/** Which of our merge requests were merged lately, of all projects in one call. */

import { z } from 'zod'
import type { GitLab } from './client.ts'
import { pagesSince } from './pagesSince.ts'

const schema = z.object({ iid: z.number(), project_id: z.number(), merged_at: z.string().nullish() })

/** `at`: milliseconds since 1970. */
export type MergedRequest = { readonly projectId: number; readonly iid: number; readonly at: number }

/** Those that changed since; `date`: GitLab's clock when it was first asked. */
export async function mergedSince(
  gitlab: Pick<GitLab, 'call'>,
  since: number,
): Promise<{ readonly merged: readonly MergedRequest[]; readonly date: number }> {
  const merged: MergedRequest[] = []
  let first: number | undefined
  // `view=simple` leaves out when they were merged.
  const query = { scope: 'created_by_me', state: 'merged' }
  for await (const { rows, date } of pagesSince(gitlab, 'merge_requests', query, since, false)) {
    first ??= date
    for (const { iid, project_id: projectId, merged_at: at } of z.array(schema).parse(rows))
      if (at != null) merged.push({ projectId, iid, at: Date.parse(at) })
  }
  return { merged, date: first ?? since }
}
