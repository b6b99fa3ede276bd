/** Claude Code's stream-json, one line → what it tells. Pure; unknown events tell nothing, so a newer version still works. */

import type { Told } from './agent.ts'
import { describe } from './claudeActivity.ts'
import type { SeenServer } from './claudeTools.ts'

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
  readonly total_cost_usd?: number
  readonly usage?: { readonly input_tokens?: number; readonly output_tokens?: number }
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
export type Init = { readonly session?: string; readonly servers: readonly SeenServer[] }

export type Heard = { readonly told: readonly Told[]; readonly result?: Result; readonly init?: Init }

type Block = {
  readonly type?: string
  readonly text?: string
  readonly name?: string
  readonly input?: Readonly<Record<string, unknown>>
  readonly content?: unknown
  readonly is_error?: boolean
}

type Event = {
  readonly type?: string
  readonly subtype?: string
  readonly message?: string | { readonly content?: unknown }
  readonly parent_tool_use_id?: string | null
  readonly session_id?: string
  readonly mcp_servers?: readonly SeenServer[]
  readonly model?: string
  readonly fallback_model?: string
  readonly tool_name?: string
  readonly status?: string | null
  readonly claude_code_version?: string
  readonly attempt?: number
  readonly max_retries?: number
  readonly error_status?: number | null
}

/** More of one tool's output is cut in the log: Claude Code itself shows the model about as much. */
const LONGEST_OUTPUT = 16_000

/** `root` is the clone: paths below it are shown relative to it. */
export function translate(line: string, root: string): Heard {
  if (!line.startsWith('{')) return { told: line === '' ? [] : [{ kind: 'log', text: line }] }
  let event: Event
  try {
    event = JSON.parse(line) as Event
  } catch {
    return { told: [{ kind: 'log', text: line }] }
  }
  if (event.type === 'result') return { told: [{ kind: 'done' }], result: event as Result }
  if (event.type === 'system') return hearSystem(event)
  if (event.type === 'assistant' || event.type === 'user') {
    const { message } = event
    const content = typeof message === 'object' && message !== null ? message.content : []
    const told = blocks(content).flatMap((block) => hearBlock(block, root))
    return { told: event.parent_tool_use_id == null ? told : told.map(asHelper) }
  }
  return { told: [] }
}

function hearSystem(event: Event): Heard {
  switch (event.subtype) {
    case 'init': {
      const text = `Claude Code ${event.claude_code_version ?? ''}, model ${event.model ?? ''}`
      const { session_id: session, mcp_servers } = event
      const servers = Array.isArray(mcp_servers) ? mcp_servers : []
      return { told: [{ kind: 'log', text }], init: { servers, ...(session === undefined ? {} : { session }) } }
    }
    case 'api_retry': {
      const why = typeof event.error_status === 'number' ? `status ${event.error_status}` : 'no answer'
      return loud(`waits for the model (${why}, try ${event.attempt ?? '?'} of ${event.max_retries ?? '?'})`)
    }
    case 'model_fallback':
      return loud(`goes on with the model ${event.fallback_model ?? ''}`)
    case 'permission_denied':
      return { told: [{ kind: 'log', text: `not allowed: ${event.tool_name ?? ''} ${event.message ?? ''}`.trim() }] }
    case 'thinking_tokens':
      return { told: [{ kind: 'activity', text: 'thinks' }] }
    case 'status':
      return { told: event.status === 'compacting' ? [{ kind: 'activity', text: 'sums up what it knows so far' }] : [] }
    default:
      return { told: [] }
  }
}

function loud(text: string): Heard {
  return {
    told: [
      { kind: 'activity', text },
      { kind: 'log', text },
    ],
  }
}

/** What a helper does that the agent asked; its words are in the log as they are. */
function asHelper(told: Told): Told {
  return told.kind === 'activity' ? { kind: 'activity', text: `a helper ${told.text}` } : told
}

/** The blocks of a message's content; what is no block is passed over. */
function blocks(content: unknown): Block[] {
  if (!Array.isArray(content)) return []
  return content.filter((block): block is Block => typeof block === 'object' && block !== null)
}

function hearBlock(block: Block, root: string): Told[] {
  if (block.type === 'text') return block.text ? [{ kind: 'log', text: block.text }] : []
  if (block.type === 'tool_use') {
    const text = describe(block.name ?? 'a tool', block.input ?? {}, root)
    const command = block.name === 'Bash' ? block.input?.command : undefined
    return [
      { kind: 'activity', text },
      { kind: 'log', text: typeof command === 'string' ? `$ ${command}` : `> ${text}` },
    ]
  }
  if (block.type === 'tool_result') {
    const text = plain(block.content)
    const shown =
      text.length > LONGEST_OUTPUT ? `${text.slice(0, LONGEST_OUTPUT)}\n… ${text.length} characters in all` : text
    return shown === '' ? [] : [{ kind: 'log', text: block.is_error ? `failed: ${shown}` : shown }]
  }
  return []
}

function plain(content: unknown): string {
  if (typeof content === 'string') return content
  return blocks(content)
    .map((block) => (block.type === 'text' ? (block.text ?? '') : `[${block.type}]`))
    .join('\n')
}
