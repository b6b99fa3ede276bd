import type { Outcome, Usage } from '../../runtime/protocol.ts'
import { type Limits, type Spent, spentWords } from './modelRefusal.ts'

/**
 * A run's outcome with what the door knows better: what the calls of the model came to, and that the work failed because more
 * of them were refused, which an agent takes for its own failure or for a model that is away.
 */
export function asCounted(outcome: Outcome, spent: Spent, limits: Limits): Outcome {
  const { failure, result } = outcome
  const blamesItself = failure?.cause === 'agent-error' || failure?.cause === 'model-unavailable'
  const usage = usageOf(spent)
  return {
    ...outcome,
    ...(usage === undefined ? {} : { usage }),
    ...(result === 'failed' && blamesItself && spent.refused !== undefined
      ? { failure: { cause: spent.refused, message: spentWords(spent.refused, spent, limits) } }
      : {}),
  }
}

function usageOf({ turns, inputTokens, outputTokens, costUsd }: Spent): Usage | undefined {
  return turns + inputTokens + outputTokens === 0 ? undefined : { turns, inputTokens, outputTokens, costUsd }
}
