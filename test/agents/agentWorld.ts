/**
 * The whole Errand with a real agent in it: the command line that install.ts put there works through the door, with a
 * scripted model in the provider's place. Everything is on loopback.
 *
 *   test.skipIf(absent('claude'))('…', async () => {
 *     await using it = await startAgentWorld('claude', { steps: [{ text: 'Done.' }] })
 *     const task = await it.world.say('developer', '/agent add a health check')
 *     expect(await it.world.answer(task)).toContain('Done.')
 *   })
 */

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { ownEnvironment } from '../../src/config.ts'
import { startWorld, type World } from '../conversations/world.ts'
import type { Script } from '../models/script.ts'
import { type Model, startModel } from '../models/server.ts'
import { type AgentName, installed } from './install.ts'

/** The key that the model must get, and nobody else may see. */
export const KEY = 'test-key-of-the-model-provider'

export type AgentWorld = AsyncDisposable & {
  readonly world: World
  readonly model: Model
}

type Options = NonNullable<Parameters<typeof startWorld>[0]> & {
  /** More of the agent's own environment than Errand gives it, as an image could: to shorten what it waits for. */
  readonly agentEnvironment?: Readonly<Record<string, string>>
}

/** Whether the agent is not installed here, said where the tests are listed. */
export function absent(agent: AgentName): boolean {
  const isAbsent = installed(agent) === undefined
  if (isAbsent) console.log(`skipped: ${agent} is not installed, npm run test:agents installs it`)
  return isAbsent
}

/** `options` are the world's; its configuration and environment are added to what the agent needs. */
export async function startAgentWorld(agent: AgentName, script: Script, options: Options = {}): Promise<AgentWorld> {
  const { agentEnvironment = {}, config = {}, environment = {}, ...rest } = options
  const bin = await mkdtemp(join(tmpdir(), 'errand-agent-'))
  const real = installed(agent)
  if (real === undefined) throw new Error(`${agent} is not installed; npm run test:agents installs it`)
  const settings = Object.entries(agentEnvironment).map(([name, value]) => `export ${name}='${value}'\n`)
  await writeFile(join(bin, agent), `#!/bin/sh\n${settings.join('')}exec '${join(real, agent)}' "$@"\n`)
  await chmod(join(bin, agent), 0o755)

  const model = await startModel(script)
  const world = await startWorld({
    ...rest,
    config: { agent: { name: agent }, ...config },
    environment: {
      PATH: [bin, ownEnvironment().PATH].join(delimiter),
      ...providerOf(agent, model.url),
      ...environment,
    },
  })
  return {
    world,
    model,
    async [Symbol.asyncDispose]() {
      try {
        await world[Symbol.asyncDispose]()
      } finally {
        await model.close()
        await rm(bin, { recursive: true, force: true })
      }
    },
  }
}

/** Its parent has to notice, too: a moment, and far less than such a command would take by itself. */
export async function untilGone(world: World, pid: number): Promise<void> {
  await world.until(`process ${pid} to be gone`, async () => (isAlive(pid) ? undefined : true), 10_000)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Where Errand finds the model: OpenCode is used with Anthropic's. */
function providerOf(agent: AgentName, url: string): Record<string, string> {
  switch (agent) {
    case 'claude':
    case 'opencode':
      return { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: KEY }
    case 'codex':
      return { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: KEY }
    case 'gemini':
      return { GEMINI_BASE_URL: url, GEMINI_API_KEY: KEY }
  }
}
