/** What a pod said that may never have reached the door (a crash at the start, an image without our entrypoint), read once. */

import type { Logger } from '../log.ts'
import { reachedDoor } from '../tasks/exitCode.ts'
import type { Ended } from '../tasks/runner.ts'
import type { Task } from '../tasks/task.ts'
import type { Namespace } from './namespace.ts'
import { createRecent } from './recent.ts'
import type { Pod } from './wire.ts'

type LeftLogOptions = { leftLog(task: Task, bytes: Uint8Array): Promise<void>; readonly log: Logger }

export function createLeftLogs(namespace: Namespace, { leftLog, log }: LeftLogOptions) {
  const read = createRecent<true>()
  return {
    async read(task: Task, end: Ended, pods: readonly Pod[]): Promise<void> {
      if (reachedDoor(end)) return
      for (const { metadata, status } of pods) {
        const { name, uid } = metadata ?? {}
        const ran = status?.containerStatuses?.some(({ state }) => state?.terminated !== undefined) === true
        if (!ran || name === undefined || uid === undefined || read.has(uid)) continue
        read.set(uid, true)
        try {
          const bytes = await namespace.log(name)
          if (bytes.length > 0) await leftLog(task, bytes)
        } catch (error) {
          // The node took it with it. The end is told all the same.
          log.info({ event: 'no-log', task: task.id, pod: name, err: error }, `the log of ${name} could not be read`)
        }
      }
    },
  }
}
