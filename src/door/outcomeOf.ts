import type { Outcome as Left } from '../../runtime/protocol.ts'
import type { Outcome } from '../tasks/task.ts'

/** What a container left, in our own words. To be interrupted is no failure of the work: it may go on elsewhere. */
export function outcomeOf({ result, pushed, failure, title, answer, usage, warnings }: Left): Outcome {
  if (failure?.cause === 'interrupted') {
    return { result: 'interrupted', pushed, message: failure.message, answer, usage, warnings }
  }
  return { result, pushed, cause: failure?.cause, message: failure?.message, title, answer, usage, warnings }
}
