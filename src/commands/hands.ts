/** What a look can do: the neighbours' functions, given to tasks/act.ts. */

import type { Config } from '../config.ts'
import type { Ask } from '../gitlab/ask.ts'
import { type GitLab, goneIfRefused, react } from '../gitlab/client.ts'
import { getDiscussion } from '../gitlab/discussion.ts'
import { openMergeRequest } from '../gitlab/mergeRequest.ts'
import { ensureNote, resolve } from '../gitlab/reply.ts'
import { replyComment, threadComment } from '../gitlab/replyComment.ts'
import { statusComment } from '../gitlab/statusComment.ts'
import { inProject, type Voice } from '../gitlab/voice.ts'
import type { Pushes } from '../redis/pushes.ts'
import type { Queues } from '../redis/queue.ts'
import type { Store } from '../redis/store.ts'
import type { Turns } from '../redis/turns.ts'
import type { Hands } from '../tasks/act.ts'
import { readAnswers } from '../tasks/answers.ts'
import type { Runner } from '../tasks/runner.ts'
import type { Obsolete, Remark, Task } from '../tasks/task.ts'

type Neighbours = {
  readonly gitlab: GitLab
  readonly ask: Ask
  readonly store: Store
  readonly queues: Queues
  readonly turns: Turns
  readonly runner: Runner
  readonly pushes: Pushes
}

export function voiceOf({ url, trigger, limits }: Config): Voice {
  return { url, trigger, budgetMax: limits.budgetMax }
}

export function createHands(
  { gitlab, ask, store, queues, turns, runner, pushes }: Neighbours,
  config: Pick<Config, 'labels'>,
  voice: Voice,
): Hands {
  const now = () => Date.now()
  const voiceFor = ({ ways }: Task) => inProject(voice, ways?.trigger)
  const labelsOf = ({ ways }: Task) => ways?.labels ?? config.labels
  const me = async () => (await ask.me()).id

  async function obsolete(task: Task): Promise<Obsolete | undefined> {
    const { thread } = task
    const subject = await ask.subject(thread)
    if (subject === 'gone') return 'closed'
    if ((subject.closedAt ?? 0) > task.askedAt) return 'closed'
    const { todo, doing } = labelsOf(task)
    if (task.occasion === 'label' && ![todo, doing].some((name) => subject.labels.includes(name)))
      return 'label-removed'
    if (task.remarks !== undefined) {
      for (const remark of task.remarks) if (await stands(task, remark)) return undefined
      return 'comment-deleted'
    }
    if (thread.note === undefined || thread.discussion === undefined) return undefined
    return (await stands(task, { note: thread.note, discussion: thread.discussion })) ? undefined : 'comment-deleted'
  }

  async function stands({ thread }: Task, { note, discussion }: Pick<Remark, 'note' | 'discussion'>): Promise<boolean> {
    const found = await getDiscussion(gitlab, thread, discussion)
    return found !== 'gone' && found.notes.some(({ id }) => id === note)
  }

  return {
    obsolete,
    react: (task) => react(gitlab, task.thread, 'eyes'),
    async label(task, label) {
      const { projectId, iid } = task.thread
      const labels = labelsOf(task)
      // At the end a `todo` on it is somebody's newer wish.
      const before = label === 'doing' ? [labels.todo] : []
      const others = [...before, labels.doing, labels.done, labels.failed].filter((name) => name !== labels[label])
      const change = { addLabels: labels[label], removeLabels: others.join(',') }
      await goneIfRefused(gitlab.issues.edit(projectId, iid, change))
    },
    async sayStatus(task, shows) {
      const body = statusComment(task, shows, now(), voiceFor(task))
      return ensureNote(gitlab, await me(), task.thread, task.id, 'status', body, task.status?.note)
    },
    async reply(task) {
      const answers = answersOf(task)
      const rewrote = (await pushes.of(task.id)).flatMap(({ before, rewritten }) => (rewritten ? [before] : []))
      const told = { rewrote, own: answers.get(task.thread.discussion ?? '') }
      const body = replyComment(task, now(), voiceFor(task), told)
      return (await ensureNote(gitlab, await me(), task.thread, task.id, 'reply', body))?.note
    },
    async answerThreads(task) {
      const answers = answersOf(task)
      const { projectId, on, iid } = task.thread
      const first = `${gitlab.url}/${task.repository}/-/${on}s/${iid}#note_${task.reply?.note ?? ''}`
      for (const [discussion, remarks] of byThread(task)) {
        const said = answers.get(discussion)
        if (discussion !== task.thread.discussion) {
          const body = threadComment(task, remarks, said, first, voiceFor(task).trigger)
          await ensureNote(
            gitlab,
            await me(),
            { projectId, on, iid, discussion, internal: false },
            task.id,
            'reply',
            body,
          )
        }
        const done = said?.addressed === true && task.end?.is === 'succeeded'
        if (done && on === 'merge_request') await resolve(gitlab, task.thread, discussion)
      }
    },
    async openMergeRequest(task) {
      if (task.end?.is !== 'succeeded') throw new Error(`task ${task.id} has nothing to merge`)
      return openMergeRequest(gitlab, await me(), task, task.end.outcome, voice)
    },
    takeTurn: (task) => turns.take(task),
    launch: (task) => runner.launch(task),
    stop: (task) => runner.stop(task),
    async leave(task) {
      if (task.startedAt !== undefined)
        await store.took(task.thread.projectId, (task.endedAt ?? now()) - task.startedAt)
      const waiting = await turns.leave(task)
      for (const id of [...(await store.behind(task)).slice(0, 1), ...waiting]) await queues.wake(id)
    },
  }
}

/** What the agent said to each thread of a follow-up; one that answers a single thread need not say which. */
function answersOf({ end, remarks }: Task): ReturnType<typeof readAnswers>['threads'] {
  if (remarks === undefined || end?.is !== 'succeeded') return new Map()
  return readAnswers(end.outcome.answer ?? '', [...new Set(remarks.map(({ discussion }) => discussion))]).threads
}

function byThread({ remarks = [] }: Task): ReadonlyMap<string, readonly Remark[]> {
  return Map.groupBy(remarks, ({ discussion }) => discussion)
}
