/** The merge request of a task's branch: adopted when it is there, opened otherwise. */

import type { Refused } from '../tasks/act.ts'
import { branchOf, type Outcome, type Place, type Task } from '../tasks/task.ts'
import type { GitLab } from './client.ts'
import { quietLines } from './inert.ts'
import { mergeRequestText } from './mergeRequestText.ts'
import { readRaw } from './rawFile.ts'
import { GitLabError, isRefusal } from './requester.ts'
import type { Voice } from './voice.ts'

const TEMPLATE = '.gitlab/merge_request_templates/Default.md'
/** Bytes. */
const LARGEST_TEMPLATE = 64 * 1024

type Made = { readonly iid: number; readonly url: string }

export async function openMergeRequest(
  gitlab: GitLab,
  me: number,
  task: Task,
  outcome: Outcome,
  voice: Voice,
): Promise<Made | Refused> {
  const { projectId } = task.thread
  try {
    const there = await findMergeRequest(gitlab, task)
    if (there !== undefined) return there
    const { title, ...text } = mergeRequestText(task, outcome, voice, await templateFor(gitlab, task))
    const description = quietLines(text.description)
    const made = await gitlab.mergeRequests.create(projectId, branchOf(task), task.base, title, {
      description,
      removeSourceBranch: task.merge?.removeSourceBranch ?? true,
      squash: task.merge?.squash ?? true,
      ...(task.merge?.labels === undefined ? {} : { labels: task.merge.labels.join(',') }),
      ...(await people(gitlab, me, task)),
    })
    return { iid: made.iid, url: made.web_url }
  } catch (error) {
    // Somebody was faster, or the answer to our own call was lost.
    const there =
      error instanceof GitLabError && error.status === 409 ? await findMergeRequest(gitlab, task) : undefined
    if (there !== undefined) return there
    if (!isRefusal(error)) throw error
    return { refused: error.message, cause: error.status === 404 ? 'project-gone' : 'merge-request-refused' }
  }
}

/** GitLab itself puts its template only into its own form. */
async function templateFor(gitlab: GitLab, { merge, thread }: Task): Promise<string | undefined> {
  if (merge?.describe !== false) return undefined
  return (await readRaw(gitlab, thread.projectId, TEMPLATE, LARGEST_TEMPLATE)) ?? ''
}

/**
 * Who asked is assignee and reviewer, after those whom the project names: GitLab's Free edition keeps the first reviewer. Names that are
 * nobody's are left out.
 */
async function people(gitlab: GitLab, me: number, { asker, merge }: Task) {
  const own = asker.id === me ? [] : [asker.id]
  const names = merge?.reviewers ?? []
  const found = await Promise.all(names.map((username) => gitlab.users.all({ username, perPage: 1, maxPages: 1 })))
  const others = found.flatMap(([user]) => user?.id ?? [])
  return { assigneeIds: own, reviewerIds: [...new Set([...others, ...own])] }
}

/** Where the last word about a task stands, if it has one: what was asked on the page is answered on its merge request. */
export async function placeOfTask(gitlab: GitLab, task: Task): Promise<Place | undefined> {
  if (task.thread.on !== 'page') return task.thread
  const made = await findMergeRequest(gitlab, task)
  return made && { projectId: task.thread.projectId, on: 'merge_request', iid: made.iid }
}

/** The open merge request of a task's branch. */
export async function findMergeRequest(gitlab: GitLab, task: Task): Promise<Made | undefined> {
  const { thread, base } = task
  const all = await gitlab.mergeRequests.all({
    projectId: thread.projectId,
    sourceBranch: branchOf(task),
    targetBranch: base,
    state: 'opened',
    perPage: 100,
    maxPages: 1,
  })
  // A fork may have a branch of the same name, and a merge request that is not ours.
  const found = all.find(({ source_project_id: source }) => source === thread.projectId)
  return found === undefined ? undefined : { iid: found.iid, url: found.web_url }
}
