/** An agent of one's own: any program in the image that keeps clause 11 of README.md. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Agent, Job, ToolServer } from './agent.ts'
import { listenToJsonLines } from './jsonLines.ts'

const MEMORY = '.agent-memory'
const TOOLS = '.agent-tools.json'

/** What is in the file that `ERRAND_TOOLS` names. The door's servers want the run's credential as a bearer token. */
export type ToolsFile = { readonly servers: readonly ToolServer[] }

function environment({ start, request, session }: Job): Record<string, string> {
  const { door, credential, places } = start
  const model = `${door}/v1/model`
  return {
    ERRAND_TASK: request.task,
    ERRAND_ATTEMPT: String(request.attempt),
    ERRAND_MODE: request.mode,
    ERRAND_MEMORY: join(places.home, MEMORY),
    ERRAND_TOOLS: join(places.home, TOOLS),
    ERRAND_TOOLS_TOKEN: credential,
    ...(session === undefined ? {} : { ERRAND_SESSION: session }),
    ...(request.agent.model === undefined ? {} : { ERRAND_MODEL: request.agent.model }),
    ANTHROPIC_BASE_URL: `${model}/anthropic`,
    ANTHROPIC_AUTH_TOKEN: credential,
    OPENAI_BASE_URL: `${model}/openai/v1`,
    OPENAI_API_KEY: credential,
    GOOGLE_GEMINI_BASE_URL: `${model}/gemini`,
    GEMINI_API_KEY: credential,
  }
}

export const custom: Agent = {
  name: 'custom',
  memory: [MEMORY],

  launch(job) {
    const { request, start, tools } = job
    const [file, ...args] = request.agent.command ?? []
    if (file === undefined) throw new Error('The agent `custom` needs a command: set agent.command in Errand.')
    mkdirSync(join(start.places.home, MEMORY), { recursive: true })
    const known: ToolsFile = { servers: tools }
    writeFileSync(join(start.places.home, TOOLS), JSON.stringify(known, null, 2))
    return { file, args, env: environment(job), input: request.prompt }
  },

  listen: () => listenToJsonLines('The agent'),
}
