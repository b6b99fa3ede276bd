/** What an outcome says it has pushed, held against what went through the door: a run could name somebody else's branch. Pure. */

import type { Outcome } from '../../runtime/protocol.ts'

type Push = { readonly branch: string; readonly after: string }

/**
 * The outcome, or where its work is none that this task pushed, a failure. `pushes` is what was recorded, which may lack one that Redis
 * was away for: then the branch alone has to be the task's own.
 */
export function asPushed(outcome: Outcome, branch: string, pushes: readonly Push[]): Outcome {
  const { pushed, ...rest } = outcome
  if (pushed === undefined) return outcome
  const own = pushed.branch === branch || pushed.branch === `${branch}-2`
  const known =
    pushes.length === 0 || pushes.some((push) => push.branch === pushed.branch && push.after === pushed.commit)
  if (own && known) return outcome
  const message = 'The run says that it pushed what it has not pushed.'
  return { ...rest, result: 'failed', failure: { cause: 'agent-error', message } }
}
