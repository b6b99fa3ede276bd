/** Gemini CLI: its command line and environment, measured for version 0.61.0, and the program `gemini` from the PATH. */

import { randomUUID } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Agent, Job, Launch } from './agent.ts'
import { LOST_SESSION } from './claudeMemory.ts'
import { newListener } from './geminiListener.ts'
import { MEMORY, remembers } from './geminiMemory.ts'
import { CREDENTIAL, settings } from './geminiSettings.ts'

function debugLog(job: Job): string {
  return join(job.start.places.tmp, 'gemini-debug.log')
}

/** Of what the agent could have put in its place nothing is read. */
function read(file: string): string {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : ''
}

/**
 * It takes an `@` for a file to be read in, and puts the name of some file in the place of a person's (measured). Behind a
 * backslash it stays what it is, and the backslash too.
 */
function prompt(text: string): string {
  const escaped = text.replace(/@(?=\S)/g, '\\@')
  return escaped === text ? text : `(In this message \\@ stands for an at sign alone.)\n\n${escaped}`
}

function launch(job: Job): Launch {
  const { start, request, tools, session } = job
  const { model } = request.agent
  const goesOn = session !== undefined && remembers(start.places.home, session)
  return {
    file: 'gemini',
    args: [
      ...['--output-format', 'stream-json'],
      // Without the first it has nothing that writes or runs, and of the servers' tools those that are named.
      ...(request.mode === 'do' ? ['--yolo'] : []),
      ...tools.flatMap(({ name }) => ['--allowed-mcp-server-names', name]),
      ...(model === undefined ? [] : ['--model', model]),
      ...(goesOn ? ['--resume', session] : ['--session-id', randomUUID()]),
    ],
    env: {
      [CREDENTIAL]: start.credential,
      GOOGLE_GEMINI_BASE_URL: `${start.door}/v1/model/gemini`,
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      GEMINI_CLI_NO_RELAUNCH: 'true',
      GEMINI_DEBUG_LOG_FILE: debugLog(job),
    },
    input: prompt(request.prompt),
    // In a folder that it does not trust it has no tools at all, and in one that it trusts it reads all of this.
    hidden: ['.gemini'],
  }
}

export const gemini: Agent = {
  name: 'gemini',
  memory: [MEMORY],
  launch(job) {
    const folder = join(job.start.places.home, '.gemini')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings(job)))
    return launch(job)
  },
  listen(job) {
    const { start, tools, session } = job
    const { home, repo } = start.places
    return newListener({
      root: repo,
      tools,
      warnings: session === undefined || remembers(home, session) ? [] : [LOST_SESSION],
      remembers: (name) => remembers(home, name),
      debugLog: () => read(debugLog(job)),
    })
  },
}
