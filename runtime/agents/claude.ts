/** Claude Code: its command line and environment, measured for version 2.1.330, and the binary `claude` from the PATH. */

import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Agent, Job, Launch } from './agent.ts'
import { type Result, translate } from './claudeEvents.ts'
import { judge } from './claudeVerdict.ts'

/** Where Claude Code keeps its settings, instructions and sessions. */
function configFolder(job: Job): string {
  return join(job.start.places.home, '.claude')
}

/**
 * Only the user's settings source is read. The project's would let a repository's `.claude/settings.json` run hooks and
 * helpers and send the model's traffic elsewhere (measured); no source at all would drop CLAUDE.md and AGENTS.md too.
 * So the repository's instructions come in by an import from the user's own CLAUDE.md. The import is relative, as the
 * workspace's path may hold characters that an import cannot.
 */
function importInstructions(job: Job): void {
  const folder = configFolder(job)
  mkdirSync(folder, { recursive: true })
  const file = ['CLAUDE.md', 'AGENTS.md'].map((name) => join(job.start.places.repo, name)).find(existsSync)
  if (file !== undefined) writeFileSync(join(folder, 'CLAUDE.md'), `@${relative(folder, file)}\n`)
}

/** Pure but for the new session's id and the question whether we are root. */
function launch(job: Job): Launch {
  const { start, request } = job
  const model = request.agent.model
  return {
    file: 'claude',
    args: [
      '-p',
      ...['--output-format', 'stream-json', '--verbose', '--dangerously-skip-permissions'],
      ...['--session-id', randomUUID()],
      ...(model === undefined ? [] : ['--model', model]),
      ...['--strict-mcp-config', '--setting-sources', 'user'],
    ],
    env: {
      // As root it refuses to skip permissions unless it is told that this is a sandbox.
      ...(process.getuid?.() === 0 ? { IS_SANDBOX: '1' } : {}),
      ANTHROPIC_BASE_URL: `${start.door}/v1/model/anthropic`,
      ANTHROPIC_AUTH_TOKEN: start.credential,
      CLAUDE_CONFIG_DIR: configFolder(job),
      CLAUDE_CODE_TMPDIR: start.places.tmp,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
      CLAUDE_CODE_MAX_RETRIES: '3',
      API_TIMEOUT_MS: '600000',
    },
    input: request.prompt,
  }
}

export const claude: Agent = {
  name: 'claude',
  memory: ['.claude/projects'],
  launch(job) {
    importInstructions(job)
    return launch(job)
  },
  listen({ start }) {
    const results: Result[] = []
    return {
      hear(line) {
        const heard = translate(line, start.places.repo)
        if (heard.result !== undefined) results.push(heard.result)
        return heard.told
      },
      end: (exit) => judge(results, exit),
    }
  },
}
