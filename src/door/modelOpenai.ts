/** OpenAI's API, Responses and Chat Completions: https://developers.openai.com/api/reference */

import { bearer } from './admit.ts'
import type { Provider } from './modelProvider.ts'

const ERRORS = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  503: 'server_error',
} as const

export const openai: Provider = {
  name: 'openai',
  label: 'OpenAI',
  variable: 'OPENAI_API_KEY',
  open: [
    { method: /^POST$/, path: /^\/v1\/responses$/, generates: true, model: 'body' },
    { method: /^POST$/, path: /^\/v1\/chat\/completions$/, generates: true, model: 'body' },
    { method: /^GET$/, path: /^\/v1\/models(\/[A-Za-z0-9][A-Za-z0-9._:@-]*)?$/, generates: false },
  ],
  query: new Map(),
  credential: bearer,
  /** As its own clients take OPENAI_BASE_URL: with the version in it. A bare host gets it added. */
  url(baseUrl, path) {
    return baseUrl + (new URL(baseUrl).pathname === '/' ? path : path.slice('/v1'.length))
  },
  keyHeaders: ({ apiKey }): Record<string, string> =>
    apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  error: (status, message) => ({ error: { message, type: ERRORS[status], param: null, code: null } }),
  reading: {
    usage: ['usage', 'response.usage'],
    model: ['model', 'response.model'],
    text: ['delta', 'choices'],
    last: ['response.completed', 'response.incomplete', 'response.failed'],
    /** What was read from a cache and written to one is part of the input (developers.openai.com/api/docs/guides/prompt-caching). */
    tokens(told) {
      const either = (name: string) => told.get(`input_${name}`) ?? told.get(`prompt_${name}`) ?? 0
      const cacheRead = either('tokens_details.cached_tokens')
      const cacheWrite = either('tokens_details.cache_write_tokens')
      return {
        input: Math.max(0, either('tokens') - cacheRead - cacheWrite),
        cacheRead,
        cacheWrite,
        cacheWriteHour: 0,
        output: told.get('output_tokens') ?? told.get('completion_tokens') ?? 0,
      }
    },
  },
}
