/**
 * Which comments were edited after they were written. `updated_at` proves nothing, since reactions and resolves move it, and GraphQL's
 * `lastEditedAt` of a note falls back to it: only that somebody is named as its editor proves an edit.
 */

import { z } from 'zod'
import type { Place } from '../tasks/task.ts'
import type { GitLab } from './client.ts'
import { eachDiscussion } from './discussion.ts'
import { GitLabError } from './requester.ts'

const noteable = z.object({
  notes: z.object({
    nodes: z.array(z.object({ id: z.string(), lastEditedBy: z.object({ username: z.string() }).nullable() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})
const answer = z.object({
  data: z.object({
    project: z.object({ issue: noteable.nullish(), mergeRequest: noteable.nullish() }).nullable(),
  }),
})

const notesOf = (field: 'issue' | 'mergeRequest') => `query($path: ID!, $iid: String!, $after: String) {
  project(fullPath: $path) {
    ${field}(iid: $iid) {
      notes(first: 100, after: $after) { nodes { id lastEditedBy { username } } pageInfo { hasNextPage endCursor } }
    }
  }
}`

/** The ids of the edited notes; `unknown` where this GitLab does not tell. */
export async function editedNotes(
  gitlab: GitLab,
  repository: string,
  { on, iid }: Place,
): Promise<ReadonlySet<number> | 'unknown'> {
  const edited = new Set<number>()
  for (let after: string | null = null; ; ) {
    const variables: Record<string, unknown> = { path: repository, iid: String(iid), after }
    const found = answer.safeParse(
      await query(gitlab, notesOf(on === 'issue' ? 'issue' : 'mergeRequest'), variables),
    ).data
    const item = found?.data.project?.issue ?? found?.data.project?.mergeRequest
    if (item == null) return 'unknown'
    // gid://gitlab/Note/42, and DiffNote or DiscussionNote where it is one.
    for (const { id, lastEditedBy } of item.notes.nodes)
      if (lastEditedBy !== null) edited.add(Number(id.split('/').at(-1)))
    if (!item.notes.pageInfo.hasNextPage) return edited
    after = item.notes.pageInfo.endCursor
  }
}

const editor = z.object({
  data: z.object({ note: z.object({ lastEditedBy: z.object({ username: z.string() }).nullable() }).nullable() }),
})

/** The user name of whoever edited a note last; undefined where nobody did, or this GitLab does not tell. */
export async function editorOf(gitlab: GitLab, note: number): Promise<string | undefined> {
  const text = 'query($id: NoteID!) { note(id: $id) { lastEditedBy { username } } }'
  const found = editor.safeParse(await query(gitlab, text, { id: `gid://gitlab/Note/${note}` })).data
  return found?.data.note?.lastEditedBy?.username
}

/** Undefined where GitLab answers with a refusal. */
async function query(gitlab: GitLab, text: string, variables: Record<string, unknown>): Promise<unknown> {
  try {
    return await gitlab.graphql(text, variables)
  } catch (error) {
    if (error instanceof GitLabError && error.status !== 0 && error.status < 500) return undefined
    throw error
  }
}

/** GitLab notes each change of a description, and nothing else tells of one everywhere. */
export async function isRewritten(gitlab: GitLab, place: Place): Promise<boolean> {
  for await (const { notes } of eachDiscussion(gitlab, place)) {
    if (notes.some(({ system, body }) => system && body.startsWith('changed the description'))) return true
  }
  return false
}
