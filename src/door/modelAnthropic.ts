/** Anthropic's API: https://platform.claude.com/docs/en/api/messages */

import { apiKey, bearer } from './admit.ts'
import type { Provider } from './modelProvider.ts'

const ERRORS = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  503: 'api_error',
} as const

export const anthropic: Provider = {
  name: 'anthropic',
  label: 'Anthropic',
  variable: 'ANTHROPIC_API_KEY',
  open: [
    { method: /^POST$/, path: /^\/v1\/messages$/, generates: true, model: 'body' },
    { method: /^POST$/, path: /^\/v1\/messages\/count_tokens$/, generates: false, model: 'body' },
    { method: /^GET$/, path: /^\/v1\/models(\/[A-Za-z0-9][A-Za-z0-9._:@-]*)?$/, generates: false },
    { method: /^(GET|HEAD)$/, path: /^\/api\/hello$/, generates: false },
  ],
  query: new Map([
    ['beta', /^true$/],
    ['limit', /^\d+$/],
    ['after_id', /^[\w.:@-]+$/],
    ['before_id', /^[\w.:@-]+$/],
  ]),
  credential: (headers) => apiKey(headers) ?? bearer(headers),
  url: (baseUrl, path) => baseUrl + path,
  keyHeaders({ apiKey, authToken }): Record<string, string> {
    if (apiKey !== undefined) return { 'x-api-key': apiKey }
    return authToken === undefined ? {} : { authorization: `Bearer ${authToken}` }
  },
  error: (status, message) => ({ type: 'error', error: { type: ERRORS[status], message } }),
  reading: {
    usage: ['usage', 'message.usage'],
    model: ['model', 'message.model'],
    text: ['delta'],
    last: ['message_stop'],
    /** `input_tokens` are those that are in no cache. */
    tokens(told) {
      const hour = told.get('cache_creation.ephemeral_1h_input_tokens') ?? 0
      return {
        input: told.get('input_tokens') ?? 0,
        cacheRead: told.get('cache_read_input_tokens') ?? 0,
        cacheWrite: Math.max(0, (told.get('cache_creation_input_tokens') ?? 0) - hour),
        cacheWriteHour: hour,
        output: told.get('output_tokens') ?? 0,
      }
    },
  },
}
