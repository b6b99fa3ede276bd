/** OpenCode's settings, which it takes from its environment, and the folder that it would install a library into. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job, ToolServer } from './agent.ts'
import { instructionsIn } from './instructions.ts'
import type { Choice } from './opencodeModel.ts'

/** It is filled in when OpenCode reads its settings, so the credential is not in them. */
export const CREDENTIAL = 'ERRAND_MODEL_CREDENTIAL'

/** The settings as JSON. Only the one provider is there, and only by way of the door. */
export function settings({ start, request, tools }: Job, { provider, model }: Choice): string {
  const options = { baseURL: `${start.door}/v1/model/${provider}/v1`, apiKey: `{env:${CREDENTIAL}}` }
  // OpenCode reads the first of them by itself.
  const [, ...others] = instructionsIn(start.places.repo, ['AGENTS.md', 'CLAUDE.md'])
  // A server that says nothing holds the beginning up for so long.
  const timeout = Math.min(120, Math.round(request.limits.stuck * 0.9)) * 1000
  return JSON.stringify({
    autoupdate: false,
    share: 'disabled',
    // Its own way to undo; ours is git.
    snapshot: false,
    enabled_providers: [provider],
    // Named here too, a model may be newer than OpenCode.
    provider: { [provider]: { options, ...(model === undefined ? {} : { models: { [model]: {} } }) } },
    ...(model === undefined ? {} : { model: `${provider}/${model}`, small_model: `${provider}/${model}` }),
    permission: { '*': 'allow', ...(request.mode === 'plan' ? { edit: 'deny', bash: 'deny' } : {}) },
    instructions: others,
    mcp: Object.fromEntries(tools.map((tool) => [tool.name, { ...entry(tool), enabled: true, timeout }])),
  })
}

function entry(tool: ToolServer): object {
  if ('url' in tool) {
    return { type: 'remote', url: tool.url, headers: { Authorization: `Bearer {env:${CREDENTIAL}}` }, oauth: false }
  }
  return { type: 'local', command: tool.command, environment: tool.env }
}

/** Of every folder for settings it makes a package, with a library for plugins from the npm registry (measured). */
const LIBRARY = { packages: { '': { dependencies: { '@opencode-ai/plugin': '*' } } } }

/** As if it were installed: nothing here uses it. */
export function keepFromInstalling(home: string): void {
  const folder = join(home, '.config', 'opencode')
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  const lock = join(folder, 'package-lock.json')
  if (!existsSync(lock)) writeFileSync(lock, JSON.stringify(LIBRARY))
}
