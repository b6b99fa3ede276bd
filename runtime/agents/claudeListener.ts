/** Listens to one run of Claude Code: its lines one after the other, and what came of them at its end. */

import type { Listener, ToolServer } from './agent.ts'
import { type Result, translate } from './claudeEvents.ts'
import { missingTools } from './claudeTools.ts'
import { judge } from './claudeVerdict.ts'
import { noting } from './telling.ts'

export type Listening = {
  /** The clone. */
  readonly root: string
  /** What it was told to connect to. */
  readonly tools: readonly ToolServer[]
  /** What the author should know beforehand. */
  readonly warnings: readonly string[]
  /** Whether a session of that name can be gone on with. */
  remembers(session: string): boolean
}

export function newListener({ root, tools, warnings, remembers }: Listening): Listener {
  const results: Result[] = []
  const said = new Set(warnings)
  let session = ''
  return {
    hear(line) {
      const { told, result, init } = translate(line, root)
      if (result !== undefined) results.push(result)
      if (init === undefined) return told
      session = init.session
      // It comes again with each turn of the conversation.
      const missing = missingTools(tools, init.servers).filter((sentence) => !said.has(sentence))
      for (const sentence of missing) said.add(sentence)
      return [...told, ...missing.flatMap((sentence) => noting(`warning: ${sentence}`))]
    },
    end(exit) {
      const ending = judge(results, exit)
      return {
        ...ending,
        warnings: [...said, ...ending.warnings],
        ...(session !== '' && remembers(session) ? { session } : {}),
      }
    },
  }
}
