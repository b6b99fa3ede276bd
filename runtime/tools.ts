/** The tool servers (MCP) that the agent gets: the operator's, and those of the default branch where that is allowed (README.md, clause 15). */

import type { ToolServer } from './agents/agent.ts'
import { committedFile } from './committedFile.ts'
import { setupEnvironment } from './environment.ts'
import type { Git } from './git.ts'
import type { Start } from './given.ts'
import type { Request } from './protocol.ts'
import { readRepositoryTools } from './repositoryTools.ts'
import type { Surroundings } from './surroundings.ts'

/** Where a repository declares its own, as Claude Code and others read it. */
const DECLARED = '.mcp.json'

/** The operator's come first: one of the same name in the repository is left out. */
export async function findTools(
  { start, warn }: Surroundings,
  request: Request,
  defaultBranch: string | undefined,
  git: Git,
  signal: AbortSignal,
): Promise<readonly ToolServer[]> {
  const given = givenTools(start, request)
  if (!request.repositoryTools || defaultBranch === undefined) return given
  const text = await committedFile(git, start.places.repo, defaultBranch, DECLARED, signal)
  if (text === undefined) return given
  if (typeof text !== 'string') {
    warn(`The tools of \`${DECLARED}\` are missing, as it could not be fetched.`)
    return given
  }
  const { tools, warnings } = readRepositoryTools(
    text,
    setupEnvironment(start),
    given.map(({ name }) => name),
  )
  for (const warning of warnings) warn(warning)
  return [...given, ...tools]
}

function givenTools(start: Start, { tools }: Request): ToolServer[] {
  return tools.map((tool) =>
    tool.at === 'door'
      ? { name: tool.name, url: `${start.door}/v1/tools/${encodeURIComponent(tool.name)}` }
      : { name: tool.name, command: tool.command, env: tool.env },
  )
}
