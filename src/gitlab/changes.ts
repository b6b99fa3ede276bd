/** Issues and merge requests that changed since a moment, of a whole GitLab in as few calls as there are pages. */

import { z } from 'zod'
import type { Place } from '../tasks/task.ts'
import type { GitLab } from './client.ts'
import { pagesSince } from './pagesSince.ts'

const schema = z.object({
  id: z.number(),
  iid: z.number(),
  project_id: z.number(),
  state: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  description: z.string().nullish(),
  labels: z.array(z.string()).nullish(),
  assignees: z.array(z.object({ id: z.number() })).nullish(),
})

/** An issue or merge request, with what can tell that somebody asks for us. Times are milliseconds since 1970. */
export type Changed = Place & {
  readonly createdAt: number
  readonly updatedAt: number
  readonly open: boolean
  readonly description: string
  /** Of an issue only, as `assignees`, which are ids. */
  readonly labels: readonly string[]
  readonly assignees: readonly number[]
}

/** `date`: GitLab's clock, milliseconds since 1970, no later than when the page was read. */
export type Page = { readonly changed: readonly Changed[]; readonly date: number }

const PATHS = { issue: 'issues', merge_request: 'merge_requests' } as const

/** Page by page, the longest unchanged first; without `projectId` of all projects that we can see. */
export async function* changedSince(
  gitlab: GitLab,
  on: Place['on'],
  since: number,
  projectId?: number,
): AsyncGenerator<Page> {
  const path = projectId === undefined ? PATHS[on] : `projects/${projectId}/${PATHS[on]}`
  // A project may have no issues, or be gone; that of all projects nothing can be seen, no sweep may take for an answer.
  const mayBeGone = projectId !== undefined
  for await (const { rows, date } of pagesSince(gitlab, path, { scope: 'all', view: 'simple' }, since, mayBeGone))
    yield {
      changed: z
        .array(schema)
        .parse(rows)
        .map((row) => changedOf(on, row)),
      date,
    }
}

function changedOf(on: Place['on'], row: z.infer<typeof schema>): Changed {
  return {
    projectId: row.project_id,
    on,
    iid: row.iid,
    createdAt: Date.parse(row.created_at),
    updatedAt: Date.parse(row.updated_at),
    open: row.state === 'opened',
    description: row.description ?? '',
    labels: row.labels ?? [],
    assignees: (row.assignees ?? []).map(({ id }) => id),
  }
}
