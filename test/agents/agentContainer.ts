/**
 * A real agent in containers that come and go: one project, one door, and the entrypoint as a process. The agent is given the
 * scripted model's address in the place of the door's.
 */

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Step } from '../models/script.ts'
import { type Model, startModel } from '../models/server.ts'
import { type Attempt, newAttempt, type Wish } from '../runtime/attempt.ts'
import { type AgentName, installed } from './install.ts'

export const BRANCH = 'agent/42-n1337'

export type Container = AsyncDisposable & { readonly attempt: Attempt; readonly model: Model }

/** `await using it = await newContainer('codex', [{ text: 'Done.' }])`: then `it.attempt.run()`, as in ../runtime/attempt.ts. */
export async function newContainer(agent: AgentName, steps: readonly Step[], wish: Wish = {}): Promise<Container> {
  const model = await startModel({ steps })
  const attempt = await newAttempt({
    prompt: 'add a health check',
    ...wish,
    request: { agent: { name: agent }, ...wish.request },
  })
  const program = join(attempt.folder, 'bin', agent)
  writeFileSync(program, wrapper(agent, attempt.door.url, model.url))
  chmodSync(program, 0o755)
  return { attempt, model, [Symbol.asyncDispose]: model.close }
}

/** Wherever the agent finds the door's address for a model, it finds the model's. */
function wrapper(agent: AgentName, door: string, model: string): string {
  return `#!/bin/bash
swap() {
  swapped=$1
  for provider in anthropic openai gemini; do swapped=\${swapped//"${door}/v1/model/$provider"/${model}}; done
}
for name in $(compgen -e); do swap "\${!name}"; export "$name=$swapped"; done
args=()
for one; do swap "$one"; args+=("$swapped"); done
exec '${join(installed(agent) ?? '', agent)}' "\${args[@]}"
`
}
