/** What a look can do: the neighbours' functions, given to tasks/act.ts. */

import type { Config } from '../config.ts'
import type { createAsk } from '../gitlab/ask.ts'
import { type GitLab, react } from '../gitlab/client.ts'
import { replyComment, statusComment, type Voice } from '../gitlab/comment.ts'
import { openMergeRequest } from '../gitlab/mergeRequest.ts'
import { ensureNote } from '../gitlab/reply.ts'
import type { Queues } from '../redis/queue.ts'
import type { Store } from '../redis/store.ts'
import type { Turns } from '../redis/turns.ts'
import type { Hands } from '../tasks/act.ts'
import type { Runner } from '../tasks/runner.ts'

type Neighbours = {
  readonly gitlab: GitLab
  readonly ask: ReturnType<typeof createAsk>
  readonly store: Store
  readonly queues: Queues
  readonly turns: Turns
  readonly runner: Runner
}

export function voiceOf({ url, trigger }: Config): Voice {
  return { url, trigger }
}

export function createHands({ gitlab, ask, store, queues, turns, runner }: Neighbours, voice: Voice): Hands {
  const now = () => Date.now()
  const me = async () => (await ask.me()).id
  return {
    react: (task) => react(gitlab, task.thread, 'eyes'),
    async sayStatus(task, shows) {
      const body = statusComment(task, shows, now(), voice)
      return ensureNote(gitlab, await me(), task.thread, task.id, 'status', body, task.status?.note)
    },
    async reply(task) {
      return ensureNote(gitlab, await me(), task.thread, task.id, 'reply', replyComment(task, now(), voice))
    },
    async openMergeRequest(task) {
      if (task.end?.is !== 'succeeded') throw new Error(`task ${task.id} has nothing to merge`)
      return openMergeRequest(gitlab, await me(), task, task.end.outcome, voice)
    },
    takeTurn: (task) => turns.take(task),
    launch: (task) => runner.launch(task),
    stop: (task) => runner.stop(task),
    async leave(task) {
      const waiting = await turns.leave(task)
      for (const id of [...(await store.behind(task)).slice(0, 1), ...waiting]) await queues.wake(id)
    },
  }
}
