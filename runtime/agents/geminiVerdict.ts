/** What came of a run of Gemini CLI: by its result and its exit code together, never by one alone. Pure. */

import type { RunFailure } from '../protocol.ts'
import type { Ending, Exit } from './agent.ts'
import type { Result } from './geminiEvents.ts'
import { fieldsIn, fieldsOf, numberOf, textOf } from './telling.ts'

/** `words` are the last it said. */
export function judge(result: Result | undefined, words: string, exit: Exit): Ending {
  const failure = fault(result, exit)
  return {
    warnings: [],
    ...(failure === undefined && words !== '' ? { answer: words } : {}),
    ...(result === undefined ? {} : { usage: { inputTokens: result.input, outputTokens: result.output } }),
    ...(failure === undefined ? {} : { failure }),
  }
}

function fault(result: Result | undefined, exit: Exit): Ending['failure'] {
  if (result === undefined) {
    const how = exit.signal === null ? `ended with ${exit.code}` : `was ended by ${exit.signal}`
    return { cause: 'agent-error', message: `Gemini CLI ${how} before it was done. ${readable(exit.said)}`.trim() }
  }
  if (!result.isSuccess) return explain(result.message)
  // A process that was ended because it lingered after its result has done its work.
  if (exit.code !== 0 && exit.code !== null && exit.signal === null) {
    return { cause: 'agent-error', message: `Gemini CLI ended with ${exit.code}. ${readable(exit.said)}`.trim() }
  }
  return undefined
}

/** It does not ask again, as it does where there was no answer at all (measured). */
const CUT = 'The connection was cut in the middle of an answer of the model.'

/** `[API Error: {"error":{"code":403,"message":"…"}}]`. Where the door refuses, its own sentence is what the author reads. */
function explain(message: string): { cause: RunFailure; message: string } {
  const [, said] = /^\[API Error: (.*?)\](?:\n|$)/s.exec(message) ?? []
  if (said === undefined) return { cause: 'agent-error', message: message || 'Gemini CLI failed.' }
  if (said === 'terminated') return { cause: 'model-unavailable', message: CUT }
  const error = fieldsOf(fieldsIn(said)?.error)
  const [code, words] = [numberOf(error.code), textOf(error.message) || said]
  // What the request itself is at fault for is no absence of the model.
  if (code === 400 || code === 413) return { cause: 'agent-error', message: words }
  const isRefused = code === 0 || code === 401 || code === 403
  return { cause: 'model-unavailable', message: isRefused ? words : `The model answered ${code}: ${words}` }
}

/** Its stderr is full of where in its own program something happened. */
function readable(said: string): string {
  return said
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join('\n')
}
