/** Answers of the three providers, as their documentation and recordings have them. */

const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
const plain = (data: object) => `data: ${JSON.stringify(data)}\r\n\r\n`

const ANTHROPIC_USAGE = {
  input_tokens: 25,
  cache_creation_input_tokens: 1200,
  cache_read_input_tokens: 30_000,
  cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 1000 },
  output_tokens: 1,
  service_tier: 'standard',
}

export const ANTHROPIC = {
  stream: [
    event('message_start', {
      message: { id: 'msg_1', role: 'assistant', model: 'claude-opus-5-5', content: [], usage: ANTHROPIC_USAGE },
    }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('ping', {}),
    event('content_block_delta', {
      index: 0,
      delta: { type: 'text_delta', text: 'Hello, "usage": {"input_tokens": 9}' },
    }),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 12 } }),
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 15, input_tokens: 25 } }),
    event('message_stop', {}),
  ].join(''),
  json: JSON.stringify({
    id: 'msg_1',
    type: 'message',
    model: 'claude-opus-5-5',
    content: [{ type: 'text', text: 'Hello\\" }] "usage": {"output_tokens": 7}' }],
    usage: { ...ANTHROPIC_USAGE, output_tokens: 15 },
  }),
}

const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  model: 'gpt-6-sol-2026-09-22',
  output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }],
  usage: {
    input_tokens: 1000,
    input_tokens_details: { cached_tokens: 600, cache_write_tokens: 300 },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 40 },
    total_tokens: 1050,
  },
}

export const RESPONSES = {
  stream: [
    event('response.created', { response: { id: 'resp_1', model: RESPONSE.model, usage: null } }),
    event('response.output_text.delta', { item_id: 'msg_1', delta: 'Hello', obfuscation: 'xxxxxxxxxxxx' }),
    event('response.completed', { response: RESPONSE }),
  ].join(''),
  json: JSON.stringify(RESPONSE),
}

const chunk = (delta: object, more: object = {}) =>
  plain({ id: 'c', object: 'chat.completion.chunk', model: 'gpt-4.1', choices: [{ index: 0, delta }], ...more })

const CHAT_USAGE = { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 64 } }
const CHAT_TEXT = [
  chunk({ role: 'assistant', content: '' }, { usage: null }),
  chunk({ content: 'Hello, how are you?!' }),
  chunk({
    tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'edit', arguments: '{"a":1234}' } }],
  }),
].join('')

export const CHAT = {
  stream: `${CHAT_TEXT}${chunk({}, { choices: [], usage: CHAT_USAGE })}data: [DONE]\n\n`,
  /** Without `stream_options.include_usage`: 34 bytes are said. */
  silent: `${CHAT_TEXT}data: [DONE]\n\n`,
  json: JSON.stringify({ id: 'c', model: 'gpt-4.1', choices: [{ message: { content: 'Hello' } }], usage: CHAT_USAGE }),
}

const GEMINI_CHUNKS = [
  {
    candidates: [{ content: { parts: [{ text: 'Hel' }], role: 'model' }, index: 0 }],
    usageMetadata: {
      promptTokenCount: 500,
      cachedContentTokenCount: 400,
      thoughtsTokenCount: 30,
      totalTokenCount: 530,
    },
    modelVersion: 'gemini-2.5-pro',
  },
  {
    candidates: [{ content: { parts: [{ text: 'lo' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata: {
      promptTokenCount: 500,
      cachedContentTokenCount: 400,
      toolUsePromptTokenCount: 10,
      candidatesTokenCount: 8,
      thoughtsTokenCount: 30,
      totalTokenCount: 548,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 500 }],
    },
    modelVersion: 'gemini-2.5-pro',
  },
]

export const GEMINI = {
  stream: GEMINI_CHUNKS.map(plain).join(''),
  /** streamGenerateContent without `alt=sse`. */
  array: JSON.stringify(GEMINI_CHUNKS, null, 2),
  json: JSON.stringify(GEMINI_CHUNKS[1]),
}
