/** Google's Gemini API: https://ai.google.dev/api/generate-content */

import { bearer } from './admit.ts'
import type { OpenCall, Provider } from './modelProvider.ts'

const ERRORS = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
} as const

function verb(name: string, generates: boolean): OpenCall {
  const path = new RegExp(`^/v1beta/models/(?<model>[A-Za-z0-9][A-Za-z0-9._-]*):${name}$`)
  return { method: /^POST$/, path, generates, model: 'path' }
}

export const gemini: Provider = {
  name: 'gemini',
  label: 'Gemini',
  variable: 'GEMINI_API_KEY',
  open: [
    verb('generateContent', true),
    verb('streamGenerateContent', true),
    verb('countTokens', false),
    { method: /^GET$/, path: /^\/v1beta\/models(\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/, generates: false },
  ],
  /** Only what can be read while it passes: with `alt=proto`, or with `fields`, an answer would not tell its usage. */
  query: new Map([
    ['alt', /^(sse|json)$/],
    ['pageSize', /^\d+$/],
    ['pageToken', /^[\w=+/.-]+$/],
  ]),
  credential(headers, url) {
    const header = headers['x-goog-api-key']
    const key = new URL(url, 'http://door').searchParams.get('key') ?? undefined
    return typeof header === 'string' ? header : (key ?? bearer(headers))
  },
  url: (baseUrl, path) => baseUrl + path,
  keyHeaders: ({ apiKey }): Record<string, string> => (apiKey === undefined ? {} : { 'x-goog-api-key': apiKey }),
  error: (status, message) => ({ error: { code: status, message, status: ERRORS[status] } }),
  reading: {
    usage: ['usageMetadata', '[].usageMetadata'],
    model: ['modelVersion', '[].modelVersion'],
    text: ['candidates'],
    last: [],
    /** The prompt's count has what came from the cache in it; thoughts are counted beside the answer. */
    tokens(told) {
      const cacheRead = told.get('cachedContentTokenCount') ?? 0
      const prompt = (told.get('promptTokenCount') ?? 0) + (told.get('toolUsePromptTokenCount') ?? 0)
      return {
        input: Math.max(0, prompt - cacheRead),
        cacheRead,
        cacheWrite: 0,
        cacheWriteHour: 0,
        output: (told.get('candidatesTokenCount') ?? 0) + (told.get('thoughtsTokenCount') ?? 0),
      }
    },
  },
  wrongKey: { status: 400, says: 'API_KEY_INVALID' },
}
