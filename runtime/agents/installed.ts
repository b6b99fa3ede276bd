/** The agents this image knows, by the name a request uses. */

import type { Agent } from './agent.ts'
import { claude } from './claude.ts'
import { codex } from './codex.ts'
import { custom } from './custom.ts'
import { gemini } from './gemini.ts'
import { opencode } from './opencode.ts'
import { rehearsal } from './rehearsal.ts'

const AGENTS: readonly Agent[] = [claude, codex, opencode, gemini, custom, rehearsal]

/** The agent of that name, or the names there are. */
export function findAgent(name: string): Agent | readonly string[] {
  return AGENTS.find((agent) => agent.name === name) ?? AGENTS.map((agent) => agent.name)
}
