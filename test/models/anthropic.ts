/** Anthropic's Messages API, as far as Claude Code and OpenCode use it. */

import { randomUUID } from 'node:crypto'
import type { Asked, ModelError, Reply } from './script.ts'
import type { FrontEnd, ModelCall, ModelEvent } from './server.ts'

type Block = { readonly type?: string; readonly text?: string; readonly content?: unknown }
type Message = { readonly role: string; readonly content: string | readonly Block[] }
type Body = {
  readonly model: string
  readonly stream?: boolean
  readonly system?: string | readonly Block[]
  readonly messages: readonly Message[]
  readonly tools?: readonly { readonly name: string }[]
}

/** The kinds of error that go with a status. */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

export const anthropic: FrontEnd = {
  name: 'anthropic',

  read({ method, path, body }) {
    if (method !== 'POST' || path !== '/v1/messages') return undefined
    return understand(body as Body)
  },

  other({ method, path, body }: ModelCall) {
    if (method === 'POST' && path === '/v1/messages/count_tokens') {
      return { input_tokens: Math.ceil(JSON.stringify(body).length / 4) }
    }
    if (method === 'GET' && path === '/v1/models') return { data: [], has_more: false }
    if (path === '/api/hello') return {}
    return undefined
  },

  events(reply, asked) {
    const { content, ...message } = messageOf(reply, asked)
    const start = { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } }
    return [
      { type: 'message_start', message: start },
      { type: 'ping' },
      ...content.flatMap(blockEvents),
      {
        type: 'message_delta',
        delta: { stop_reason: message.stop_reason, stop_sequence: null },
        usage: message.usage,
      },
      { type: 'message_stop' },
    ].map((data): ModelEvent => ({ event: data.type, data }))
  },

  whole: messageOf,

  error: ({ status, message }: ModelError) => ({
    type: 'error',
    error: { type: ERRORS[status] ?? 'api_error', message: message ?? `The script says ${status}.` },
    request_id: `req_${randomUUID()}`,
  }),
}

function understand({ model, stream = false, system, messages, tools = [] }: Body): Asked {
  const results = messages.flatMap(({ content }) => blocksOf(content).filter(({ type }) => type === 'tool_result'))
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => textOf(content))
  return {
    model,
    stream,
    prompts: said.map(withoutTags).filter((one) => one !== ''),
    toolResults: results.map(({ content }) => textOf(content)),
    answers: messages.filter(({ role }) => role === 'assistant').length,
    messages: messages.length,
    tools: tools.map(({ name }) => name),
    whole: [textOf(system), ...messages.map(({ content }) => textOf(content))].join('\n'),
  }
}

function blocksOf(content: unknown): readonly Block[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return Array.isArray(content) ? (content as readonly Block[]) : []
}

function textOf(content: unknown): string {
  return blocksOf(content)
    .flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : []))
    .join('\n')
}

/** What the agent adds to the person's words stands in tags of its own. */
function withoutTags(said: string): string {
  return said.replace(/<system-reminder>.*?<\/system-reminder>/gs, '').trim()
}

type Content =
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Readonly<Record<string, unknown>> }

function messageOf({ text, calls, usage, stop }: Reply, { model }: Asked) {
  const tools = calls.map(({ tool, input }): Content => {
    if (typeof input === 'string') throw new Error(`${tool}: this API takes objects as input`)
    return { type: 'tool_use', id: `toolu_${randomUUID()}`, name: tool, input }
  })
  const content: Content[] = [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...tools]
  return {
    id: `msg_${randomUUID()}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: { end: 'end_turn', tools: 'tool_use', max_tokens: 'max_tokens', refusal: 'refusal' }[stop],
    stop_sequence: null,
    usage: {
      input_tokens: usage.input,
      output_tokens: usage.output,
      cache_read_input_tokens: usage.cacheRead,
      cache_creation_input_tokens: usage.cacheWrite,
    },
  }
}

/** In pieces, as the real one sends them. */
const PIECE = 40

function blockEvents(block: Content, index: number): { type: string }[] {
  const isText = block.type === 'text'
  const whole = isText ? block.text : JSON.stringify(block.input)
  const pieces = whole.match(new RegExp(`.{1,${PIECE}}`, 'gsu')) ?? []
  const start = isText ? { type: 'text', text: '' } : { ...block, input: {} }
  const deltas = pieces.map((piece) =>
    isText ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece },
  )
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ] as { type: string }[]
}
