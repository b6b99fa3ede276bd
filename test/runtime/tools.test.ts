import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Door } from '../../runtime/door.ts'
import { openGit } from '../../runtime/git.ts'
import { readGiven } from '../../runtime/given.ts'
import { openLog } from '../../runtime/log.ts'
import type { Request } from '../../runtime/protocol.ts'
import { readRepositoryTools } from '../../runtime/repositoryTools.ts'
import { newStop } from '../../runtime/stop.ts'
import { findTools } from '../../runtime/tools.ts'
import { newAttempt, READY } from './attempt.ts'

/** What `.mcp.json` says where a variable's value is to stand. */
const variable = (name: string) => `$\{${name}}`

const DECLARED = {
  mcpServers: {
    notes: { command: 'node', args: ['notes.js'], env: { LEVEL: variable('LEVEL:-info') } },
    jira: { command: 'jira' },
    remote: { type: 'http', url: 'https://mcp.example.com' },
  },
}

/** The tools of a request, found in a clone whose default branch and work branch declare different ones. */
async function found(request: Partial<Request>): Promise<{ tools: unknown; warnings: string[] }> {
  const attempt = await newAttempt({ files: { ...READY, '.mcp.json': JSON.stringify(DECLARED) }, request })
  const { folder, workspace, door } = attempt
  attempt.commit('other', { '.mcp.json': '{"mcpServers":{"evil":{"command":"evil"}}}' })
  const start = readGiven({
    PATH: process.env.PATH,
    ERRAND_DOOR: door.url,
    ERRAND_CREDENTIAL_FILE: join(folder, 'credential'),
    ERRAND_WORKSPACE: workspace,
    ERRAND_TERMINATION_FILE: join(folder, 'last-words'),
  })
  const log = openLog(start.places.log, () => undefined)
  const git = openGit(start, log, door.request.author)
  const { signal } = new AbortController()
  mkdirSync(start.places.repo)
  await git(['clone', '--quiet', '--no-single-branch', '--branch', 'other', `${door.url}/v1/git`, start.places.repo], {
    signal,
  })
  const warnings: string[] = []
  const around = {
    start,
    log,
    tell: () => undefined,
    stop: newStop(),
    door: {} as Door,
    warn: (sentence: string) => void warnings.push(sentence),
  }
  const tools = await findTools(around, door.request, attempt.git('rev-parse', 'main'), git, signal)
  log.close()
  return { tools: JSON.parse(JSON.stringify(tools).replaceAll(door.url, 'DOOR')), warnings }
}

const OPERATORS: Request['tools'] = [
  { name: 'jira', at: 'door' },
  { name: 'lint', at: 'image', command: ['lint', '--mcp'], env: { COLOR: 'no' } },
]

test('the operator’s: at the door, and in the image', async () => {
  expect(await found({ tools: OPERATORS })).toEqual({
    tools: [
      { name: 'jira', url: 'DOOR/v1/tools/jira' },
      { name: 'lint', command: ['lint', '--mcp'], env: { COLOR: 'no' } },
    ],
    warnings: [],
  })
})

test('the repository’s too, where that is allowed: the default branch’s, whatever branch is worked on', async () => {
  const { tools, warnings } = await found({ tools: OPERATORS, repositoryTools: true })
  expect(tools).toEqual([
    expect.objectContaining({ name: 'jira', url: 'DOOR/v1/tools/jira' }),
    expect.objectContaining({ name: 'lint' }),
    { name: 'notes', command: ['node', 'notes.js'], env: { LEVEL: 'info' } },
  ])
  expect(warnings).toEqual([
    'The tool server `jira` of `.mcp.json` is left out, as the operator has one of that name.',
    'The tool server `remote` of `.mcp.json` is left out, as a run reaches no servers elsewhere: ask the operator to configure it for Errand.',
  ])
})

const read = (servers: unknown) => readRepositoryTools(JSON.stringify({ mcpServers: servers }), { HOME: '/home' }, [])

test('variables are filled; what needs a secret is left out, and that is said', () => {
  expect(read({ a: { command: `${variable('HOME')}/a`, args: [variable('X:-'), '$HOME'] } }).tools).toEqual([
    { name: 'a', command: ['/home/a', '', '$HOME'], env: {} },
  ])
  expect(read({ a: { command: 'a', env: { TOKEN: variable('TOKEN'), KEY: variable('KEY') } } })).toEqual({
    tools: [],
    warnings: [
      'The tool server `a` of `.mcp.json` is left out, as it needs `TOKEN`, `KEY`, and a run holds no secrets: ask the operator to configure it for Errand.',
    ],
  })
})

test.each<[string, unknown]>([
  ['no object', 'x'],
  ['nothing', null],
  ['a list', []],
  ['no command', {}],
  ['arguments of other kinds', { command: 'a', args: [1] }],
  ['an environment of other kinds', { command: 'a', env: { A: {} } }],
])('a server that is %s is left out', (_, server) => {
  expect(read({ a: server })).toEqual({
    tools: [],
    warnings: ['The tool server `a` of `.mcp.json` is left out, as it is not valid.'],
  })
})

test('names that no agent takes, and files that are none', () => {
  expect(read({ '--evil': { command: 'a' } }).tools).toEqual([])
  for (const text of ['', '[]', '{}', '{"mcpServers":7}', 'nonsense']) {
    expect(readRepositoryTools(text, {}, [])).toEqual({
      tools: [],
      warnings: ['The tools of `.mcp.json` are missing, as it is not valid.'],
    })
  }
})
