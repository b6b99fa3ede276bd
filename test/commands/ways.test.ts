import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { waysOf } from '../../src/commands/ways.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { parseProjectFile } from '../../src/gitlab/projectFile.ts'

/** As an operator configures it, by the file of settings. */
function operator(yaml = ''): Config {
  const folder = mkdtempSync(join(tmpdir(), 'errand-ways-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'errand.yaml')
  writeFileSync(path, yaml)
  return readConfig({
    ERRAND_CONFIG: path,
    GITLAB_URL: 'https://gitlab.example.com',
    GITLAB_TOKEN: 'glpat-x',
    WEBHOOK_SECRETS: 'a-webhook-secret',
    REDIS_URL: 'redis://127.0.0.1:6379',
    ERRAND_URL: 'http://127.0.0.1:8080',
    ERRAND_DOOR_URL: 'http://127.0.0.1:8081',
    ERRAND_KEY: 'k'.repeat(32),
    ERRAND_RUNNER: 'local',
  })
}

const ways = (yaml: string, file: string) => waysOf(operator(yaml), parseProjectFile(file))

test('without a file it is as the operator set it', () => {
  const settings = 'trigger: /bot\nagent: { model: opus }\nrole: maintainer\nlimits: { budget: 3 }\npipelines: 1\n'
  const asSet = {
    trigger: '/bot',
    agent: 'claude',
    agents: ['claude'],
    model: 'opus',
    budget: 3,
    budgetMax: 100,
    labels: { todo: 'agent-todo', doing: 'agent-doing', done: 'agent-done', failed: 'agent-failed' },
    pipelineTries: 1,
    merge: {},
    who: { level: 40 },
    hints: [],
  }
  expect(waysOf(operator(settings))).toEqual(asSet)
  expect(ways(settings, '# nothing yet')).toEqual(asSet)
})

test('what the file says goes before it', () => {
  const settings = `
agents: [rehearsal]
tools: { sentry: { url: "https://mcp.example.com" }, docs: { command: [mcp-docs] } }
kubernetes: { image: errand-runtime, images: { node-24: registry.example.com/node-24 } }
`
  const file = `
agent: rehearsal
model: none
limits: { turns: 50, budget: 7.5, time: 30 }
trigger: /do
labels: { todo: please }
who: [Dora]
image: node-24
setup: ci/setup.sh
instructions: Write British English.
tools: [docs]
merge_request: { draft: true, target_branch: next, auto_description: false, reviewers: ["@max"], labels: [bot] }
pipeline_retries: 0
`
  expect(ways(settings, file)).toEqual({
    trigger: '/do',
    agent: 'rehearsal',
    agents: ['claude', 'rehearsal'],
    model: 'none',
    budget: 7.5,
    budgetMax: 100,
    turns: 50,
    time: 1800,
    base: 'next',
    image: 'node-24',
    setup: 'ci/setup.sh',
    instructions: 'Write British English.',
    tools: ['docs'],
    labels: { todo: 'please', doing: 'agent-doing', done: 'agent-done', failed: 'agent-failed' },
    pipelineTries: 0,
    merge: { draft: true, describe: false, reviewers: ['max'], labels: ['bot'] },
    who: { level: 30, people: ['Dora'] },
    hints: [],
  })
})

const BOUNDED: readonly (readonly [settings: string, file: string, ways: object, hint: RegExp])[] = [
  [
    'locked: [model]\nagent: { model: opus }',
    'model: haiku',
    { model: 'opus' },
    /line 1, .*`model` is set by the operator/,
  ],
  ['locked: [limits]', 'limits:\n  budget: 1', { budget: 20 }, /line 2, .*`limits\.budget` is set by the operator/],
  ['limits: { budgetMax: 30 }', 'limits: { budget: 50 }', { budget: 30 }, /\$30 is the most here/],
  ['limits: { turns: 10 }', 'limits: { turns: 11 }', { turns: 10 }, /10 is the most here/],
  ['limits: { agent: 600 }', 'limits: { time: 1h }', { time: 600 }, /10 min is the most here/],
  ['', 'agent: rehearsal', { agent: 'claude' }, /no such one here\. There is `claude`/],
  ['models: { names: [opus] }', 'model: opsu', { model: undefined }, /Did you mean `opus`/],
  ['', 'image: node-24', { image: undefined }, /There is none to choose from/],
  ['tools: { docs: { command: [x] } }', 'tools: [docs, sentry]', { tools: ['docs'] }, /`tools` holds `sentry`/],
  ['role: maintainer', 'who: developer', { who: { level: 40 } }, /maintainer is the least here/],
  ['', 'colour: blue', { agent: 'claude' }, /line 1, column 1: `colour` is no setting/],
]

test.each(BOUNDED)('within what the operator allows: %s / %s', (settings, file, expected, hint) => {
  const found = ways(settings, file)
  expect(found).toMatchObject(expected)
  expect(found.hints).toEqual([expect.stringMatching(hint)])
})

test('who names a higher role asks for it, and a list is one of people who have the role', () => {
  expect(ways('', 'who: owner').who).toEqual({ level: 50 })
  expect(ways('role: maintainer', 'who: [dora]').who).toEqual({ level: 40, people: ['dora'] })
})

test("the operator's model is not told to another agent", () => {
  expect(ways('agents: [rehearsal]\nagent: { model: opus }', 'agent: rehearsal').model).toBeUndefined()
})

test('a lock on a key that there is not would lock nothing, so Errand does not start with it', () => {
  expect(() => operator('locked: [limits.bugdet]')).toThrow(/locked\.0: none of agent, model, limits, limits\.turns/)
})
