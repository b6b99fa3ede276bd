/** What came of a run of OpenCode: it has no last event, so by its last step, its error and its exit code together. Pure. */

import type { RunFailure } from '../protocol.ts'
import type { Ending, Exit } from './agent.ts'
import type { Fault, Step } from './opencodeEvents.ts'

export type Run = {
  readonly steps: readonly Step[]
  readonly fault: Fault | undefined
  readonly words: string | undefined
}

export function judge({ steps, fault, words }: Run, exit: Exit): Ending {
  const failure = fault === undefined ? unfinished(steps.at(-1), exit) : explain(fault)
  const sum = (part: 'input' | 'output' | 'costUsd') => steps.reduce((total, step) => total + step[part], 0)
  return {
    warnings: [],
    ...(failure === undefined && words !== undefined ? { answer: words } : {}),
    ...(steps.length === 0
      ? {}
      : {
          usage: {
            turns: steps.length,
            inputTokens: sum('input'),
            outputTokens: sum('output'),
            // Millionths of a dollar: what is below is the arithmetic's own.
            costUsd: Math.round(sum('costUsd') * 1e6) / 1e6,
          },
        }),
    ...(failure === undefined ? {} : { failure }),
  }
}

function unfinished(last: Step | undefined, exit: Exit): Ending['failure'] {
  const how = exit.signal === null ? `ended with ${exit.code}` : `was ended by ${exit.signal}`
  if (last === undefined || last.reason === 'tool-calls') {
    return { cause: 'agent-error', message: `OpenCode ${how} before it was done. ${exit.said}`.trim() }
  }
  if (exit.code === 0) return undefined
  return { cause: 'agent-error', message: `OpenCode ${how}. ${exit.said}`.trim() }
}

/** What the request itself is at fault for is no absence of the model. */
const OWN_FAULT = [400, 413]

function explain({ name, message, status }: Fault): { cause: RunFailure; message: string } {
  const words = message || name || 'OpenCode failed.'
  const isApi = name === 'APIError' || name === 'ProviderAuthError'
  if (!isApi || OWN_FAULT.includes(status)) return { cause: 'agent-error', message: words }
  // Where the door refuses, its own sentence is what the author reads.
  const isRefused = status === 0 || status === 401 || status === 403
  return { cause: 'model-unavailable', message: isRefused ? words : `The model answered ${status}: ${words}` }
}
