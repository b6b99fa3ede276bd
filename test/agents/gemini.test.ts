/** The real Gemini CLI through the whole Errand, from a comment to what people read. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test as anyTest, expect } from 'vitest'
import { runsFolder } from '../../src/commands/runs.ts'
import { ISSUE } from '../conversations/world.ts'
import type { Step } from '../models/script.ts'
import { absent, KEY, startAgentWorld, untilGone } from './agentWorld.ts'

const test = anyTest.skipIf(absent('gemini'))

const WRITE: Step = {
  text: 'I add the answer to the server.',
  calls: [
    { tool: 'write_file', input: { file_path: '{{cwd}}/src/health.js', content: 'export const health = "ok"\n' } },
  ],
  usage: { input: 1000, output: 200 },
}
const run = (command: string): Step => ({
  calls: [{ tool: 'run_shell_command', input: { command, description: 'Tries it' } }],
})
/** By its own choice it would ask a small model first which one to use. */
const PRO = { config: { agent: { name: 'gemini', model: 'gemini-2.5-pro' } } }

test('an edit and a commit of its own become a merge request, and the reply says what it took', async () => {
  await using it = await startAgentWorld(
    'gemini',
    {
      steps: [
        WRITE,
        run('git add --all && git commit --quiet --message "Add a health check" && node --check src/health.js && env'),
        { text: 'The shop answers on `/health` now.', usage: { input: 2000, output: 300 } },
      ],
    },
    PRO,
  )
  const { world, model } = it
  const task = await world.say('developer', '/agent add a health check')
  expect(await world.answer(task)).toMatch(
    /^✅ \*\*\[!1\]\(.*\) is ready for review.*\n\nThe shop answers on `\/health` now\.\n\n1 file: `src\/health\.js` \+1 −0\. Took N s, 3 turns/,
  )
  const [mergeRequest] = await world.mergeRequests()
  expect(mergeRequest).toMatchObject({ title: 'Add a health check', source_branch: `agent/${task}` })
  expect(await world.file('src/health.js', `agent/${task}`)).toBe('export const health = "ok"\n')

  const [first] = model.asked
  expect(model.asked).toHaveLength(3)
  expect([model.unscripted, model.unknown]).toEqual([[], []])
  expect(first?.headers['x-goog-api-key']).toBe(KEY)
  expect(first?.prompts.at(-1)).toContain('add a health check')
  expect(first?.whole, 'the instructions of the repository').toContain('Prices are whole cents.')
  const page = await world.shown(task)
  expect(page).toContain('writes src/health.js')
  expect(page, 'it did print its environment').toContain('GEMINI_CLI=1')
  expect(page).not.toContain(KEY)
})

test('tools that fail are survived', async () => {
  await using it = await startAgentWorld(
    'gemini',
    {
      steps: [
        { calls: [{ tool: 'read_file', input: { file_path: '{{cwd}}/nowhere.js' } }] },
        { calls: [{ tool: 'no_such_tool', input: {} }] },
        run('echo broken; exit 3'),
        { text: 'Nothing to do after {{last_tool_result}}' },
      ],
    },
    PRO,
  )
  const task = await it.world.say('developer', '/agent look')
  expect(await it.world.answer(task)).toMatch(/Nothing to do after .*broken/s)
  const page = await it.world.shown(task)
  expect(page).toContain('! File not found')
  expect(page).toContain('$ echo broken; exit 3\n| broken')
})

test('a key that is refused ends it at once, in words', async () => {
  await using it = await startAgentWorld(
    'gemini',
    { steps: [{ error: { status: 401, message: 'Incorrect API key' }, times: 'always' }] },
    { ...PRO, mayFail: /refused the key/ },
  )
  const task = await it.world.say('developer', '/agent add a health check')
  expect(await it.world.answer(task)).toMatch(
    /^❌ .*the model could not be used\.\*\*\n\n```text\nGemini refused the key that Errand uses\. Set a valid GEMINI_API_KEY where Errand runs\.\n```/,
  )
})

test('a model that is busy for a moment is waited for', async () => {
  await using it = await startAgentWorld(
    'gemini',
    {
      steps: [
        { error: { status: 429, headers: { 'retry-after': '0' } } },
        WRITE,
        { error: { status: 529 } },
        { text: 'Done.' },
      ],
    },
    PRO,
  )
  const task = await it.world.say('developer', '/agent add a health check')
  expect(await it.world.answer(task)).toContain('Done.')
  expect(await it.world.file('src/health.js', `agent/${task}`)).toContain('ok')
  const page = await it.world.shown(task)
  expect(page).toContain('waits for the model (status 429, try 1)')
})

test('a model that stays busy ends it within a minute; the work so far is on the branch', async () => {
  await using it = await startAgentWorld(
    'gemini',
    {
      steps: [WRITE, { error: { status: 529, message: 'Overloaded' }, times: 'always' }],
    },
    PRO,
  )
  const task = await it.world.say('developer', '/agent add a health check')
  expect(await it.world.answer(task)).toMatch(
    /^❌ .*the model could not be used\.\*\*\n\n```text\nThe model answered 529: Overloaded\n```\n\nThe work so far is on `agent\/TASK`, commit COMMIT\.\n/,
  )
  expect(await it.world.file('src/health.js', `agent/${task}`)).toContain('ok')
})

test('a budget that is spent ends it in words, with the work so far pushed', async () => {
  await using it = await startAgentWorld(
    'gemini',
    { steps: [WRITE, WRITE, { text: 'Never asked for.' }] },
    {
      config: {
        agent: { name: 'gemini', model: 'gemini-scripted' },
        limits: { budget: 0.001 },
        models: { prices: { 'gemini-scripted': { input: 1, output: 1 } } },
      },
    },
  )
  const { world, model } = it
  const task = await world.say('developer', '/agent add a health check')
  expect(await world.answer(task)).toMatch(
    /^⏸️ \*\*Paused: its budget of \$0\.001 is spent\.\*\*.*The work so far is on `agent\/TASK`/s,
  )
  expect(await world.file('src/health.js', `agent/${task}`)).toContain('ok')
  expect(model.asked).toHaveLength(1)
})

test('stopped in the middle of a command, its work is on the branch and nothing is left running', async () => {
  const wait = `node -e 'require("fs").writeFileSync("pid", String(process.pid)); setTimeout(() => {}, 60000)'`
  await using it = await startAgentWorld('gemini', { steps: [WRITE, run(wait)] }, PRO)
  const { world } = it
  const task = await world.say('developer', '/agent add a health check')
  const written = join(runsFolder(world.config), `${task}-1`, 'workspace', 'repo', 'pid')
  await world.until('the command to run', async () => (existsSync(written) ? true : undefined))
  const { id: discussion } = await world.thread(task)
  await world.say('developer', '/agent stop', { ...ISSUE, discussion })
  expect(await world.answer(task)).toContain('**Stopped**, as `@developer` asked.')
  expect(await world.file('src/health.js', `agent/${task}`)).toContain('ok')
  const pid = Number(await world.file('pid', `agent/${task}`))
  expect(pid).toBeGreaterThan(1)
  await untilGone(world, pid)
})

test('stopped while the model is silent', async () => {
  await using it = await startAgentWorld('gemini', { steps: [WRITE, { hang: true, times: 'always' }] }, PRO)
  const { world, model } = it
  const task = await world.say('developer', '/agent add a health check')
  await world.until('the second call of the model', async () => (model.asked.length > 1 ? true : undefined))
  await world.say('developer', '/agent stop')
  expect(await world.answer(task)).toContain('**Stopped**, as `@developer` asked.')
  expect(await world.file('src/health.js', `agent/${task}`)).toContain('ok')
})

test('a comment on the merge request goes on with the conversation, in a fresh container', async () => {
  await using it = await startAgentWorld(
    'gemini',
    {
      steps: [WRITE, { text: 'Added.' }, run('echo tested > test/health.txt'), { text: 'Tested.' }],
    },
    PRO,
  )
  const { world, model } = it
  const first = await world.say('developer', '/agent add a health check')
  await world.answer(first)
  const place = { on: 'merge_requests', iid: 1 } as const
  const second = await world.say('developer', '/agent and a test for it', place)
  expect(await world.answer(second, place)).toContain('Tested.')
  expect(await world.file('test/health.txt', `agent/${first}`)).toBe('tested\n')
  expect(model.asked.map(({ answers }) => answers)).toEqual([0, 1, 2, 3])
  expect(model.asked.at(-1)?.prompts).toEqual([
    expect.stringContaining('add a health check'),
    expect.stringContaining('and a test for it'),
  ])
})
