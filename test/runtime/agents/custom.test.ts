/** An agent of one's own, through the real entrypoint. */

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listenToJsonLines } from '../../../runtime/agents/jsonLines.ts'
import { newAttempt } from '../attempt.ts'

const PROGRAM = `#!/usr/bin/env bash
prompt=$(cat)
echo '{"activity":"reads the prompt"}'
echo "plain text for the log"
echo "$prompt" > prompt.txt
env | grep -E '^(ERRAND|ANTHROPIC|OPENAI|GOOGLE|GEMINI)' | sed 's/=.*//' | sort > names.txt
echo "note $ERRAND_SESSION" >> "$ERRAND_MEMORY/notes"
echo '{"title":"Write the prompt down","answer":"It is in prompt.txt.","session":"mine","usage":{"turns":2,"costUsd":0.5},"warning":"Mind the gap."}'
`

test('a program of the image: its prompt, its environment, its words', async () => {
  const attempt = await newAttempt({ agent: 'custom', prompt: 'Write this down.' })
  const program = join(attempt.folder, 'agent.sh')
  writeFileSync(program, PROGRAM)
  chmodSync(program, 0o755)
  Object.assign(attempt.door.request.agent, { command: [program] })
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome).toMatchObject({
    result: 'pushed',
    title: 'Write the prompt down',
    answer: 'It is in prompt.txt.',
    usage: { turns: 2, costUsd: 0.5 },
    warnings: ['Mind the gap.'],
  })
  expect(attempt.door.log.toString()).toContain('plain text for the log')
  expect(attempt.git('show', 'agent/42-n1337:prompt.txt')).toBe('Write this down.')
  expect(attempt.git('show', 'agent/42-n1337:names.txt').split('\n')).toMatchInlineSnapshot(`
    [
      "ANTHROPIC_AUTH_TOKEN",
      "ANTHROPIC_BASE_URL",
      "ERRAND_ATTEMPT",
      "ERRAND_MEMORY",
      "ERRAND_MODE",
      "ERRAND_RUN",
      "ERRAND_TASK",
      "ERRAND_TOOLS",
      "ERRAND_TOOLS_TOKEN",
      "GEMINI_API_KEY",
      "GOOGLE_GEMINI_BASE_URL",
      "OPENAI_API_KEY",
      "OPENAI_BASE_URL",
    ]
  `)
})

test('without its program it fails in words', async () => {
  const attempt = await newAttempt({ agent: 'custom' })
  expect(await attempt.run()).toBe(70)
  expect(attempt.door.outcome?.failure?.message).toContain('The agent `custom` needs a command')
})

const ended = (code: number) => ({ code, signal: null, said: 'oh' })
const hear = (code: number, ...lines: readonly string[]) => {
  const listener = listenToJsonLines('It')
  for (const line of lines) listener.hear(line)
  return listener.end(ended(code))
}

test('what it says, and what comes of it', () => {
  expect(listenToJsonLines('It').hear('{"activity":"reads","log":"a.ts"}')).toEqual([
    { kind: 'activity', text: 'reads' },
    { kind: 'log', text: '> reads' },
    { kind: 'log', text: 'a.ts' },
  ])
  expect(hear(0, 'hello', 'world')).toEqual({ warnings: [], answer: 'hello\nworld' })
  expect(hear(1, 'hello')).toMatchObject({ failure: { cause: 'agent-error', message: 'It ended with 1. oh' } })
  expect(hear(1, '{"answer":"done"}')).toEqual({ warnings: [], answer: 'done' })
  expect(hear(0, '{"failure":"no"}')).toMatchObject({ failure: { cause: 'agent-error', message: 'no' } })
  expect(hear(0, '{"answer":1,"usage":{"turns":"two"},"odd":true}')).toEqual({ warnings: [] })
  expect(hear(0, '{broken', '{"answer":"a"}', '{"answer":"b"}')).toEqual({ warnings: [], answer: 'b' })
})
