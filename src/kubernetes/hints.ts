/** Why a Job gets no pod: only its events tell. They are read seldom, since a look is not. */

import type { Namespace } from './namespace.ts'
import type { Pace } from './pace.ts'
import { type Job, timeOf } from './wire.ts'

export function createHints(namespace: Namespace, pace: Pace) {
  const known = new Map<
    string,
    { readonly message: string | undefined; readonly next: number; readonly pause: number }
  >()
  return {
    /** The newest FailedCreate of a Job that has no pod, as it was last read. A cluster that does not let us read it is silent. */
    async failedCreate({ metadata }: Job): Promise<string | undefined> {
      const name = metadata?.name ?? ''
      const now = namespace.now()
      const before = known.get(name)
      const due = before?.next ?? (timeOf(metadata?.creationTimestamp) ?? now) + pace.podless
      if (now < due) return before?.message
      const pause = before === undefined ? pace.podless : before.pause * 3
      const message = await namespace.failedCreate(name).catch(() => before?.message)
      known.set(name, { message, next: now + pause, pause })
      return message
    },
    forget(name: string): void {
      known.delete(name)
    },
  }
}
