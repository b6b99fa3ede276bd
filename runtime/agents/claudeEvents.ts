/** Claude Code's stream-json, one line → what it tells. Pure; unknown events tell nothing, so a newer version still works. */

import type { Told } from './agent.ts'
import { tellUse } from './claudeActivity.ts'
import type { SeenServer } from './claudeTools.ts'
import {
  doing,
  type Fields,
  fieldsIn,
  fieldsOf,
  listOf,
  noting,
  output,
  saying,
  showing,
  textOf,
  waiting,
} from './telling.ts'

/** The `result` event, as far as it is judged. Several may come in one run: the last one counts, usage adds up. */
export type Result = {
  readonly subtype?: string
  readonly is_error?: boolean
  readonly result?: string
  readonly errors?: readonly string[]
  readonly terminal_reason?: string
  readonly stop_reason?: string
  readonly api_error_status?: number | null
  readonly num_turns?: number
  readonly model_usage_since_last_result?: Readonly<Record<string, ModelUsage>>
  readonly permission_denials?: readonly { readonly tool_name?: string }[]
}

export type ModelUsage = {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadInputTokens?: number
  readonly cacheCreationInputTokens?: number
  readonly costUSD?: number
}

/** The `init` event: the session's name, and the MCP servers there are. Some come before every turn. */
export type Init = { readonly session: string; readonly servers: readonly SeenServer[] }

export type Heard = { readonly told: readonly Told[]; readonly result?: Result; readonly init?: Init }

/** `root` is the clone: paths below it are shown relative to it. */
export function translate(line: string, root: string): Heard {
  const event = fieldsIn(line)
  if (event === undefined) return { told: saying(line) }
  switch (event.type) {
    case 'result':
      return { told: [{ kind: 'done' }], result: event as Result }
    case 'system':
      return event.subtype === 'init' ? begin(event) : { told: notice(event) }
    case 'assistant':
    case 'user': {
      const told = listOf(fieldsOf(event.message).content).flatMap((block) => hearBlock(block, root))
      return { told: textOf(event.parent_tool_use_id) === '' ? told : told.map(asHelper) }
    }
    default:
      return { told: [] }
  }
}

function begin(event: Fields): Heard {
  const servers = listOf(event.mcp_servers).map(({ name, status }) => ({ name: textOf(name), status: textOf(status) }))
  return {
    told: noting(`Claude Code ${textOf(event.claude_code_version)}, model ${textOf(event.model)}`),
    init: { session: textOf(event.session_id), servers },
  }
}

function notice(event: Fields): Told[] {
  switch (event.subtype) {
    case 'api_retry': {
      const why = typeof event.error_status === 'number' ? `status ${event.error_status}` : 'no answer'
      return waiting(`${why}, try ${event.attempt} of ${event.max_retries}`)
    }
    case 'model_fallback':
      return doing(`goes on with the model ${textOf(event.fallback_model)}`)
    case 'permission_denied':
      return output(`not allowed: ${textOf(event.tool_name)} ${textOf(event.message)}`, true)
    case 'thinking_tokens':
      return showing('thinks')
    case 'status':
      return event.status === 'compacting' ? showing('sums up what it knows so far') : []
    default:
      return []
  }
}

/** What a helper does that the agent asked; its words are in the log as they are. */
function asHelper(told: Told): Told {
  return told.kind === 'activity' ? { kind: 'activity', text: `a helper ${told.text}` } : told
}

function hearBlock(block: Fields, root: string): Told[] {
  switch (block.type) {
    case 'text':
      return saying(textOf(block.text))
    case 'tool_use':
      return tellUse(textOf(block.name) || 'a tool', fieldsOf(block.input), root)
    case 'tool_result':
      return output(plain(block.content), block.is_error === true)
    default:
      return []
  }
}

function plain(content: unknown): string {
  if (typeof content === 'string') return content
  return listOf(content)
    .map((block) => (block.type === 'text' ? textOf(block.text) : `[${textOf(block.type)}]`))
    .join('\n')
}
