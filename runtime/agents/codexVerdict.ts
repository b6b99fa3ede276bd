/** What came of a run of Codex: by how its turn ended and its exit code together, never by one alone. Pure. */

import type { RunFailure, Usage } from '../protocol.ts'
import type { Ending, Exit } from './agent.ts'
import type { Tokens, Turn } from './codexEvents.ts'

export type Run = {
  readonly turn: Turn | undefined
  readonly words: string | undefined
  /** Of the conversation before this run. */
  readonly before: Tokens
}

export function judge({ turn, words, before }: Run, exit: Exit): Ending {
  const failure = fault(turn, exit)
  return {
    warnings: [],
    ...(failure === undefined && words !== undefined ? { answer: words } : {}),
    ...(turn !== undefined && 'used' in turn ? { usage: since(before, turn.used) } : {}),
    ...(failure === undefined ? {} : { failure }),
  }
}

function fault(turn: Turn | undefined, exit: Exit): Ending['failure'] {
  if (turn === undefined) {
    const how = exit.signal === null ? `ended with ${exit.code}` : `was ended by ${exit.signal}`
    return { cause: 'agent-error', message: `Codex ${how} before it was done. ${exit.said}`.trim() }
  }
  if ('failed' in turn) return explain(turn.failed)
  // A process that was ended because it lingered after its turn has done its work.
  if (exit.code !== 0 && exit.code !== null && exit.signal === null) {
    return { cause: 'agent-error', message: `Codex ended with ${exit.code}. ${exit.said}`.trim() }
  }
  return undefined
}

/** As Codex says that the model did not answer. Where the door refuses, its own sentence is what the author reads. */
const REFUSED = /^unexpected status (\d{3})[^:]*: (.*?)(?:, url: \S+.*)?$/s
const AWAY = /retry limit|stream disconnected|connection failed|timed? ?out|usage limit|quota|overloaded|high demand/i

function explain(message: string): { cause: RunFailure; message: string } {
  const [, status, said = ''] = REFUSED.exec(message) ?? []
  // What the request itself is at fault for is no absence of the model.
  if (status === '400' || status === '413') return { cause: 'agent-error', message: said }
  if (status === '401' || status === '403') return { cause: 'model-unavailable', message: said }
  if (status !== undefined) return { cause: 'model-unavailable', message: `The model answered ${status}: ${said}` }
  return { cause: AWAY.test(message) ? 'model-unavailable' : 'agent-error', message: message || 'Codex failed.' }
}

/** Codex counts a conversation as a whole, over every run that goes on with it. */
function since(before: Tokens, used: Tokens): Usage {
  return {
    inputTokens: Math.max(0, used.input - before.input),
    outputTokens: Math.max(0, used.output - before.output),
  }
}
