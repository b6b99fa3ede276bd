/** The real Claude Code in containers that come and go: what it remembers, a plan and its work, tools. */

import { join } from 'node:path'
import { test as anyTest, expect } from 'vitest'
import type { Tool } from '../../runtime/protocol.ts'
import type { Step } from '../models/script.ts'
import { startModel } from '../models/server.ts'
import { type Attempt, exitOf, newAttempt, until, type Wish } from '../runtime/attempt.ts'
import { absent } from './agentWorld.ts'
import { installed } from './install.ts'

const test = anyTest.skipIf(absent('claude'))

const BRANCH = 'agent/42-n1337'
const write = (name: string): Step => ({
  calls: [{ tool: 'Write', input: { file_path: `{{cwd}}/${name}`, content: `${name}\n` } }],
})

/** One project and one door; its Claude Code asks the scripted model itself. */
async function newContainer(steps: readonly Step[], wish: Wish = {}) {
  const model = await startModel({ steps })
  const attempt = await newAttempt({ agent: 'claude', prompt: 'add a health check', ...wish })
  const real = join(installed('claude') ?? '', 'claude')
  attempt.standIn(`#!/bin/sh\nexport ANTHROPIC_BASE_URL='${model.url}'\nexec '${real}' "$@"\n`)
  return { attempt, model, [Symbol.asyncDispose]: model.close }
}

const answer = (attempt: Attempt) => attempt.door.outcome?.answer

test('a follow-up in a fresh container goes on with the conversation, and costs what it costs itself', async () => {
  await using it = await newContainer([
    write('health.js'),
    { text: 'Added.', usage: { input: 100_000, output: 1000 } },
    write('health.test.js'),
    { text: 'Tested.', usage: { input: 1000, output: 100 } },
  ])
  const { attempt, model } = it
  expect(await attempt.run()).toBe(0)
  expect(answer(attempt)).toBe('Added.')
  const before = attempt.door.outcome?.usage

  attempt.again({ session: true, prompt: 'and a test for it' })
  expect(await attempt.run()).toBe(0)
  expect(answer(attempt)).toBe('Tested.')
  expect(attempt.git('ls-tree', '--name-only', BRANCH).split('\n')).toEqual(
    expect.arrayContaining(['health.js', 'health.test.js']),
  )
  expect(attempt.door.outcome?.warnings).toEqual([])
  expect(model.asked.map(({ answers }) => answers)).toEqual([0, 1, 2, 3])
  expect(model.asked.at(-1)?.prompts).toEqual(['add a health check', 'and a test for it'])
  const sessions = model.asked.map(({ headers }) => headers['x-claude-code-session-id'])
  expect(new Set(sessions).size).toBe(1)
  const after = attempt.door.outcome?.usage
  expect(after?.inputTokens).toBe(2000)
  expect(after?.costUsd).toBeLessThan((before?.costUsd ?? 0) / 10)
})

test('stopped in a command, the next container knows what was interrupted', async () => {
  await using it = await newContainer([
    write('health.js'),
    { calls: [{ tool: 'Bash', input: { command: "node -e 'setTimeout(() => {}, 60000)'" } }] },
    // One of the two: Claude Code may put words of its own behind what was interrupted.
    { text: 'It was {{last_tool_result}}' },
    { text: 'It was {{last_tool_result}}' },
  ])
  const { attempt } = it
  const running = attempt.start()
  const exit = exitOf(running)
  await until(() => attempt.door.activities.some((text) => text.startsWith('runs node')))
  running.kill('SIGTERM')
  expect(await exit).toBe(143)
  expect(attempt.git('show', `${BRANCH}:health.js`)).toBe('health.js')

  attempt.again({ session: true, attempt: 2 })
  expect(await attempt.run()).toBe(0)
  // By how far it had come when it was told to end.
  expect(answer(attempt)).toMatch(/^It was (\[Tool call interrupted|The user doesn't want to proceed)/)
})

test('a plan changes nothing; the task that continues it does it, in the same session and with all tools', async () => {
  await using it = await newContainer(
    [
      write('health.js'),
      { text: 'The plan: {{last_tool_result}}' },
      write('health.js'),
      { text: 'Done: {{last_tool_result}}' },
    ],
    { request: { mode: 'plan' } },
  )
  const { attempt, model } = it
  expect(await attempt.run()).toBe(0)
  expect(attempt.door.outcome).toMatchObject({ result: 'unchanged', answer: expect.stringContaining('No such tool') })
  const [planned] = model.asked
  expect(planned?.whole).toContain('You are asked for a plan')
  expect(planned?.tools).toEqual(expect.arrayContaining(['Read', 'Glob', 'Grep']))
  expect(planned?.tools).not.toEqual(expect.arrayContaining(['Write']))
  expect(planned?.tools).not.toEqual(expect.arrayContaining(['Bash']))

  attempt.again({ mode: 'do', session: true, prompt: 'do it' })
  expect(await attempt.run()).toBe(0)
  expect(attempt.git('show', `${BRANCH}:health.js`)).toBe('health.js')
  const worked = model.asked.at(-1)
  expect(worked?.prompts).toEqual(['add a health check', 'do it'])
  expect(worked?.whole).not.toContain('You are asked for a plan')
  expect(worked?.tools).toEqual(expect.arrayContaining(['Write', 'Bash']))
  expect(worked?.tools).not.toEqual(expect.arrayContaining(['EnterWorktree']))
})

test('tools: what connects is used, what does not is named', async () => {
  const echo = new URL('echoServer.ts', import.meta.url).pathname
  const tools: readonly Tool[] = [
    { name: 'echo', at: 'image', command: [process.execPath, echo], env: {} },
    { name: 'jira', at: 'door' },
    { name: 'lint', at: 'image', command: ['no-such-program'], env: {} },
  ]
  await using it = await newContainer(
    [{ calls: [{ tool: 'mcp__echo__say', input: { text: 'hello' } }] }, { text: '{{last_tool_result}}' }],
    { request: { tools } },
  )
  expect(await it.attempt.run()).toBe(0)
  expect(answer(it.attempt)).toBe('It says hello.')
  expect(it.attempt.door.outcome?.warnings).toEqual([
    'The agent had no tools of `jira`: the server did not connect (failed). Whoever runs Errand finds the reason in its log.',
    'The agent had no tools of `lint`: `no-such-program` did not start, or did not answer (failed).',
  ])
  expect(it.attempt.door.activities).toContain('uses echo: say')
  expect(it.attempt.door.seen).toContainEqual(expect.stringContaining('/v1/tools/jira'))
})
