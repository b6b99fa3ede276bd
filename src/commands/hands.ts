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
import type { Ledger } from '../redis/ledger.ts'
import type { Pushes } from '../redis/pushes.ts'
import type { Queues } from '../redis/queue.ts'
import type { Spending } from '../redis/spending.ts'
import type { Store } from '../redis/store.ts'
import type { Turns } from '../redis/turns.ts'
import type { Hands } from '../tasks/act.ts'
import { readAnswers } from '../tasks/answers.ts'
import { rowOf } from '../tasks/numbers.ts'
import type { Runner } from '../tasks/runner.ts'
import type { GitLabThread, Obsolete, Place, Remark, Task } from '../tasks/task.ts'

type Neighbours = {
  readonly gitlab: GitLab
  readonly ask: Ask
  readonly store: Store
  readonly queues: Queues
  readonly turns: Turns
  readonly runner: Runner
  readonly pushes: Pushes
  readonly spending: Pick<Spending, 'of'>
  readonly ledger: Pick<Ledger, 'write'>
  /** What stands under status comments now, besides. */
  notice(): string | undefined
}

export function voiceOf({ url, trigger, limits }: Config): Voice {
  return { url, trigger, budgetMax: limits.budgetMax }
}

export function createHands(
  { gitlab, ask, store, queues, turns, runner, pushes, spending, ledger, notice }: Neighbours,
  config: Pick<Config, 'labels'>,
  voice: Voice,
): Hands {
  const now = () => Date.now()
  const voiceFor = ({ ways }: Task) => inProject(voice, ways?.trigger)
  const labelsOf = ({ ways }: Task) => ways?.labels ?? config.labels
  const me = async () => (await ask.me()).id

  async function obsolete(task: Task): Promise<Obsolete | undefined> {
    const { thread } = task
    if (thread.on === 'page') return undefined
    const subject = await ask.subject(thread)
    if (subject === 'gone') return 'closed'
    if ((subject.closedAt ?? 0) > task.askedAt) return 'closed'
    const { todo, doing } = labelsOf(task)
    if (task.occasion === 'label' && ![todo, doing].some((name) => subject.labels.includes(name)))
      return 'label-removed'
    // Who asks on the page asks anew, whatever became of the comment that asked first.
    if (task.occasion === 'page') return undefined
    if (task.remarks !== undefined) {
      for (const remark of task.remarks) if (await stands(thread, remark)) return undefined
      return 'comment-deleted'
    }
    if (thread.note === undefined || thread.discussion === undefined) return undefined
    return (await stands(thread, { note: thread.note, discussion: thread.discussion })) ? undefined : 'comment-deleted'
  }

  async function stands(thread: Place, { note, discussion }: Pick<Remark, 'note' | 'discussion'>): Promise<boolean> {
    const found = await getDiscussion(gitlab, thread, discussion)
    return found !== 'gone' && found.notes.some(({ id }) => id === note)
  }

  return {
    obsolete,
    react: (task) => react(gitlab, inGitLab(task), 'eyes'),
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
      const words = statusComment(task, shows, now(), voiceFor(task))
      const body = [words, notice()].filter((part) => part !== undefined).join('\n\n')
      return ensureNote(gitlab, await me(), inGitLab(task), task.id, 'status', body, task.status?.note)
    },
    async reply(task) {
      const answers = answersOf(task)
      const rewrote = (await pushes.of(task.id)).flatMap(({ before, rewritten }) => (rewritten ? [before] : []))
      const told = { rewrote, own: answers.get(task.thread.discussion ?? '') }
      const body = replyComment(task, now(), voiceFor(task), told)
      return ensureNote(gitlab, await me(), inGitLab(task), task.id, 'reply', body)
    },
    async answerThreads(task) {
      const answers = answersOf(task)
      const { projectId, on, iid } = inGitLab(task)
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
        if (done && on === 'merge_request') await resolve(gitlab, { projectId, on, iid }, discussion)
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
      await ledger.write(rowOf(task, await spending.of(task.id)))
      if (task.startedAt !== undefined)
        await store.took(task.thread.projectId, (task.endedAt ?? now()) - task.startedAt)
      const waiting = await turns.leave(task)
      for (const id of [...(await store.behind(task)).slice(0, 1), ...waiting]) await queues.wake(id)
    },
  }
}

/** Where the words about a task go; next.ts asks for none where there is no such place. */
function inGitLab({ id, thread }: Task): GitLabThread {
  if (thread.on === 'page') throw new Error(`task ${id} has no thread in GitLab`)
  return thread
}

/** What the agent said to each thread of a follow-up; one that answers a single thread need not say which. */
function answersOf({ end, remarks }: Task): ReturnType<typeof readAnswers>['threads'] {
  if (remarks === undefined || end?.is !== 'succeeded') return new Map()
  return readAnswers(end.outcome.answer ?? '', [...new Set(remarks.map(({ discussion }) => discussion))]).threads
}

function byThread({ remarks = [] }: Task): ReadonlyMap<string, readonly Remark[]> {
  return Map.groupBy(remarks, ({ discussion }) => discussion)
}
