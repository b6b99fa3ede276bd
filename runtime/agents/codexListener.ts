/** Listens to one run of Codex: its lines one after the other, and what came of them at its end. */

import type { Listener, ToolServer } from './agent.ts'
import { LOST_SESSION } from './claudeMemory.ts'
import { type Tokens, type Turn, translate } from './codexEvents.ts'
import { judge } from './codexVerdict.ts'
import { noting, withoutTool } from './telling.ts'

export type Listening = {
  /** The clone. */
  readonly root: string
  /** What it was told to connect to. */
  readonly tools: readonly ToolServer[]
  /** What the conversation had used before this run. */
  readonly before: Tokens
  /** Whether it was to go on with a conversation that is not there. */
  readonly lost: boolean
  /** Whether a conversation of that name can be gone on with. */
  remembers(thread: string): boolean
}

/** In its log on stderr: `MCP server startup failed server_name="jira" error=…`. */
const NOT_CONNECTED = /MCP server startup failed server_name="([^"]+)" error=(.*)$/

export function newListener({ root, tools, before, lost, remembers }: Listening): Listener {
  const warnings = new Set(lost ? [LOST_SESSION] : [])
  let thread: string | undefined
  let words: string | undefined
  let turn: Turn | undefined
  return {
    hear(line) {
      const heard = translate(line, root)
      thread = heard.thread ?? thread
      words = heard.words ?? words
      turn = heard.turn ?? turn
      return heard.told
    },
    overhear(line) {
      const [, name, why = ''] = NOT_CONNECTED.exec(line) ?? []
      const tool = tools.find((one) => one.name === name)
      if (tool === undefined) return []
      const sentence = withoutTool(tool, reason(why))
      warnings.add(sentence)
      return noting(`warning: ${sentence}`)
    },
    end(exit) {
      const ending = judge({ turn, words, before }, exit)
      return {
        ...ending,
        warnings: [...warnings, ...ending.warnings],
        ...(thread !== undefined && remembers(thread) ? { session: thread } : {}),
      }
    },
  }
}

/** Names of Rust's types say nothing to people. */
function reason(why: string): string {
  return /HTTP \d{3}/.exec(why)?.[0] ?? (/\bTransport \[/.test(why) ? 'no answer' : why.slice(0, 200))
}
