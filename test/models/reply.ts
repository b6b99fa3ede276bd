/** A step's words and inputs with everything filled in that only the request knows. Pure. */

import type { Answer, Asked, Reply, ToolInput } from './script.ts'

/** An answer of the script → what this request is told. */
export function replyOf(step: Answer, asked: Asked): Reply {
  const calls = (step.calls ?? []).map(({ tool, input }) => ({ tool, input: fillIn(input, asked) as ToolInput }))
  return {
    text: fillIn(step.text ?? '', asked) as string,
    calls,
    usage: { input: 1000, output: 100, cacheRead: 0, cacheWrite: 0, ...step.usage },
    stop: step.stop ?? (calls.length > 0 ? 'tools' : 'end'),
  }
}

/** How the four agents tell the model where they are. What is told last is true: a session may go on in another folder. */
const CWD =
  /(?:[Ww]orking directory: *|<cwd>|working in the directory: *|Workspace Directories:\**\s*-? *)([^\n<]+?)(?= \(was |[\n<]|$)/g

function fillIn(value: unknown, asked: Asked): unknown {
  if (typeof value === 'string') {
    return value.replace(/\{\{(cwd|prompt|last_tool_result)\}\}/g, (_, name: string) => known(name, asked))
  }
  if (Array.isArray(value)) return value.map((one) => fillIn(one, asked))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillIn(one, asked)]))
}

function known(name: string, asked: Asked): string {
  if (name === 'prompt') return asked.prompts.at(-1) ?? ''
  if (name === 'last_tool_result') return asked.toolResults.at(-1) ?? ''
  const found = [...asked.whole.matchAll(CWD)].at(-1)?.[1]?.trim()
  if (found === undefined) throw new Error(`no working directory in the request:\n${asked.whole.slice(0, 4000)}`)
  return found
}
