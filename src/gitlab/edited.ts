/** What of an issue or merge request was edited after it was written. `updated_at` proves nothing: reactions and resolves move it (house.md). */

import { z } from 'zod'
import type { Place } from '../tasks/task.ts'
import type { GitLab } from './client.ts'
import { GitLabError } from './requester.ts'

const noteable = z.object({
  lastEditedAt: z.string().nullable(),
  notes: z.object({
    nodes: z.array(z.object({ id: z.string(), lastEditedAt: z.string().nullable() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})
const answer = z.object({
  data: z.object({
    project: z.object({ issue: noteable.nullish(), mergeRequest: noteable.nullish() }).nullable(),
  }),
})

const query = (field: 'issue' | 'mergeRequest') => `query($path: ID!, $iid: String!, $after: String) {
  project(fullPath: $path) {
    ${field}(iid: $iid) {
      lastEditedAt
      notes(first: 100, after: $after) { nodes { id lastEditedAt } pageInfo { hasNextPage endCursor } }
    }
  }
}`

/** The ids of the edited notes, and `description`; `unknown` where this GitLab does not tell. */
export async function editedNotes(
  gitlab: GitLab,
  repository: string,
  { on, iid }: Place,
): Promise<ReadonlySet<number | 'description'> | 'unknown'> {
  const edited = new Set<number | 'description'>()
  for (let after: string | null = null; ; ) {
    const variables: Record<string, unknown> = { path: repository, iid: String(iid), after }
    const found = await ask(gitlab, query(on === 'issue' ? 'issue' : 'mergeRequest'), variables)
    const item = found?.data.project?.issue ?? found?.data.project?.mergeRequest
    if (item == null) return 'unknown'
    if (item.lastEditedAt !== null) edited.add('description')
    // gid://gitlab/Note/42, and DiffNote or DiscussionNote where it is one.
    for (const { id, lastEditedAt } of item.notes.nodes)
      if (lastEditedAt !== null) edited.add(Number(id.split('/').at(-1)))
    if (!item.notes.pageInfo.hasNextPage) return edited
    after = item.notes.pageInfo.endCursor
  }
}

/** Undefined where GitLab answers with errors: an older one does not know the field. */
async function ask(gitlab: GitLab, text: string, variables: Record<string, unknown>) {
  try {
    return answer.safeParse(await gitlab.graphql(text, variables)).data
  } catch (error) {
    if (error instanceof GitLabError && error.status !== 0 && error.status < 500) return undefined
    throw error
  }
}
