/** Gemini CLI's settings: the file that its user would have. Pure but for the question which instructions are links. */

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Job, ToolServer } from './agent.ts'
import { instructionsIn } from './instructions.ts'

const INSTRUCTIONS = ['GEMINI.md', 'AGENTS.md', 'CLAUDE.md'] as const

/** It fills in `${…}` from its environment when it reads the file, so the credential is in none. */
export const CREDENTIAL = 'GEMINI_API_KEY'

export function settings(job: Job): object {
  const { tools, request, start } = job
  // Whatever it waits for itself ends before its silence would be taken for the end of the whole run.
  const longest = Math.round(request.limits.stuck * 0.9)
  return {
    security: { auth: { selectedType: 'gemini-api-key' } },
    privacy: { usageStatisticsEnabled: false },
    general: {
      enableAutoUpdate: false,
      enableAutoUpdateNotification: false,
      // Its ten tries take minutes; four take 40 seconds (measured).
      maxAttempts: 4,
      // A plan of its own kind waits for a person's word.
      plan: { enabled: false },
      // It would delete old conversations, and those without an answer.
      sessionRetention: { enabled: false },
    },
    context: { fileName: namesIn(start.places.repo) },
    // The project's `.env` is the project's.
    advanced: { ignoreLocalEnv: true },
    tools: { shell: { inactivityTimeout: Math.min(300, longest) } },
    mcpServers: Object.fromEntries(tools.map((tool) => [tool.name, { ...entry(tool), timeout: longest * 1000 }])),
  }
}

/** Often one is a link to the other: then the second name is left out. */
function namesIn(repo: string): readonly string[] {
  const distinct = instructionsIn(repo, INSTRUCTIONS).map((path) => basename(path))
  return INSTRUCTIONS.filter((name) => distinct.includes(name) || !existsSync(join(repo, name)))
}

function entry(tool: ToolServer): object {
  if ('url' in tool) return { httpUrl: tool.url, headers: { Authorization: `Bearer \${${CREDENTIAL}}` } }
  const [command, ...args] = tool.command
  return { command, args, env: tool.env }
}
