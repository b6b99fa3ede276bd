/** Names of tasks to wake, each once however often it is told before it is taken. */

import type { TaskId } from '../tasks/taskId.ts'

type Wakes = {
  tell(task: TaskId): void
  /** What is told from now on. Several may follow. */
  follow(signal: AbortSignal): AsyncIterable<TaskId>
}

export function createWakes(): Wakes {
  const followers = new Set<(task: TaskId) => void>()
  return {
    tell(task) {
      for (const follower of followers) follower(task)
    },
    follow(signal) {
      const waiting = new Set<TaskId>()
      let heard = Promise.withResolvers<void>()
      const follower = (task: TaskId): void => {
        waiting.add(task)
        heard.resolve()
      }
      followers.add(follower)
      signal.addEventListener('abort', () => heard.resolve(), { once: true })
      return (async function* () {
        try {
          while (!signal.aborted) {
            const [task] = waiting
            if (task === undefined) {
              await heard.promise
              heard = Promise.withResolvers()
              continue
            }
            waiting.delete(task)
            yield task
          }
        } finally {
          followers.delete(follower)
        }
      })()
    },
  }
}
