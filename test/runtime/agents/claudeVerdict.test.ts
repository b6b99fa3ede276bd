import { expect, test } from 'vitest'
import type { Exit } from '../../../runtime/agents/agent.ts'
import type { Result } from '../../../runtime/agents/claudeEvents.ts'
import { judge } from '../../../runtime/agents/claudeVerdict.ts'

const ENDED: Exit = { code: 0, signal: null, said: '' }
const FAILED: Exit = { code: 1, signal: null, said: '' }

const api = (status: number | null, result: string): Result => ({
  subtype: 'success',
  is_error: true,
  terminal_reason: 'api_error',
  api_error_status: status,
  result,
})

test.each<[string, Result, string, string]>([
  ['nobody listens', api(null, 'API Error: Connection refused'), 'model-unavailable', 'API Error: Connection refused'],
  [
    'overloaded',
    api(529, 'API Error: 529 Overloaded. Try again. If it persists, check your inference gateway (127.0.0.1:43767).'),
    'model-unavailable',
    'API Error: 529 Overloaded. Try again.',
  ],
  ['the door refuses', api(403, 'API Error: 403 Spent. Stop.'), 'model-unavailable', 'Spent. Stop.'],
  [
    'no key',
    { subtype: 'success', is_error: true, result: 'Not logged in · Please run /login' },
    'model-unavailable',
    'Not logged in · Please run /login',
  ],
  ['the model refuses', { ...api(null, 'I will not'), stop_reason: 'refusal' }, 'agent-error', 'I will not'],
  [
    'too long a conversation',
    { ...api(400, 'Prompt is too long'), terminal_reason: 'prompt_too_long' },
    'agent-error',
    'Prompt is too long',
  ],
  [
    'no such session',
    { subtype: 'error_during_execution', is_error: true, errors: ['No conversation found with session ID: x'] },
    'agent-error',
    'No conversation found with session ID: x',
  ],
  ['no word', { subtype: 'error_new' }, 'agent-error', 'Claude Code failed (error_new).'],
])('%s', (_, result, cause, message) => {
  expect(judge([result], FAILED).failure).toEqual({ cause, message })
})

test('what it was not allowed to do is a warning', () => {
  const denied: Result = { is_error: false, permission_denials: [{ tool_name: 'Write' }, { tool_name: 'Write' }] }
  expect(judge([denied], ENDED).warnings).toEqual(['The agent was not allowed to use Write.'])
})

test('neither the exit code nor the result alone is believed', () => {
  const good: Result = { subtype: 'success', is_error: false, result: 'ok' }
  expect(judge([good], ENDED).failure).toBeUndefined()
  expect(judge([good], { code: 1, signal: null, said: 'crashed' }).failure?.message).toBe(
    'Claude Code ended with 1. crashed',
  )
  expect(judge([], ENDED).failure?.cause).toBe('agent-error')
  expect(judge([], { code: null, signal: 'SIGKILL', said: '' }).failure?.message).toContain('SIGKILL')
  expect(judge([good], { code: null, signal: 'SIGTERM', said: '' }).failure).toBeUndefined()
  expect(judge([good, { ...good, is_error: true, result: 'no' }], ENDED).failure?.message).toBe('no')
})

test('two results of one process add up', () => {
  const one = (tokens: number): Result => ({
    is_error: false,
    num_turns: 1,
    model_usage_since_last_result: {
      m: { inputTokens: tokens, cacheReadInputTokens: 5, outputTokens: 1, costUSD: 0.25 },
    },
  })
  expect(judge([one(10), one(20)], ENDED).usage).toEqual({ turns: 2, inputTokens: 40, outputTokens: 2, costUsd: 0.5 })
})

test('no model answered: nothing is counted', () => {
  expect(judge([{ ...api(401, 'no'), num_turns: 1, model_usage_since_last_result: {} }], FAILED).usage).toBeUndefined()
})
