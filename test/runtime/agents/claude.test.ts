import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Exit, Told } from '../../../runtime/agents/agent.ts'
import { tellUse } from '../../../runtime/agents/claudeActivity.ts'
import { type Result, translate } from '../../../runtime/agents/claudeEvents.ts'
import { judge } from '../../../runtime/agents/claudeVerdict.ts'
import { newAttempt } from '../attempt.ts'

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname
const ENDED: Exit = { code: 0, signal: null, said: '' }
const FAILED: Exit = { code: 1, signal: null, said: '' }

function hear(name: string): { told: Told[]; results: Result[] } {
  const heard = readFileSync(`${FIXTURES}/${name}.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => translate(line, '/workspace/repo'))
  return { told: heard.flatMap((one) => one.told), results: heard.flatMap((one) => one.result ?? []) }
}

const activities = (told: readonly Told[]) => told.flatMap((one) => (one.kind === 'activity' ? [one.text] : []))

test('a success: what it does, what it says, what it cost', () => {
  const { told, results } = hear('claude-stream')
  expect(activities(told)).toEqual(['writes server.go', 'runs grep -c /health server.go && git status --short'])
  const log = told.flatMap((one) => (one.kind === 'log' ? [one.text] : []))
  expect(log).toEqual([
    expect.stringMatching(/^errand: Claude Code \d+\.\d+\.\d+, model claude-/),
    "I'll create server.go with a /health endpoint.",
    '> writes server.go',
    expect.stringMatching(/^\| .*server.go has been updated/),
    "Now I'll check the file.",
    '$ grep -c /health server.go && git status --short',
    '| 1\n| ?? server.go',
    'Done: server.go now serves /health.',
  ])
  expect(told.at(-1)).toEqual({ kind: 'done' })
  expect(judge(results, ENDED)).toEqual({
    warnings: [],
    answer: 'Done: server.go now serves /health.',
    usage: { turns: 3, inputTokens: 36962, outputTokens: 203, costUsd: 0.151908 },
  })
})

test('a resumed session costs what this run cost, not what all runs did', () => {
  expect(judge(hear('claude-resume').results, ENDED).usage?.costUsd).toBe(0.049796)
})

test.each([
  ['claude-401', FAILED, 'model-unavailable', 'Invalid API key · Fix external API key'],
  [
    'claude-403-spent',
    FAILED,
    'model-unavailable',
    'The budget of $0.01 for this task is spent ($0.0125). Stop here and summarize; Errand saves your work.',
  ],
  ['claude-429-exhausted', FAILED, 'model-unavailable', /would exceed your rate limit/],
  ['claude-max-budget', FAILED, 'budget-spent', 'Reached maximum budget ($0.07)'],
  ['claude-max-turns', FAILED, 'turns-spent', 'Reached maximum number of turns (2)'],
  ['claude-sigint-during-tool', ENDED, 'agent-error', /./],
])('%s is a failure', (name, exit, cause, message) => {
  const ending = judge(hear(name).results, exit)
  expect(ending.failure).toEqual({
    cause,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
  expect(ending.answer).toBeUndefined()
})

test('tools that fail do not fail the run, and are read in the log', () => {
  const { told, results } = hear('claude-tool-error')
  expect(judge(results, ENDED)).toMatchObject({ answer: expect.stringContaining('Four tools failed') })
  expect(told).toContainEqual({ kind: 'log', text: '! Exit code 3\n! out\n! err' })
})

test('retries and tools of servers are told', () => {
  expect(activities(hear('claude-429-exhausted').told)).toEqual([
    'waits for the model (status 429, try 1 of 2)',
    'waits for the model (status 429, try 2 of 2)',
  ])
  expect(activities(hear('claude-mcp-stdio').told)).toEqual(['uses echo: say', 'uses echo: boom'])
})

test('what a helper does is told as the helper does it', () => {
  const { told, results } = hear('claude-helper')
  expect(activities(told)).toEqual(['asks a helper: Look around', 'a helper reads a.txt'])
  expect(judge(results, ENDED)).toMatchObject({ answer: 'The helper says: there is a.', usage: { costUsd: 0.024 } })
})

test('notices of the system are told in words, and unknown ones are passed over', () => {
  const told = (event: object) => translate(JSON.stringify({ type: 'system', ...event }), '/r').told
  expect(told({ subtype: 'thinking_tokens', estimated_tokens: 50 })).toEqual([{ kind: 'activity', text: 'thinks' }])
  expect(told({ subtype: 'status', status: 'compacting' })).toEqual([
    { kind: 'activity', text: 'sums up what it knows so far' },
  ])
  expect(told({ subtype: 'status', status: null })).toEqual([])
  expect(activities(told({ subtype: 'model_fallback', fallback_model: 'claude-x' }))).toEqual([
    'goes on with the model claude-x',
  ])
  expect(told({ subtype: 'permission_denied', tool_name: 'Bash', message: 'no' })).toEqual([
    { kind: 'log', text: '! not allowed: Bash no' },
  ])
  expect(told({ subtype: 'informational', message: 'x' })).toEqual([])
  expect(told({ subtype: 'init', mcp_servers: 5 })).toHaveLength(1)
})

test.each([
  ['Edit', { file_path: '/r/a.ts' }, 'edits a.ts'],
  ['Grep', { pattern: 'health' }, 'searches for health'],
  ['WebFetch', { url: 'https://example.com' }, 'fetches https://example.com'],
  ['TodoWrite', { todos: [] }, 'plans its work'],
  ['ToolSearch', { query: 'select:x' }, 'looks for a tool'],
  ['mcp__jira__get_issue', {}, 'uses jira: get issue'],
  ['Skill', { skill: 'verify' }, 'uses the skill verify'],
  ['Bash', { command: `first line ${'x'.repeat(200)}\nsecond` }, `runs first line ${'x'.repeat(103)}…`],
])('%s is told in words', (tool, input, words) => {
  expect(activities(tellUse(tool, input, '/r'))).toEqual([words])
})

test('a line of no sense is text, and an event of no sense is nothing', () => {
  expect(translate('npm warn old', '/r').told).toEqual([{ kind: 'log', text: 'npm warn old' }])
  expect(translate('{"type":', '/r').told).toEqual([{ kind: 'log', text: '{"type":' }])
  expect(translate('{"type":"new_thing","x":1}', '/r').told).toEqual([])
  expect(translate('{"type":"user","message":{"content":"text"}}', '/r').told).toEqual([])
  expect(translate('{"type":"assistant","message":{"content":[null,1,{"type":"tool_use"}]}}', '/r').told).toEqual([
    { kind: 'activity', text: 'uses a tool' },
    { kind: 'log', text: '> uses a tool' },
  ])
})

test('paths inside the clone are shown as people write them', () => {
  const read = (path: string) =>
    activities(
      translate(
        JSON.stringify({
          type: 'assistant',
          message: { content: [{ type: 'tool_use', name: 'Read', input: { file_path: path } }] },
        }),
        '/r',
      ).told,
    )
  expect(read('/r/src/a.ts')).toEqual(['reads src/a.ts'])
  expect(read('/etc/passwd')).toEqual(['reads /etc/passwd'])
  expect(read('/r')).toEqual(['reads .'])
})

test('every recording is read without an error', () => {
  const names = readdirSync(FIXTURES).filter((name) => name.startsWith('claude-'))
  expect(names.length).toBeGreaterThan(10)
  for (const name of names) expect(hear(name.replace('.jsonl', '')).results).toHaveLength(1)
})

test('the command line, the prompt and the instructions it gets, and its events all the way to the outcome', async () => {
  const attempt = await newAttempt({
    agent: 'claude',
    prompt: 'Line one; $(touch pwned) `x`\nline two',
    request: { agent: { name: 'claude', model: 'sonnet' } },
  })
  attempt.standIn(`#!/bin/bash
{ echo "args: $*"; echo "prompt: $(cat)"; env | grep -E '^(ANTHROPIC|CLAUDE|IS_SANDBOX|API_)' | sort
  echo "instructions: $(cat "$CLAUDE_CONFIG_DIR/$(sed s/@// "$CLAUDE_CONFIG_DIR/CLAUDE.md")")"; } > seen
cat ${FIXTURES}/claude-stream.jsonl; sleep 0.6
`)
  expect(await attempt.run()).toBe(0)
  const seen = attempt.git('show', 'agent/42-n1337:seen')
  expect(seen).toMatch(
    /^args: -p --output-format stream-json --verbose --dangerously-skip-permissions --session-id [0-9a-f-]{36} --model sonnet --disallowedTools [\w,]+ --setting-sources user --strict-mcp-config$/m,
  )
  expect(seen).toContain('prompt: Line one; $(touch pwned) `x`\nline two\n')
  expect(seen).toContain('instructions: Be brief.')
  expect(seen).toContain(`ANTHROPIC_BASE_URL=${attempt.door.url}/v1/model/anthropic\n`)
  expect(seen).toContain('ANTHROPIC_AUTH_TOKEN=attempt-credential-1\n')
  expect(seen).toContain('CLAUDE_CODE_DISABLE_BACKGROUND_TASKS=1\n')
  expect(seen.includes('IS_SANDBOX=1')).toBe(process.getuid?.() === 0)
  expect(attempt.door.outcome).toMatchObject({
    result: 'pushed',
    answer: 'Done: server.go now serves /health.',
    usage: { turns: 3, costUsd: 0.151908 },
  })
  expect(attempt.door.log.toString()).toContain(
    '\n$ grep -c /health server.go && git status --short\n| 1\n| ?? server.go\n',
  )
  expect(attempt.door.activities).toContain('runs grep -c /health server.go && git status --short')
})
