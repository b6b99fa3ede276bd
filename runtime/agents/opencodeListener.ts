/** Listens to one run of OpenCode: its lines one after the other, and what came of them at its end. */

import type { Listener, ToolServer } from './agent.ts'
import { type Fault, type Step, translate } from './opencodeEvents.ts'
import { judge } from './opencodeVerdict.ts'
import { noting, waiting, withoutTool } from './telling.ts'

export type Listening = {
  /** The clone. */
  readonly root: string
  /** What it was told to connect to. */
  readonly tools: readonly ToolServer[]
  /** What the author should know beforehand. */
  readonly warnings: readonly string[]
  /** Whether a conversation of that name can be gone on with. */
  remembers(session: string): boolean
}

/** In its log on stderr: a try that failed, and a tool server that did not connect. */
const TRY = / message="stream error" .*error\.error="(?:\w+: )?(.*)"$/
const NOT_CONNECTED = / message="server unavailable" key=(\S+) .*status=(\S+)$/

export function newListener({ root, tools, warnings, remembers }: Listening): Listener {
  const said = new Set(warnings)
  const steps: Step[] = []
  let session: string | undefined
  let words: string | undefined
  let fault: Fault | undefined
  return {
    hear(line) {
      const heard = translate(line, root, tools)
      session = heard.session ?? session
      words = heard.words ?? words
      fault = heard.fault ?? fault
      if (heard.step !== undefined) steps.push(heard.step)
      return heard.told
    },
    overhear(line) {
      const [, why] = TRY.exec(line) ?? []
      if (why !== undefined) return waiting(why.slice(0, 80))
      const [, name, status = ''] = NOT_CONNECTED.exec(line) ?? []
      const tool = tools.find((one) => one.name === name)
      if (tool === undefined) return []
      const sentence = withoutTool(tool, status)
      said.add(sentence)
      return noting(`warning: ${sentence}`)
    },
    end(exit) {
      const ending = judge({ steps, fault, words }, exit)
      return {
        ...ending,
        warnings: [...said, ...ending.warnings],
        ...(session !== undefined && remembers(session) ? { session } : {}),
      }
    },
  }
}
