/** What stands around a request in GitLab, as the agent may see it. */

import type { Context, Lines, ThreadContext, Words } from '../tasks/prompt.ts'
import type { GitLabThread, Task } from '../tasks/task.ts'
import { type GitLab, goneIfRefused } from './client.ts'
import { linesOf } from './diffLines.ts'
import { type Discussion, eachDiscussion, isInternal } from './discussion.ts'
import { editedNotes } from './edited.ts'
import { withoutMark } from './marker.ts'
import { failedJobTails } from './pipeline.ts'
import { findSubject } from './subject.ts'

/** Notes before the one that asked; of very long discussions the oldest are left out. */
const NOTES = 50

export type ContextNeeds = {
  readonly gitlab: GitLab
  /** Our own user's id: what we wrote is known to the agent by its session, and is nobody's instruction. */
  readonly me: number
  /** Whether the words of this person are instructions: members who may ask. */
  mayInstruct(userId: number, username: string): Promise<boolean>
  /** What our last word to another task was: the plan that is to be carried out. */
  readonly plan?: string | undefined
  /** What the project tells every agent. */
  readonly instructions?: string | undefined
}

export async function findContext(needs: ContextNeeds, task: Task): Promise<Context> {
  const { gitlab, me, plan, instructions } = needs
  const { thread } = task
  // Around what was asked on the page there is nothing.
  if (thread.on === 'page') return { notes: [], threads: [], jobs: [], plan, instructions }
  const subject = await findSubject(gitlab, thread)
  const edited = await editedNotes(gitlab, task.repository, thread)
  const may = remembered(needs.mayInstruct)
  const words = async (note: Discussion['notes'][number]): Promise<Words> => {
    const { author, body, created_at: at } = note
    const unchanged = edited !== 'unknown' && !edited.has(note.id)
    return {
      author: author.username,
      // Our mark is hidden text too, and nobody's secret.
      body: author.id === me ? withoutMark(body) : body,
      trusted: unchanged && (await may(author.id, author.username)),
      at: Date.parse(at),
    }
  }
  const own = new Set([thread.discussion, ...(task.remarks ?? []).map(({ discussion }) => discussion)])
  const asked = new Set([thread.note, ...(task.remarks ?? []).map(({ note }) => note)])
  const notes: Words[] = []
  const threads: ThreadContext[] = []
  let described = true
  for await (const discussion of eachDiscussion(gitlab, thread)) {
    // What only some may read would come out in a merge request that all can.
    if (isInternal(discussion) && !thread.internal) continue
    // GitLab notes each change of a description, and nothing else tells of one everywhere.
    if (discussion.notes.some(({ system, body }) => system && body.startsWith('changed the description')))
      described = false
    const before = discussion.notes.filter(
      (note) => !note.system && !asked.has(note.id) && Date.parse(note.created_at) <= task.askedAt,
    )
    if (own.has(discussion.id)) {
      threads.push({
        discussion: discussion.id,
        lines: await lines(gitlab, thread, discussion),
        earlier: await Promise.all(before.map(words)),
      })
    } else {
      for (const note of before) if (note.author.id !== me) notes.push(await words(note))
    }
  }
  return {
    description: {
      author: subject === 'gone' ? 'ghost' : subject.author.username,
      body: subject === 'gone' ? '' : subject.description,
      trusted: subject !== 'gone' && described && (await may(subject.author.id, subject.author.username)),
      at: subject === 'gone' ? 0 : subject.createdAt,
    },
    notes: notes.slice(-NOTES),
    threads,
    jobs:
      task.occasion === 'pipeline'
        ? await failedJobTails(gitlab, thread.projectId, Number(task.id.split('-p')[1]))
        : [],
    plan,
    instructions,
  }
}

async function lines(gitlab: GitLab, thread: GitLabThread, discussion: Discussion): Promise<Lines | undefined> {
  const position = discussion.notes[0]?.position
  if (thread.on !== 'merge_request' || position == null) return undefined
  const found = await goneIfRefused(gitlab.mergeRequests.allDiffs(thread.projectId, thread.iid, { perPage: 100 }))
  return linesOf(position, found === 'gone' ? [] : found)
}

/** Each person is asked about once. */
function remembered(may: ContextNeeds['mayInstruct']): ContextNeeds['mayInstruct'] {
  const known = new Map<number, Promise<boolean>>()
  return (id, username) => {
    const answer = known.get(id) ?? may(id, username)
    known.set(id, answer)
    return answer
  }
}
