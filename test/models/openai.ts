/** OpenAI's Responses API, as far as Codex and OpenCode use it. */

import { randomUUID } from 'node:crypto'
import type { Asked, ModelError, Reply, ToolCall } from './script.ts'
import type { FrontEnd, ModelEvent } from './server.ts'

type Part = { readonly type?: string; readonly text?: string }
type Item = {
  readonly type?: string
  readonly role?: string
  readonly content?: string | readonly Part[]
  readonly output?: unknown
  readonly tools?: readonly Tool[]
}
type Tool = { readonly name?: string; readonly type?: string; readonly tools?: readonly Tool[] }
type Body = {
  readonly model: string
  readonly stream?: boolean
  readonly instructions?: string
  readonly input: string | readonly Item[]
  readonly tools?: readonly Tool[]
}

/** The kinds of error that go with a status. */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
}

export const openai: FrontEnd = {
  name: 'openai',

  read({ method, path, body }) {
    return method === 'POST' && path === '/v1/responses' ? understand(body as Body) : undefined
  },

  other({ method, path }) {
    return method === 'GET' && path === '/v1/models' ? { object: 'list', data: [] } : undefined
  },

  events(reply, asked) {
    const response = responseOf(reply, asked)
    const { status, usage, output, ...begun } = response
    const start = { ...begun, status: 'in_progress', output: [] }
    return [
      { type: 'response.created', response: start },
      { type: 'response.in_progress', response: start },
      ...output.flatMap(itemEvents),
      { type: `response.${status}`, response },
    ].map((data, n): ModelEvent => ({ event: data.type, data: { ...data, sequence_number: n } }))
  },

  whole: responseOf,

  error: ({ status, message }: ModelError) => ({
    error: {
      message: message ?? `The script says ${status}.`,
      type: ERRORS[status] ?? 'server_error',
      param: null,
      code: null,
    },
  }),
}

/** What the model itself has said, in the list of everything that was said. */
function isAnswer({ type, role }: Item): boolean {
  return role === 'assistant' || type === 'function_call' || type === 'custom_tool_call' || type === 'reasoning'
}

function understand({ model, stream = false, instructions = '', input, tools = [] }: Body): Asked {
  const items = typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input
  const results = items.filter(({ type }) => type?.endsWith('_call_output') === true)
  const offered = [...tools, ...items.flatMap((item) => (item.type === 'additional_tools' ? (item.tools ?? []) : []))]
  return {
    model,
    stream,
    prompts: items.filter(({ role }) => role === 'user').flatMap(({ content }) => wordsOf(content)),
    toolResults: results.map(({ output }) => resultOf(output)),
    // One answer is several items, one after the other.
    answers: items.filter((item, n) => isAnswer(item) && !isAnswer(items[n - 1] ?? {})).length,
    messages: items.length,
    tools: offered.flatMap(namesOf),
    whole: [instructions, ...items.map((item) => partsOf(item.content).join('\n')), ...results.map(textOf)].join('\n'),
  }
}

function partsOf(content: Item['content'] = ''): string[] {
  return typeof content === 'string' ? [content] : content.flatMap(({ text }) => text ?? [])
}

/** What the agent adds to the person's words stands in parts of its own: in tags, or under a heading. */
function wordsOf(content: Item['content']): string[] {
  return partsOf(content)
    .map((part) => part.trim())
    .filter((part) => part !== '' && !/^<(\w+)>.*<\/\1>$|^# AGENTS\.md instructions/s.test(part))
}

function textOf({ output }: Item): string {
  return resultOf(output)
}

function resultOf(output: unknown): string {
  if (Array.isArray(output)) return (output as readonly Part[]).map(({ text }) => text ?? '').join('\n')
  return typeof output === 'string' ? output : JSON.stringify(output)
}

function namesOf({ name, type, tools }: Tool): string[] {
  return tools === undefined ? [name ?? type ?? ''] : tools.flatMap(namesOf)
}

function responseOf({ text, calls, usage, stop }: Reply, { model }: Asked) {
  const part =
    stop === 'refusal'
      ? { type: 'refusal', refusal: text }
      : { type: 'output_text', text, annotations: [], logprobs: [] }
  const message = {
    type: 'message',
    id: `msg_${randomUUID()}`,
    status: 'completed',
    role: 'assistant',
    content: [part],
  }
  const input = usage.input + usage.cacheRead + usage.cacheWrite
  return {
    id: `resp_${randomUUID()}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    model,
    status: stop === 'max_tokens' ? 'incomplete' : 'completed',
    error: null,
    incomplete_details: stop === 'max_tokens' ? { reason: 'max_output_tokens' } : null,
    output: [...(text === '' ? [] : [message]), ...calls.map(callOf)] as readonly Answered[],
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + usage.output,
    },
  }
}

type Answered =
  | {
      type: 'message'
      id: string
      content: [{ type: 'output_text'; text: string } | { type: 'refusal'; refusal: string }]
    }
  | { type: 'function_call'; id: string; arguments: string }
  | { type: 'custom_tool_call'; id: string; input: string }

/** A string as input is a tool of free text. A server's tools are in a space of names of its own: `mcp__echo__say`. */
function callOf({ tool, input }: ToolCall): Answered {
  const ids = { id: `fc_${randomUUID()}`, call_id: `call_${randomUUID()}`, status: 'completed' }
  if (typeof input === 'string') return { type: 'custom_tool_call', ...ids, name: tool, input } as Answered
  const [, namespace, name = tool] = /^(mcp__\w+?)__(\w+)$/.exec(tool) ?? []
  const named = namespace === undefined ? { name } : { name, namespace }
  return { type: 'function_call', ...ids, ...named, arguments: JSON.stringify(input) } as Answered
}

/** In pieces, as the real one sends them. */
const PIECE = 40

function itemEvents(item: Answered, output_index: number): { type: string }[] {
  const at = { item_id: item.id, output_index }
  const added = (empty: object) => ({ type: 'response.output_item.added', output_index, item: { ...item, ...empty } })
  const done = { type: 'response.output_item.done', output_index, item }
  switch (item.type) {
    case 'message': {
      const [part] = item.content
      const where = { ...at, content_index: 0 }
      if (part.type === 'refusal') return [added({ content: [] }), done]
      const { text } = part
      return [
        added({ content: [], status: 'in_progress' }),
        { type: 'response.content_part.added', ...where, part: { ...part, text: '' } },
        ...pieces(text).map((delta) => ({ type: 'response.output_text.delta', ...where, delta })),
        { type: 'response.output_text.done', ...where, text },
        { type: 'response.content_part.done', ...where, part },
        done,
      ] as { type: string }[]
    }
    case 'function_call':
      return [
        added({ arguments: '', status: 'in_progress' }),
        ...pieces(item.arguments).map((delta) => ({ type: 'response.function_call_arguments.delta', ...at, delta })),
        { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments },
        done,
      ] as { type: string }[]
    case 'custom_tool_call':
      return [
        added({ input: '', status: 'in_progress' }),
        { type: 'response.custom_tool_call_input.delta', ...at, delta: item.input },
        { type: 'response.custom_tool_call_input.done', ...at, input: item.input },
        done,
      ] as { type: string }[]
  }
}

function pieces(whole: string): readonly string[] {
  return whole.match(new RegExp(`.{1,${PIECE}}`, 'gsu')) ?? []
}
