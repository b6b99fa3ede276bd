import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hintOf, parseProjectFile } from '../../src/gitlab/projectFile.ts'
import { applyProjectFile, type Bounds } from '../../src/gitlab/projectFileBounds.ts'
import { agentFileJsonSchema } from '../../src/gitlab/projectFileSchema.ts'

const WHOLE = `# How Errand works here
agent: claude
model: opus
limits:
  turns: 50
  budget: 7.5
  time: 1h 30m
trigger: /bot
labels: { todo: to do, doing: doing, done: done, failed: "failed :(" }
who: [dora, "@max"]
image: node-24
setup: ci/agent-setup.sh
instructions: |
  Write British English.
tools: [sentry]
merge_request:
  draft: true
  labels: [bot, "needs review"]
  reviewers: ["@max"]
  target_branch: release/2.x
  squash: true
  remove_source_branch: false
  auto_description: true
pipeline_retries: 0
`

test('everything', () => {
  const { settings, problems, places } = parseProjectFile(WHOLE)
  expect(problems).toEqual([])
  expect(settings).toEqual({
    agent: 'claude',
    model: 'opus',
    limits: { turns: 50, budget: 7.5, time: 5400 },
    trigger: '/bot',
    labels: { todo: 'to do', doing: 'doing', done: 'done', failed: 'failed :(' },
    who: ['dora', 'max'],
    image: 'node-24',
    setup: 'ci/agent-setup.sh',
    instructions: 'Write British English.\n',
    tools: ['sentry'],
    merge_request: {
      draft: true,
      labels: ['bot', 'needs review'],
      reviewers: ['max'],
      target_branch: 'release/2.x',
      squash: true,
      remove_source_branch: false,
      auto_description: true,
    },
    pipeline_retries: 0,
  })
  expect(places.get('limits.budget')).toEqual({ line: 6, column: 3 })
})

test.each(['', '\n', '# only a comment\n', '---\n', '\ufeff', '{}', 'null'])('nothing in it: %j', (text) => {
  expect(parseProjectFile(text)).toMatchObject({ settings: {}, problems: [] })
})

test.each([
  ['90', 5400],
  ['0.5h', undefined],
  ['"90"', undefined],
  ['2h', 7200],
  ['45m', 2700],
  ['45 minutes', 2700],
  ['1 hour 5 min', 3900],
  ['1h30m', 5400],
  ['24h', 86_400],
  ['25h', undefined],
  ['0', undefined],
  ['h', undefined],
  ['""', undefined],
])('a time: %s', (written, seconds) => {
  expect(parseProjectFile(`limits:\n  time: ${written}`).settings).toEqual({
    limits: seconds === undefined ? {} : { time: seconds },
  })
})

/** What the next task's author is told, as he reads it. */
const told = (text: string): string => parseProjectFile(text).problems.map(hintOf).join('\n')

test('what is not understood costs only itself, and is told with its line', () => {
  const text = `modle: opus
agent: Claude Code
colour: blue
model: 4.5
limits:
  budget: five
  turns: 1.5
  tiem: 30
  time: 3 days
labels: agent-todo
who: reporter
setup: ../../etc/passwd
tools: sentry
merge_request:
  draft: yes
  labels: [bot, 3]
  reviewers: [dora, "not a name!"]
  target_branch:
  squash: [true]
trigger: { a: 1 }
pipeline_retries: 20
instructions: ${'x'.repeat(10_001)}
`
  const { settings } = parseProjectFile(text)
  expect(settings).toEqual({ limits: {}, merge_request: {} })
  expect(told(text)).toMatchInlineSnapshot(`
    "\`.gitlab/agent.yml\`, line 1, column 1: \`modle\` is no setting. Did you mean \`model\`?
    \`.gitlab/agent.yml\`, line 2, column 8: \`agent\` is the text \`Claude Code\`. It should be the name of an agent, as claude.
    \`.gitlab/agent.yml\`, line 3, column 1: \`colour\` is no setting. There are \`agent\`, \`model\`, \`limits\`, \`trigger\`, \`labels\`, \`who\`, \`image\`, \`setup\`, \`instructions\`, \`tools\`, \`merge_request\`, \`pipeline_retries\`.
    \`.gitlab/agent.yml\`, line 4, column 8: \`model\` is the number 4.5. It should be the name of a model, as opus. In quotes it is: \`"4.5"\`.
    \`.gitlab/agent.yml\`, line 6, column 11: \`limits.budget\` is the text \`five\`. It should be a number of US dollars, as 5.
    \`.gitlab/agent.yml\`, line 7, column 10: \`limits.turns\` is the number 1.5. It should be a whole number from 1 to 10000.
    \`.gitlab/agent.yml\`, line 8, column 3: \`limits.tiem\` is no setting. Did you mean \`time\`?
    \`.gitlab/agent.yml\`, line 9, column 9: \`limits.time\` is the text \`3 days\`. It should be a time of up to 24 hours, as 90 (minutes) or 1h 30m.
    \`.gitlab/agent.yml\`, line 10, column 1: \`labels\` has keys below it. Write them in lines of their own, pushed in: todo, doing, done, failed.
    \`.gitlab/agent.yml\`, line 11, column 6: \`who\` is the text \`reporter\`. It should be developer, maintainer, owner, or a list of user names.
    \`.gitlab/agent.yml\`, line 12, column 8: \`setup\` is the text \`../../etc/passwd\`. It should be a path in the repository, as ci/agent-setup.sh.
    \`.gitlab/agent.yml\`, line 13, column 8: \`tools\` is the text \`sentry\`. It should be a list of names from your Errand operator's list.
    \`.gitlab/agent.yml\`, line 15, column 10: \`merge_request.draft\` is the text \`yes\`. It should be true or false.
    \`.gitlab/agent.yml\`, line 16, column 17: \`merge_request.labels\` holds the number 3. It should be a list of labels.
    \`.gitlab/agent.yml\`, line 17, column 21: \`merge_request.reviewers\` holds the text \`not a name!\`. It should be a list of user names.
    \`.gitlab/agent.yml\`, line 18, column 3: \`merge_request.target_branch\` has no value. Give it one, or remove the line.
    \`.gitlab/agent.yml\`, line 19, column 11: \`merge_request.squash\` is a list. It should be true or false.
    \`.gitlab/agent.yml\`, line 20, column 10: \`trigger\` is a group of keys. It should be a slash and a word, as /agent.
    \`.gitlab/agent.yml\`, line 21, column 19: \`pipeline_retries\` is the number 20. It should be a whole number from 0 to 10.
    \`.gitlab/agent.yml\`, line 22, column 15: \`instructions\` is a text of 10001 characters. It should be a text of up to 10000 characters."
  `)
})

test('what is right in a file with mistakes counts', () => {
  expect(parseProjectFile('modle: x\nmodel: opus\nlimits:\n  budget: x\n  turns: 5\n').settings).toEqual({
    model: 'opus',
    limits: { turns: 5 },
  })
})

test('what is no file of settings at all', () => {
  const texts = [
    'model: opus\n  agent: claude',
    'model: "opus',
    'model: opus\nmodel: haiku',
    '- model: opus',
    'opus',
    'a: 1\n---\nb: 2',
    'model: *opus',
    'x: [',
    `# ${'x'.repeat(65 * 1024)}`,
  ]
  expect(texts.map(told).join('\n')).toMatchInlineSnapshot(`
    "\`.gitlab/agent.yml\`, line 1, column 8: it is no YAML: \`Nested mappings are not allowed in compact mappings\`. Until then nothing in it counts.
    \`.gitlab/agent.yml\`, line 1, column 13: it is no YAML: \`Missing closing "quote\`. Until then nothing in it counts.
    \`.gitlab/agent.yml\`, line 2, column 1: it is no YAML: \`Map keys must be unique\`. Until then nothing in it counts.
    \`.gitlab/agent.yml\`, line 1, column 1: it holds no keys. Write it as \`key: value\`.
    \`.gitlab/agent.yml\`, line 1, column 1: it holds no keys. Write it as \`key: value\`.
    \`.gitlab/agent.yml\`, line 2, column 1: it is no YAML: \`Source contains multiple documents; please use YAML.parseAllDocuments()\`. Until then nothing in it counts.
    \`.gitlab/agent.yml\`, line 1, column 1: \`model\` has no value. Give it one, or remove the line.
    \`.gitlab/agent.yml\`, line 1, column 5: it is no YAML: \`Flow sequence in block collection must be sufficiently indented and end with a ]\`. Until then nothing in it counts.
    \`.gitlab/agent.yml\`, line 1, column 1: it has more than 64 KB. Until it is smaller nothing in it counts."
  `)
  expect(texts.every((text) => Object.keys(parseProjectFile(text).settings).length === 0)).toBe(true)
})

test('an alias is understood, a bomb of them is not set off', () => {
  expect(parseProjectFile('tools: &x [a]\nmerge_request:\n  labels: *x\n').settings).toEqual({
    tools: ['a'],
    merge_request: { labels: ['a'] },
  })
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...[...'bcdefgh'].map((letter, index) => `${letter}: &${letter} [${`*${'abcdefg'[index]},`.repeat(9)}]`),
  ]
  const { settings, problems } = parseProjectFile(`${bomb.join('\n')}\ntools: *h\nmodel: opus`)
  expect(settings).toEqual({ model: 'opus' })
  expect(problems.at(-1)).toMatchObject({ key: 'tools', line: 9, problem: 'is too many aliases' })
  expect(parseProjectFile('tools: &a [*a]').settings).toEqual({})
})

test.each([
  ['nested lists', '['.repeat(60_000)],
  ['nested maps', '{a: '.repeat(15_000)],
  ['nested by lines', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['many keys', Array.from({ length: 8_000 }, (_, index) => `k${index}: 1`).join('\n')],
  ['one long text', `model: ${'x '.repeat(30_000)}`],
  ['anchors', '&a '.repeat(20_000)],
  ['quotes', '"'.repeat(60_000)],
  ['white space', ' '.repeat(60_000)],
])(
  'a hostile file is read to its end: %s',
  (_, text) => {
    expect(parseProjectFile(text).settings).toEqual({})
  },
  20_000,
)

test('of many mistakes some are told', () => {
  const { problems } = parseProjectFile(Array.from({ length: 100 }, (_, index) => `k${index}: 1`).join('\n'))
  expect(problems).toHaveLength(20)
})

test('whatever the file: it is read, and every problem has a line of it', () => {
  const parts = fc.constantFrom(
    ...[
      'model: ',
      'limits:',
      '  budget: ',
      'who: ',
      'opus',
      '5',
      '[',
      ']',
      '{',
      '}',
      '\n',
      '\n',
      '- ',
      '"',
      "'",
      '|',
      '&a ',
      '*a',
    ],
    ...[
      'merge_request:',
      '  draft: ',
      'true',
      '# ',
      ': ',
      ',',
      '!!binary ',
      '? ',
      '<<: ',
      '\t',
      '---\n',
      '%',
      '@',
      '`',
    ],
  )
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 20 }), (words) => {
      const text = words.join('')
      const lines = text.split('\n').length
      for (const { line, column, problem, cure } of parseProjectFile(text).problems) {
        expect(line).toBeGreaterThanOrEqual(1)
        expect(line).toBeLessThanOrEqual(lines)
        expect(column).toBeGreaterThanOrEqual(1)
        expect(`${problem}${cure}`).not.toContain('undefined')
      }
    }),
    { numRuns: 2000 },
  )
})

const OPEN: Bounds = { locked: [], most: {}, role: 'developer' }
const applied = (bounds: Partial<Bounds>, text = WHOLE) =>
  applyProjectFile({ ...OPEN, ...bounds }, parseProjectFile(text))

test('where nothing is locked or bounded all of it counts', () => {
  const { settings, problems } = applied({})
  expect(settings).toEqual(parseProjectFile(WHOLE).settings)
  expect(problems).toEqual([])
})

test('the operator locks, bounds, and names what there is; each is told', () => {
  const { settings, problems } = applied({
    locked: ['model', 'merge_request', 'limits.turns'],
    most: { turns: 10, budget: 5, time: 3600, pipelineRetries: 1 },
    agents: ['claude', 'codex'],
    images: ['node-22', 'node-20'],
    tools: ['sentri'],
    role: 'maintainer',
  })
  expect(settings).toEqual({
    agent: 'claude',
    limits: { budget: 5, time: 3600 },
    trigger: '/bot',
    labels: { todo: 'to do', doing: 'doing', done: 'done', failed: 'failed :(' },
    who: ['dora', 'max'],
    setup: 'ci/agent-setup.sh',
    instructions: 'Write British English.\n',
    tools: [],
    merge_request: {},
    pipeline_retries: 0,
  })
  expect(problems.map(hintOf).join('\n')).toMatchInlineSnapshot(`
    "\`.gitlab/agent.yml\`, line 3, column 1: \`model\` is set by the operator of your Errand for all projects. Remove the line, or ask the operator to open it to projects.
    \`.gitlab/agent.yml\`, line 5, column 3: \`limits.turns\` is set by the operator of your Errand for all projects. Remove the line, or ask the operator to open it to projects.
    \`.gitlab/agent.yml\`, line 6, column 3: \`limits.budget\` is $7.5, and $5 is the most here. $5 counts instead.
    \`.gitlab/agent.yml\`, line 7, column 3: \`limits.time\` is 90 min, and 60 min is the most here. 60 min counts instead.
    \`.gitlab/agent.yml\`, line 11, column 1: \`image\` is \`node-24\`, and there is no such one here. Did you mean \`node-22\`?
    \`.gitlab/agent.yml\`, line 15, column 1: \`tools\` holds \`sentry\`, and there is no such one here. Did you mean \`sentri\`?
    \`.gitlab/agent.yml\`, line 17, column 3: \`merge_request.draft\` is set by the operator of your Errand for all projects. Remove the line, or ask the operator to open it to projects.
    \`.gitlab/agent.yml\`, line 18, column 3: \`merge_request.labels\` is set by the operator of your Errand for all projects. Remove the line, or ask the operator to open it to projects.
    \`.gitlab/agent.yml\`, line 19, column 3: \`merge_request.reviewers\` is set by the operator of your Errand for all projects. Remove the line, or ask the operator to open it to projects.
    \`.gitlab/agent.yml\`, line 20, column 3: \`merge_request.target_branch\` is set by the operator of your Errand for all projects. Remove the line, or ask the operator to open it to projects.
    \`.gitlab/agent.yml\`, line 21, column 3: \`merge_request.squash\` is set by the operator of your Errand for all projects. Remove the line, or ask the operator to open it to projects.
    \`.gitlab/agent.yml\`, line 22, column 3: \`merge_request.remove_source_branch\` is set by the operator of your Errand for all projects. Remove the line, or ask the operator to open it to projects.
    \`.gitlab/agent.yml\`, line 23, column 3: \`merge_request.auto_description\` is set by the operator of your Errand for all projects. Remove the line, or ask the operator to open it to projects."
  `)
})

test('a project may ask for a higher role than the operator, not for a lower one', () => {
  expect(applied({}, 'who: owner').settings.who).toBe('owner')
  const { settings, problems } = applied({ role: 'maintainer' }, 'who: developer')
  expect(settings.who).toBeUndefined()
  expect(problems.map(hintOf)).toEqual([
    '`.gitlab/agent.yml`, line 1, column 1: `who` is developer, and maintainer is the least here. maintainer counts instead.',
  ])
})

test('names that there are not', () => {
  expect(applied({ models: [] }, 'model: opus').problems.map(({ cure }) => cure)).toEqual([
    'There is none to choose from.',
  ])
  expect(applied({ models: ['haiku', 'opus-4'] }, 'model: opus').problems.map(({ cure }) => cure)).toEqual([
    'Did you mean `opus-4`?',
  ])
})

test('the schema that editors use is that of the program', () => {
  const published = readFileSync(new URL('../../docs/agent.yml.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(published)).toEqual(agentFileJsonSchema())
})
