/**
 * Codex: its command line and environment, measured for version 0.169.0, and the program `codex` from the PATH.
 *
 * Of the repository it reads the instructions alone. `.codex` (settings, hooks, tool servers) counts only in folders that its
 * settings call trusted, and it starts with none.
 */

import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { allowed } from '../environment.ts'
import type { Agent, Job, Launch } from './agent.ts'
import { newListener } from './codexListener.ts'
import { MEMORY, rolloutOf, usedBefore } from './codexMemory.ts'
import { CREDENTIAL, READING, settings } from './codexSettings.ts'
import { instructionsIn } from './instructions.ts'

function codexHome(job: Job): string {
  return join(job.start.places.home, '.codex')
}

/** Codex reads AGENTS.md, or CLAUDE.md where there is none. With both, the second becomes a part of its user's own instructions. */
function takeInstructions(job: Job): void {
  const [, second] = instructionsIn(job.start.places.repo, ['AGENTS.md', 'CLAUDE.md'])
  if (second !== undefined) appendFileSync(join(codexHome(job), 'AGENTS.md'), `${readFileSync(second, 'utf8')}\n`)
}

const UNGUARDED = ['--dangerously-bypass-approvals-and-sandbox']

/**
 * What a command may do. Where the container lets Codex make no sandbox, in its read-only mode not even reading works
 * (measured); then a plan is made without one, and what is changed all the same is thrown away.
 */
function guard(job: Job): readonly string[] {
  if (job.request.mode === 'do') return UNGUARDED
  const args = ['sandbox', ...READING, '--', 'true']
  const env = { ...allowed(job.start), CODEX_HOME: codexHome(job) }
  return spawnSync('codex', args, { cwd: job.start.places.repo, env, timeout: 10_000 }).status === 0
    ? READING
    : UNGUARDED
}

function launch(job: Job): Launch {
  const { start, request, session } = job
  const { model } = request.agent
  const goesOn = session !== undefined && rolloutOf(start.places.home, session) !== undefined
  return {
    file: 'codex',
    args: [
      'exec',
      ...(goesOn ? ['resume'] : []),
      ...['--json', '--skip-git-repo-check'],
      ...guard(job),
      ...(model === undefined ? [] : ['--model', model]),
      ...settings(job),
      ...(goesOn ? [session] : []),
      '-',
    ],
    env: {
      CODEX_HOME: codexHome(job),
      [CREDENTIAL]: start.credential,
      // It tells nowhere else that a tool server did not connect.
      RUST_LOG: 'error,codex_mcp=warn',
    },
    input: request.prompt,
  }
}

export const codex: Agent = {
  name: 'codex',
  memory: [MEMORY],
  launch(job) {
    mkdirSync(codexHome(job), { recursive: true })
    takeInstructions(job)
    return launch(job)
  },
  listen({ start, tools, session }) {
    const { home, repo } = start.places
    const rollout = session === undefined ? undefined : rolloutOf(home, session)
    return newListener({
      root: repo,
      tools,
      before: usedBefore(rollout),
      lost: session !== undefined && rollout === undefined,
      remembers: (thread) => rolloutOf(home, thread) !== undefined,
    })
  },
}
