/** What stands around a request in GitLab, as the agent may see it. */

import type { Context } from '../tasks/prompt.ts'
import type { Task } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'
import { eachDiscussion, isInternal } from './discussion.ts'

/** Notes before the one that asked; ours and GitLab's own are left out, and of very long discussions the oldest. */
const NOTES = 50

export async function findContext(gitlab: GitLab, me: number, { thread }: Task): Promise<Context> {
  const { projectId, on, iid } = thread
  const about =
    on === 'issue'
      ? await goneIfRefused(gitlab.issues.show(iid, { projectId }))
      : await goneIfRefused(gitlab.mergeRequests.show(projectId, iid))
  const notes: { author: string; body: string }[] = []
  for await (const discussion of eachDiscussion(gitlab, thread)) {
    // What only some may read would come out in a merge request that all can.
    if (isInternal(discussion) && !thread.internal) continue
    for (const { id, author, body, system } of discussion.notes) {
      if (id < thread.note && !system && author.id !== me) notes.push({ author: author.username, body })
    }
  }
  return { description: about === 'gone' ? '' : (about.description ?? ''), notes: notes.slice(-NOTES) }
}
