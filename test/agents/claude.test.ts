/** The real Claude Code through the whole Errand, from a comment to what people read. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test as anyTest, expect } from 'vitest'
import { runsFolder } from '../../src/commands/runs.ts'
import { ISSUE } from '../conversations/world.ts'
import type { Step } from '../models/script.ts'
import { absent, KEY, startAgentWorld, untilGone } from './agentWorld.ts'

const test = anyTest.skipIf(absent('claude'))

const WRITE: Step = {
  text: 'I add the answer to the server.',
  calls: [{ tool: 'Write', input: { file_path: '{{cwd}}/src/health.js', content: 'export const health = "ok"\n' } }],
  usage: { input: 1000, output: 200 },
}
const bash = (command: string): Step => ({ calls: [{ tool: 'Bash', input: { command } }] })

test('an edit and a commit of its own become a merge request, and the reply says what it cost', async () => {
  await using it = await startAgentWorld('claude', {
    steps: [
      WRITE,
      bash('git add --all && git commit --quiet --message "Add a health check" && node --check src/health.js && env'),
      { text: 'The shop answers on `/health` now.', usage: { input: 2000, output: 300 } },
    ],
  })
  const { world, model } = it
  const task = await world.say('developer', '/agent add a health check')
  expect(await world.answer(task)).toMatch(
    /^✅ \*\*\[!1\]\(.*\) is ready for review.*\n\nThe shop answers on `\/health` now\.\n\n1 file: `src\/health\.js` \+1 −0\. Took N s, 3 turns, \$0\.03\.\n/,
  )
  const [mergeRequest] = await world.mergeRequests()
  expect(mergeRequest).toMatchObject({ title: 'Add a health check', source_branch: `agent/${task}` })
  expect(await world.file('src/health.js', `agent/${task}`)).toBe('export const health = "ok"\n')

  const [first] = model.asked
  expect(model.asked).toHaveLength(3)
  expect([model.unscripted, model.unknown]).toEqual([[], []])
  expect(first?.headers['x-api-key']).toBe(KEY)
  expect(first?.headers.authorization).toBeUndefined()
  expect(first?.prompts.at(-1)).toContain('add a health check')
  expect(first?.whole, 'the instructions of the repository').toContain('Prices are whole cents.')
  const page = await world.shown(task)
  expect(page).toContain('writes src/health.js')
  expect(page, 'it did print its environment').toContain('ANTHROPIC_AUTH_TOKEN=')
  expect(page).not.toContain(KEY)
})

test('tools that fail are survived', async () => {
  await using it = await startAgentWorld('claude', {
    steps: [
      {
        calls: [
          { tool: 'Read', input: { file_path: '{{cwd}}/nowhere.js' } },
          { tool: 'Bash', input: { command: 'echo broken; exit 3' } },
          { tool: 'NoSuchTool', input: {} },
        ],
      },
      { text: 'Nothing to do after {{last_tool_result}}' },
    ],
  })
  const task = await it.world.say('developer', '/agent look')
  expect(await it.world.answer(task)).toContain('Nothing to do after Exit code 3\nbroken')
  const page = await it.world.shown(task)
  expect(page).toMatch(/^! .*File does not exist/m)
  expect(page).toContain('! Exit code 3\n! broken')
  expect(page).toContain('No such tool available: NoSuchTool')
})

test('a key that is refused ends it at once, in words', async () => {
  await using it = await startAgentWorld(
    'claude',
    { steps: [{ error: { status: 401, message: 'invalid x-api-key' }, times: 'always' }] },
    { mayFail: /refused the key/ },
  )
  const task = await it.world.say('developer', '/agent add a health check')
  expect(await it.world.answer(task)).toMatch(
    /^❌ .*the model could not be used\.\*\*\n\n```text\nAnthropic refused the key that Errand uses\. Set a valid ANTHROPIC_API_KEY where Errand runs\.\n```/,
  )
  expect(it.model.asked).toHaveLength(1)
})

test('a model that is busy for a moment is waited for', async () => {
  await using it = await startAgentWorld('claude', {
    steps: [
      { error: { status: 429, headers: { 'retry-after': '0' } } },
      WRITE,
      { drop: 4, text: 'This is cut off in the middle of a longer sentence, which is begun again.' },
      { error: { status: 529 } },
      { text: 'Done.' },
    ],
  })
  const task = await it.world.say('developer', '/agent add a health check')
  expect(await it.world.answer(task)).toContain('Done.')
  expect(await it.world.file('src/health.js', `agent/${task}`)).toContain('ok')
  const page = await it.world.shown(task)
  expect(page).toContain('waits for the model (status 429, try 1 of 10)')
  expect(page).toContain('waits for the model (no answer, try 1 of 10)')
})

test('a model that stays busy ends it; the work so far is on the branch', async () => {
  await using it = await startAgentWorld(
    'claude',
    { steps: [WRITE, { error: { status: 529, message: 'Overloaded' }, times: 'always' }] },
    { agentEnvironment: { CLAUDE_CODE_MAX_RETRIES: '2' } },
  )
  const task = await it.world.say('developer', '/agent add a health check')
  expect(await it.world.answer(task)).toMatch(
    /^❌ .*the model could not be used\.\*\*\n\n```text\nAPI Error: 529 Overloaded\. This is a server-side issue, usually temporary — try again in a moment\.\n```\n\nThe work so far is on `agent\/TASK`, commit COMMIT\.\n/,
  )
  expect(await it.world.file('src/health.js', `agent/${task}`)).toContain('ok')
  expect(it.model.asked).toHaveLength(4)
})

test('stopped in the middle of a command, its work is on the branch and nothing is left running', async () => {
  const wait = `node -e 'require("fs").writeFileSync("pid", String(process.pid)); setTimeout(() => {}, 60000)'`
  await using it = await startAgentWorld('claude', { steps: [WRITE, bash(wait)] })
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
  await using it = await startAgentWorld('claude', { steps: [WRITE, { hang: true, times: 'always' }] })
  const { world, model } = it
  const task = await world.say('developer', '/agent add a health check')
  await world.until('the second call of the model', async () => (model.asked.length > 1 ? true : undefined))
  await world.say('developer', '/agent stop')
  expect(await world.answer(task)).toContain('**Stopped**, as `@developer` asked.')
  expect(await world.file('src/health.js', `agent/${task}`)).toContain('ok')
})
