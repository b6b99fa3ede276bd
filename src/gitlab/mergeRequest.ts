/** The merge request of a task's branch: adopted when it is there, opened otherwise. */

import type { Refused } from '../tasks/act.ts'
import type { Outcome, Task } from '../tasks/task.ts'
import type { GitLab } from './client.ts'
import { mergeRequestText, type Voice } from './comment.ts'
import { quietLines } from './inert.ts'
import { GitLabError, isRefusal } from './requester.ts'

type Made = { readonly iid: number; readonly url: string }

export async function openMergeRequest(
  gitlab: GitLab,
  me: number,
  task: Task,
  outcome: Outcome,
  voice: Voice,
): Promise<Made | Refused> {
  const { projectId } = task.thread
  const { title, ...text } = mergeRequestText(task, outcome, voice)
  const description = quietLines(text.description)
  try {
    const there = await findOpen(gitlab, task)
    if (there !== undefined) return there
    const made = await gitlab.mergeRequests.create(projectId, task.branch, task.base, title, {
      description,
      removeSourceBranch: true,
      squash: true,
      ...(task.asker.id === me ? {} : { assigneeIds: [task.asker.id], reviewerIds: [task.asker.id] }),
    })
    return { iid: made.iid, url: made.web_url }
  } catch (error) {
    // Somebody was faster, or the answer to our own call was lost.
    const there = error instanceof GitLabError && error.status === 409 ? await findOpen(gitlab, task) : undefined
    if (there !== undefined) return there
    if (!isRefusal(error)) throw error
    return { refused: error.message, cause: error.status === 404 ? 'project-gone' : 'merge-request-refused' }
  }
}

async function findOpen(gitlab: GitLab, { thread, branch, base }: Task): Promise<Made | undefined> {
  const all = await gitlab.mergeRequests.all({
    projectId: thread.projectId,
    sourceBranch: branch,
    targetBranch: base,
    state: 'opened',
    perPage: 100,
    maxPages: 1,
  })
  // A fork may have a branch of the same name, and a merge request that is not ours.
  const found = all.find(({ source_project_id: source }) => source === thread.projectId)
  return found === undefined ? undefined : { iid: found.iid, url: found.web_url }
}
