/** Issues and merge requests that changed since a moment, of a whole GitLab in as few calls as there are pages. */

import { z } from 'zod'
import type { Place } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'

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

/**
 * Page by page, the longest unchanged first; without `projectId` of all projects that we can see. GitLab counts pages anew at every
 * call, and what is changed meanwhile moves to the end, so that the next page would leave some out: each page begins at the time at
 * which the last one ended.
 */
export async function* changedSince(
  gitlab: GitLab,
  on: Place['on'],
  since: number,
  projectId?: number,
): AsyncGenerator<Page> {
  const path = projectId === undefined ? PATHS[on] : `projects/${projectId}/${PATHS[on]}`
  const seen = new Set<number>()
  let after = new Date(since).toISOString()
  for (let page = 1; ; ) {
    const query = { scope: 'all', order_by: 'updated_at', sort: 'asc', per_page: '100', view: 'simple' }
    const asked = Date.now()
    const call = gitlab.call('GET', path, { ...query, updated_after: after, page: String(page) })
    // A project may have no issues, or be gone; that of all projects nothing can be seen, no sweep may take for an answer.
    const answer = await (projectId === undefined ? call : goneIfRefused(call))
    if (answer === 'gone') return
    const rows = z.array(schema).parse(answer.body)
    const date = Date.parse(answer.headers.date ?? '')
    yield {
      changed: rows.filter(({ id }) => !seen.has(id)).map((row) => changedOf(on, row)),
      date: Number.isNaN(date) ? asked : date - (Date.now() - asked),
    }
    for (const { id } of rows) seen.add(id)
    const last = rows.at(-1)
    if (last === undefined || rows.length < 100) return
    // More than a page in one moment can only be counted.
    if (Date.parse(last.updated_at) === Date.parse(after)) page += 1
    else [after, page] = [last.updated_at, 1]
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
