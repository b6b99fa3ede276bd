/** Claude Code's stream-json, one line → what it tells. Pure; unknown events tell nothing, so a newer version still works. */

import { relative } from 'node:path'
import type { Told } from './agent.ts'

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
}

export type ModelUsage = {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadInputTokens?: number
  readonly cacheCreationInputTokens?: number
  readonly costUSD?: number
}

export type Heard = { readonly told: readonly Told[]; readonly result?: Result }

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
  readonly message?: { readonly content?: unknown }
  readonly model?: string
  readonly claude_code_version?: string
  readonly attempt?: number
  readonly max_retries?: number
  readonly error_status?: number | null
}

/** More of one tool's output is cut in the log: Claude Code itself shows the model about as much. */
const LONGEST_OUTPUT = 16_000
const LONGEST_ACTIVITY = 120

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
  if (event.type === 'system' && event.subtype === 'init') {
    return {
      told: [{ kind: 'log', text: `Claude Code ${event.claude_code_version ?? ''}, model ${event.model ?? ''}` }],
    }
  }
  if (event.type === 'system' && event.subtype === 'api_retry') {
    const why = typeof event.error_status === 'number' ? `status ${event.error_status}` : 'no answer'
    const text = `waits for the model (${why}, try ${event.attempt ?? '?'} of ${event.max_retries ?? '?'})`
    return {
      told: [
        { kind: 'activity', text },
        { kind: 'log', text },
      ],
    }
  }
  if (event.type === 'assistant' || event.type === 'user') {
    return { told: blocks(event.message?.content).flatMap((block) => hearBlock(block, root)) }
  }
  return { told: [] }
}

/** The blocks of a message's content; what is no block is passed over. */
function blocks(content: unknown): Block[] {
  if (!Array.isArray(content)) return []
  return content.filter((block): block is Block => typeof block === 'object' && block !== null)
}

function hearBlock(block: Block, root: string): Told[] {
  if (block.type === 'text') return block.text ? [{ kind: 'log', text: block.text }] : []
  if (block.type === 'tool_use') {
    const text = oneLine(describe(block.name ?? 'a tool', block.input ?? {}, root))
    const command = block.name === 'Bash' ? string(block.input?.command) : ''
    return [
      { kind: 'activity', text },
      { kind: 'log', text: command === '' ? `> ${text}` : `$ ${command}` },
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

/** A tool and its input → what it does, in the third person: "reads src/a.ts". */
function describe(tool: string, input: Readonly<Record<string, unknown>>, root: string): string {
  const path = string(input.file_path ?? input.notebook_path ?? input.path)
  const file = path.startsWith('/') && !relative(root, path).startsWith('..') ? relative(root, path) || '.' : path
  switch (tool) {
    case 'Read':
      return `reads ${file}`
    case 'Write':
      return `writes ${file}`
    case 'Edit':
    case 'NotebookEdit':
      return `edits ${file}`
    case 'Bash':
      return `runs ${string(input.command)}`
    case 'Grep':
    case 'Glob':
      return `searches for ${string(input.pattern)}`
    case 'WebFetch':
      return `fetches ${string(input.url)}`
    case 'WebSearch':
      return `searches the web for ${string(input.query)}`
    case 'Task':
    case 'Agent':
      return `asks a helper: ${string(input.description)}`
    default:
      return tool.startsWith('mcp__') ? `uses ${tool.slice('mcp__'.length).replace('__', ': ')}` : `uses ${tool}`
  }
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function oneLine(text: string): string {
  const first = text.trim().split('\n', 1)[0] ?? ''
  return first.length > LONGEST_ACTIVITY ? `${first.slice(0, LONGEST_ACTIVITY - 1)}…` : first
}

function plain(content: unknown): string {
  if (typeof content === 'string') return content
  return blocks(content)
    .map((block) => (block.type === 'text' ? (block.text ?? '') : `[${block.type}]`))
    .join('\n')
}
