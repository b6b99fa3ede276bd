/** What Codex remembers of a conversation: a file below its folder `sessions`. Nothing else is needed to go on with it (measured). */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tokens } from './codexEvents.ts'
import { fieldsIn, numberOf } from './telling.ts'

/** Below the home. */
export const MEMORY = '.codex/sessions'

/** The file of that conversation, in folders by year, month and day; undefined where there is none. */
export function rolloutOf(home: string, thread: string): string | undefined {
  const sessions = join(home, MEMORY)
  if (!existsSync(sessions)) return undefined
  const file = readdirSync(sessions, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith(`-${thread}.jsonl`),
  )
  return file === undefined ? undefined : join(sessions, file)
}

const TOTAL = '"total_token_usage":'

/** What the conversation has used so far: the last of the counts in its file. */
export function usedBefore(rollout: string | undefined): Tokens {
  if (rollout === undefined) return { input: 0, output: 0 }
  const text = readFileSync(rollout, 'utf8')
  const at = text.lastIndexOf(TOTAL)
  const from = at + TOTAL.length
  const total = at < 0 ? {} : (fieldsIn(text.slice(from, text.indexOf('}', from) + 1)) ?? {})
  return { input: numberOf(total.input_tokens), output: numberOf(total.output_tokens) }
}
