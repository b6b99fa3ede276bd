/** Google's Gemini API, as far as Gemini CLI uses it. */

import type { Asked, ModelError, Reply } from './script.ts'
import type { FrontEnd, ModelEvent } from './server.ts'

type Part = {
  readonly text?: string
  readonly functionCall?: { readonly name: string; readonly args: object }
  readonly functionResponse?: { readonly name: string; readonly response?: Readonly<Record<string, unknown>> }
}
type Content = { readonly role?: string; readonly parts?: readonly Part[] }
type Body = {
  readonly contents?: readonly Content[]
  readonly systemInstruction?: Content
  readonly tools?: readonly { readonly functionDeclarations?: readonly { readonly name: string }[] }[]
}

/** The kinds of error that go with a status. */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
}

export const gemini: FrontEnd = {
  name: 'gemini',

  read({ method, path, body }) {
    const [, model, verb] = /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent)$/.exec(path) ?? []
    if (method !== 'POST' || model === undefined) return undefined
    return understand(model, verb === 'streamGenerateContent', body as Body)
  },

  other({ method, path, body }) {
    if (method === 'POST' && path.endsWith(':countTokens')) {
      return { totalTokens: Math.ceil(JSON.stringify(body).length / 4) }
    }
    return method === 'GET' && path === '/v1beta/models' ? { models: [] } : undefined
  },

  events(reply, asked) {
    const { candidates, usageMetadata, ...answer } = answerOf(reply, asked)
    const [{ content, finishReason }] = candidates
    const parts = content.parts.length === 0 ? [{ text: '' }] : content.parts
    return parts.map((part, n): ModelEvent => {
      const isLast = n === parts.length - 1
      const candidate = { index: 0, content: { ...content, parts: [part] }, ...(isLast ? { finishReason } : {}) }
      return { data: { ...answer, candidates: [candidate], ...(isLast ? { usageMetadata } : {}) } }
    })
  },

  whole: answerOf,

  error: ({ status, message }: ModelError) => ({
    error: { code: status, message: message ?? `The script says ${status}.`, status: ERRORS[status] ?? 'UNAVAILABLE' },
  }),
}

function understand(model: string, stream: boolean, { contents = [], systemInstruction, tools = [] }: Body): Asked {
  const said = contents.filter(({ role }) => role !== 'model').flatMap(({ parts = [] }) => parts)
  const toolResults = said.flatMap(({ functionResponse }) =>
    functionResponse === undefined ? [] : [resultOf(functionResponse.response ?? {})],
  )
  return {
    model,
    stream,
    prompts: said.map(({ text = '' }) => withoutTags(text)).filter((text) => text !== ''),
    toolResults,
    answers: contents.filter(({ role }) => role === 'model').length,
    messages: contents.length,
    tools: tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name)),
    whole: [systemInstruction ?? {}, ...contents].map(textOf).concat(toolResults).join('\n'),
  }
}

function textOf({ parts = [] }: Content): string {
  return parts.flatMap(({ text }) => text ?? []).join('\n')
}

/** What the agent adds to the person's words stands in tags of its own. */
function withoutTags(said: string): string {
  return said.replace(/<(session_context|loaded_context)>.*?<\/\1>/gs, '').trim()
}

function resultOf({ output, error }: Readonly<Record<string, unknown>>): string {
  const result = output ?? error
  return typeof result === 'string' ? result : JSON.stringify(result)
}

function answerOf({ text, calls, usage, stop }: Reply, { model }: Asked) {
  const parts: Part[] = [...(text.match(/.{1,40}/gsu) ?? []).map((piece) => ({ text: piece }))]
  for (const { tool, input } of calls) {
    if (typeof input === 'string') throw new Error(`${tool}: this API takes objects as input`)
    parts.push({ functionCall: { name: tool, args: input } })
  }
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite
  const finishReason = { end: 'STOP', tools: 'STOP', max_tokens: 'MAX_TOKENS', refusal: 'SAFETY' }[stop]
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, finishReason }] as const,
    usageMetadata: {
      promptTokenCount: prompt,
      cachedContentTokenCount: usage.cacheRead,
      candidatesTokenCount: usage.output,
      totalTokenCount: prompt + usage.output,
    },
    modelVersion: model,
  }
}
