/** What came of a run of Claude Code: by its last result and its exit code together, never by one alone. Pure. */

import type { RunFailure, Usage } from '../protocol.ts'
import type { Ending, Exit } from './agent.ts'
import type { Result } from './claudeEvents.ts'

/** All results of one process, in order → the ending. */
export function judge(results: readonly Result[], exit: Exit): Ending {
  const last = results.at(-1)
  const usage = add(results)
  const answer = last?.is_error === false ? last.result : undefined
  const failure = fault(last, exit)
  return {
    warnings: denied(last),
    ...(answer === undefined ? {} : { answer }),
    ...(usage === undefined ? {} : { usage }),
    ...(failure === undefined ? {} : { failure }),
  }
}

function fault(last: Result | undefined, exit: Exit): Ending['failure'] {
  if (last === undefined) {
    const how = exit.signal === null ? `ended with ${exit.code}` : `was ended by ${exit.signal}`
    return { cause: 'agent-error', message: `Claude Code ${how} before it had a result. ${exit.said}`.trim() }
  }
  if (last.is_error !== false) return { cause: cause(last), message: words(last) }
  // A process that was ended because it lingered after its result has done its work.
  if (exit.code !== 0 && exit.code !== null && exit.signal === null) {
    return { cause: 'agent-error', message: `Claude Code ended with ${exit.code}. ${exit.said}`.trim() }
  }
  return undefined
}

/** API failures come as subtype `success`; what the model refused to do is the agent's failure, not the model's absence. */
function cause(last: Result): RunFailure {
  if (last.subtype === 'error_max_turns') return 'turns-spent'
  if (last.subtype === 'error_max_budget_usd') return 'budget-spent'
  if (last.terminal_reason === 'api_error' && last.stop_reason !== 'refusal') return 'model-unavailable'
  // No key at all: no call was made, so there is no status and no reason.
  if (last.subtype === 'success' && /not logged in/i.test(last.result ?? '')) return 'model-unavailable'
  return 'agent-error'
}

/**
 * What it says of its failure, for the author. With 403 the door refuses, in whole sentences, which Claude Code takes for a wrong
 * key; and the gateway that it advises to check is the door.
 */
function words(last: Result): string {
  const said = last.result ?? last.errors?.join('\n') ?? `Claude Code failed (${last.subtype ?? 'no reason given'}).`
  if (last.api_error_status === 403) return said.replace(/^(Failed to authenticate\. )?API Error: 403 /, '')
  return said.replace(/ If it persists, check your inference gateway \([^)]*\)\.?$/, '')
}

/** It goes on without what it may not do, and calls that a success. */
function denied(last: Result | undefined): string[] {
  const tools = new Set((last?.permission_denials ?? []).map(({ tool_name }) => tool_name ?? 'a tool'))
  return tools.size === 0 ? [] : [`The agent was not allowed to use ${[...tools].join(', ')}.`]
}

/** `model_usage_since_last_result` is this run's alone; totals are the session's, over every run that resumed it. No model answered: nothing. */
function add(results: readonly Result[]): Usage | undefined {
  const models = results.flatMap((result) => Object.values(result.model_usage_since_last_result ?? {}))
  if (models.length === 0) return undefined
  const sum = (numbers: readonly (number | undefined)[]) => numbers.reduce<number>((a, b) => a + (b ?? 0), 0)
  return {
    turns: sum(results.map((result) => result.num_turns)),
    inputTokens: sum(models.flatMap((m) => [m.inputTokens, m.cacheReadInputTokens, m.cacheCreationInputTokens])),
    outputTokens: sum(models.map((m) => m.outputTokens)),
    // Millionths of a dollar: what is below is the arithmetic's own.
    costUsd: Math.round(sum(models.map((m) => m.costUSD)) * 1e6) / 1e6,
  }
}
