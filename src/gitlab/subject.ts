/** The issue or merge request that something was asked under, as GitLab has it now. */

import type { Person, Place, Subject } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'

/** The fields that issues and merge requests share. */
type Fields = {
  readonly title: string
  readonly description?: string | null
  readonly state: string
  readonly created_at: string
  readonly closed_at?: string | null
  readonly merged_at?: string | null
  readonly confidential?: unknown
  readonly labels?: readonly unknown[] | null
  readonly author: { readonly id: number; readonly username: string; readonly name: string }
  readonly assignees?: readonly { readonly id: number }[] | null
}

export async function findSubject(gitlab: GitLab, { projectId, on, iid }: Place): Promise<Subject | 'gone'> {
  if (on === 'issue') {
    const issue = await goneIfRefused(gitlab.issues.show(iid, { projectId }))
    return issue === 'gone' ? 'gone' : common(issue as unknown as Fields)
  }
  const found = await goneIfRefused(gitlab.mergeRequests.show(projectId, iid))
  if (found === 'gone') return 'gone'
  const subject = common(found as unknown as Fields)
  const { source_branch: source, target_branch: target } = found
  const foreign = found.source_project_id !== found.target_project_id
  if (foreign || !subject.open) return { ...subject, base: target }
  // On a merge request of the same project the work goes to its own branch, unless that is protected.
  const branch = await goneIfRefused(gitlab.branches.show(projectId, source))
  if (branch === 'gone') return { ...subject, base: target }
  if (branch.protected) return { ...subject, base: source }
  return { ...subject, base: target, branch: source, mergeRequest: { iid, url: found.web_url } }
}

function common(found: Fields): Subject {
  const { title, description, state, created_at, confidential, labels, author, assignees } = found
  const closed = found.closed_at ?? found.merged_at ?? undefined
  return {
    title,
    description: description ?? '',
    author: person(author),
    createdAt: Date.parse(created_at),
    open: state === 'opened',
    closedAt: closed === undefined ? undefined : Date.parse(closed),
    confidential: confidential === true,
    labels: (labels ?? []).map(String),
    assignees: (assignees ?? []).map(({ id }) => id),
  }
}

function person({ id, username, name }: Fields['author']): Person {
  return { id, username, name }
}
