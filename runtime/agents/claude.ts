/** Claude Code: its command line and environment, measured for version 2.1.330, and the binary `claude` from the PATH. */

import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Agent, Job, Launch } from './agent.ts'
import { newListener } from './claudeListener.ts'
import { LOST_SESSION, MEMORY, remembers } from './claudeMemory.ts'
import { toolArguments, toolEnvironment } from './claudeTools.ts'
import { instructionsIn } from './instructions.ts'

/** Where Claude Code keeps its settings, instructions and sessions. */
function configFolder(job: Job): string {
  return join(job.start.places.home, '.claude')
}

/**
 * Only the user's settings source is read. The project's would let a repository's `.claude/settings.json` run hooks and
 * helpers and send the model's traffic elsewhere (measured); no source at all would drop CLAUDE.md and AGENTS.md too.
 * So the repository's instructions come in by imports from the user's own CLAUDE.md. They are relative, as the
 * workspace's path may hold characters that an import cannot.
 */
function importInstructions(job: Job): void {
  const folder = configFolder(job)
  mkdirSync(folder, { recursive: true })
  const files = instructionsIn(job.start.places.repo, ['CLAUDE.md', 'AGENTS.md'])
  if (files.length === 0) return
  writeFileSync(join(folder, 'CLAUDE.md'), files.map((file) => `@${relative(folder, file)}\n`).join(''))
}

/** Tools that work elsewhere than in the clone, or later than the run lasts. */
const UNFIT = 'EnterWorktree,ExitWorktree,Monitor,ScheduleWakeup,CronCreate,CronDelete,CronList'

/**
 * A plan is made by reading: no other tool of its own is there, so there is nothing to forbid. The servers' tools stay, since a
 * plan often stands in another system: in the container they change nothing that lasts, and the others are the door's to judge.
 */
const READING = 'Read,Glob,Grep'
const PLAN =
  'You are asked for a plan, and for nothing else. You can read, and change nothing. Read what you need; then answer with the plan, in Markdown: what you would change in which files, in which order, how you would check that it works, and what has to be decided first. Do not ask for a go-ahead: whoever reads the plan gives it.'

function launchArguments(job: Job): string[] {
  const { model } = job.request.agent
  const goesOn = job.session !== undefined && remembers(job.start.places.home, job.session)
  return [
    '-p',
    ...['--output-format', 'stream-json', '--verbose', '--dangerously-skip-permissions'],
    // Without the flag a session keeps the system prompt that it began with, also when a plan is followed by its work.
    ...(goesOn ? ['--resume', `${job.session}`, '--system-prompt-snapshot', 'off'] : ['--session-id', randomUUID()]),
    ...(model === undefined ? [] : ['--model', model]),
    ...(job.request.mode === 'plan'
      ? ['--tools', READING, '--append-system-prompt', PLAN]
      : ['--disallowedTools', UNFIT]),
    ...['--setting-sources', 'user', '--strict-mcp-config'],
    ...toolArguments(job.tools, configFolder(job)),
  ]
}

/** Whatever Claude Code waits for itself ends before its silence would be taken for the end of the whole run. */
function patience(stuck: number): Launch['env'] {
  const longest = Math.round(stuck * 900)
  return {
    // So that a model that does not answer is asked a second time.
    API_TIMEOUT_MS: String(Math.min(600_000, Math.round(stuck * 500))),
    BASH_MAX_TIMEOUT_MS: String(longest),
    BASH_DEFAULT_TIMEOUT_MS: String(Math.min(120_000, longest)),
    MCP_TOOL_TIMEOUT: String(longest),
  }
}

function launch(job: Job): Launch {
  const { start, request } = job
  return {
    file: 'claude',
    args: launchArguments(job),
    env: {
      // As root it refuses to skip permissions unless it is told that this is a sandbox.
      ...(process.getuid?.() === 0 ? { IS_SANDBOX: '1' } : {}),
      ANTHROPIC_BASE_URL: `${start.door}/v1/model/anthropic`,
      ANTHROPIC_AUTH_TOKEN: start.credential,
      CLAUDE_CONFIG_DIR: configFolder(job),
      CLAUDE_CODE_TMPDIR: start.places.tmp,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
      ...patience(request.limits.stuck),
      ...toolEnvironment(job.tools, start.credential),
    },
    input: request.prompt,
  }
}

export const claude: Agent = {
  name: 'claude',
  memory: [MEMORY],
  launch(job) {
    importInstructions(job)
    return launch(job)
  },
  listen({ start, tools, session }) {
    const { home, repo } = start.places
    const warnings = session === undefined || remembers(home, session) ? [] : [LOST_SESSION]
    return newListener({ root: repo, tools, warnings, remembers: (name) => remembers(home, name) })
  },
}
