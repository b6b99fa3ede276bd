/** Listens to one run of Gemini CLI: its lines one after the other, and what came of them at its end. */

import type { Listener, Told, ToolServer } from './agent.ts'
import { type Result, translate } from './geminiEvents.ts'
import { judge } from './geminiVerdict.ts'
import { saying, waiting, withoutTool } from './telling.ts'

export type Listening = {
  /** The clone. */
  readonly root: string
  /** What it was told to connect to. */
  readonly tools: readonly ToolServer[]
  /** What the author should know beforehand. */
  readonly warnings: readonly string[]
  /** Whether a conversation of that name can be gone on with. */
  remembers(session: string): boolean
  /** What it writes for those who look for faults in it: nowhere else it names a server that did not connect. */
  debugLog(): string
}

const RETRY = /^Attempt (\d+) failed(?: with status (\d+))?\. Retrying/

export function newListener({ root, tools, warnings, remembers, debugLog }: Listening): Listener {
  let session: string | undefined
  let words = ''
  let isSpeaking = false
  let result: Result | undefined
  const finish = (): Told[] => {
    const said = isSpeaking ? saying(words) : []
    isSpeaking = false
    return said
  }
  return {
    hear(line) {
      const heard = translate(line, root, tools)
      session = heard.session ?? session
      result = heard.result ?? result
      if (heard.piece === undefined) return [...finish(), ...heard.told]
      words = isSpeaking ? words + heard.piece : heard.piece
      isSpeaking = true
      return []
    },
    overhear(line) {
      const [, which, status] = RETRY.exec(line) ?? []
      if (which === undefined) return []
      return waiting(`${status === undefined ? 'no answer' : `status ${status}`}, try ${which}`)
    },
    end(exit) {
      const ending = judge(result, words, exit)
      return {
        ...ending,
        warnings: [...warnings, ...missing(tools, debugLog()), ...ending.warnings],
        ...(session !== undefined && remembers(session) ? { session } : {}),
      }
    },
  }
}

/** `Error during discovery for MCP server 'jira': fetch failed`, `MCP server 'jira' requires authentication`. */
function missing(tools: readonly ToolServer[], log: string): string[] {
  return tools.flatMap((tool) => {
    const failed = new RegExp(`discovery for MCP server '${tool.name}': (.{1,200}?)(?: \\[?_?\\w*Error: |$)`, 'm').exec(
      log,
    )
    if (failed !== null) return [withoutTool(tool, failed[1] ?? '')]
    return log.includes(`MCP server '${tool.name}' requires authentication`) ? [withoutTool(tool, 'refused')] : []
  })
}
