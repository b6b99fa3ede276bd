/** The real Claude Code through the whole Errand: what a task may use, and conversations that go on. */

import { test as anyTest, expect } from 'vitest'
import { ISSUE } from '../conversations/world.ts'
import type { Step } from '../models/script.ts'
import { absent, startAgentWorld } from './agentWorld.ts'

const test = anyTest.skipIf(absent('claude'))

const WRITE: Step = {
  text: 'I add the answer to the server.',
  calls: [{ tool: 'Write', input: { file_path: '{{cwd}}/src/health.js', content: 'export const health = "ok"\n' } }],
  usage: { input: 1000, output: 200 },
}

test('a budget that is spent ends it in words, with the work so far pushed', async () => {
  await using it = await startAgentWorld(
    'claude',
    { steps: [WRITE, WRITE, { text: 'Never asked for.' }] },
    { config: { limits: { budget: 0.01 } } },
  )
  const { world, model } = it
  const task = await world.say('developer', '/agent add a health check')
  expect(await world.answer(task)).toMatch(
    /^⏸️ \*\*Paused: its budget of \$0\.01 is spent\.\*\*.*The work so far is on `agent\/TASK`.*\$0\.02\.\n/s,
  )
  expect(await world.file('src/health.js', `agent/${task}`)).toContain('ok')
  expect(model.asked).toHaveLength(2)
})

test('with more money it goes on where it stopped, in the same conversation', async () => {
  const added: Step = { text: 'Went on.' }
  await using it = await startAgentWorld(
    'claude',
    // One of the last two, as Claude Code may have put words of its own behind what was refused.
    { steps: [WRITE, WRITE, added, added] },
    { config: { limits: { budget: 0.01, budgetMax: 5 } } },
  )
  const { world, model } = it
  const first = await world.say('developer', '/agent add a health check')
  expect(await world.answer(first)).toContain('Paused: its budget of $0.01 is spent.')
  await world.over(first)
  const { id: discussion } = await world.thread(first)
  const second = await world.say('developer', '/agent budget 1', { ...ISSUE, discussion })
  expect(await world.answer(second)).toContain('Went on.')
  expect(model.unscripted).toEqual([])
  expect(model.asked.at(-1)?.answers).toBeGreaterThanOrEqual(2)
  expect(new Set(model.asked.map(({ headers }) => headers['x-claude-code-session-id'])).size).toBe(1)
})

test('turns that are made end it in words, with the work so far pushed', async () => {
  await using it = await startAgentWorld(
    'claude',
    { steps: [WRITE, WRITE, { text: 'Never asked for.' }] },
    { config: { limits: { turns: 1 } } },
  )
  const { world, model } = it
  const task = await world.say('developer', '/agent add a health check')
  expect(await world.answer(task)).toMatch(
    /^⏸️ \*\*Paused: the agent used up its turns\.\*\*.*The work so far is on `agent\/TASK`/s,
  )
  expect(await world.file('src/health.js', `agent/${task}`)).toContain('ok')
  expect(model.asked).toHaveLength(1)
})

test('a comment on the merge request goes on with the conversation, in a fresh container', async () => {
  await using it = await startAgentWorld('claude', {
    steps: [
      WRITE,
      { text: 'Added.' },
      { calls: [{ tool: 'Bash', input: { command: 'echo tested > test/health.txt' } }] },
      { text: 'Tested.' },
    ],
  })
  const { world, model } = it
  const first = await world.say('developer', '/agent add a health check')
  await world.answer(first)
  const place = { on: 'merge_requests', iid: 1 } as const
  const second = await world.say('developer', '/agent and a test for it', place)
  expect(await world.answer(second, place)).toContain('Tested.')
  expect(await world.file('test/health.txt', `agent/${first}`)).toBe('tested\n')
  expect(model.asked.map(({ answers }) => answers)).toEqual([0, 1, 2, 3])
  expect(new Set(model.asked.map(({ headers }) => headers['x-claude-code-session-id'])).size).toBe(1)
  expect(model.asked.at(-1)?.prompts).toEqual([
    expect.stringContaining('add a health check'),
    expect.stringContaining('and a test for it'),
  ])
})

test('a plan is made without a change; what is agreed is done in the same conversation', async () => {
  await using it = await startAgentWorld('claude', {
    steps: [WRITE, { text: 'First the server, then its test.' }, WRITE, { text: 'As planned.' }],
  })
  const { world, model } = it
  const plan = await world.say('developer', '/agent plan add a health check')
  expect(await world.answer(plan)).toContain('First the server, then its test.')
  await world.over(plan)
  expect(await world.mergeRequests()).toEqual([])
  const { id: discussion } = await world.thread(plan)
  const work = await world.say('developer', '/agent go', { ...ISSUE, discussion })
  expect(await world.answer(work)).toContain('As planned.')
  expect(await world.mergeRequests()).toHaveLength(1)
  expect(model.asked.map(({ tools }) => tools.includes('Write'))).toEqual([false, false, true, true])
  expect(new Set(model.asked.map(({ headers }) => headers['x-claude-code-session-id'])).size).toBe(1)
})

test('a tool server that does not connect is a line in the reply; one that does is used', async () => {
  const echo = new URL('echoServer.ts', import.meta.url).pathname
  await using it = await startAgentWorld(
    'claude',
    {
      steps: [{ calls: [{ tool: 'mcp__echo__say', input: { text: 'hello' } }] }, { text: '{{last_tool_result}}' }],
    },
    {
      config: {
        tools: { echo: { command: [process.execPath, echo] }, jira: { url: 'http://127.0.0.1:9/mcp' } },
      },
      mayFail: /jira/,
    },
  )
  const answer = await it.world.answer(await it.world.say('developer', '/agent say hello'))
  expect(answer).toContain('It says hello.')
  expect(answer).toContain('The agent had no tools of `jira`: the server did not connect (failed).')
})
