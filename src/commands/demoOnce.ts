/** `--once`: comments by itself, waits for the end, and prints what came of it. */

import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { PREFIX } from '../redis/connection.ts'
import { createStore, type Store } from '../redis/store.ts'
import { isFinished } from '../tasks/entry.ts'
import type { Task } from '../tasks/task.ts'
import { taskId } from '../tasks/taskId.ts'
import type { DemoGitLab } from './demoWorld.ts'
import { StartError } from './startError.ts'

/** Milliseconds in which a comment has become a task. */
const HEARING = 30_000

/** The exit code: 0 with the merge request and its diff printed, 1 with the reason why not. */
export async function once(
  prompt: string,
  world: DemoGitLab,
  redisUrl: string,
  stopped: Promise<'stopped'>,
): Promise<number> {
  const redis = new Redis(redisUrl)
  try {
    const store = createStore(redis, PREFIX)
    const note = await world.comment(`/agent ${prompt}`)
    const task = await Promise.race([finished(store, taskId(1, 'note', note)), stopped])
    if (task === 'stopped') return 1
    if (task.end?.is === 'succeeded' && task.mergeRequest !== undefined) {
      console.log(`\n${task.mergeRequest.url}\n\n${await world.diff(task.mergeRequest.iid)}`)
      return 0
    }
    if (task.end?.is === 'succeeded') {
      console.log(`\nNothing was changed. ${task.end.outcome.answer ?? ''}`)
      return 0
    }
    console.log(
      task.end?.is === 'failed'
        ? `\nThe task failed (${task.end.cause}): ${task.end.message}`
        : '\nThe task was stopped.',
    )
    return 1
  } finally {
    redis.disconnect()
  }
}

async function finished(store: Store, id: string): Promise<Task> {
  const started = Date.now()
  for (;;) {
    const entry = await store.get(id)
    if (entry?.kind === 'task' && isFinished(entry)) return entry
    if (entry !== undefined && entry.kind !== 'task')
      throw new StartError(`That was no prompt: the bot answers it, and starts nothing.`)
    if (entry === undefined && Date.now() - started > HEARING)
      throw new StartError('That comment started nothing: is it a prompt?')
    await sleep(200)
  }
}
