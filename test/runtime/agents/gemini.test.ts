import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Exit, Job, ToolServer } from '../../../runtime/agents/agent.ts'
import { gemini } from '../../../runtime/agents/gemini.ts'
import { after, CREDENTIAL, ENDED, hear, newJob, put } from './aJob.ts'

const SESSION = '2be202a1-f026-4d58-a79c-4d41ddbcf37d'
const TOOLS: readonly ToolServer[] = [
  { name: 'jira', url: 'http://door:8081/v1/tools/jira' },
  { name: 'lint', command: ['no-such-program', '--stdio'], env: { LEVEL: 'high' } },
  { name: 'echo', command: ['echo'], env: {} },
]

function remember(job: Job, session: string): void {
  const name = `session-2026-11-22T13-16-${SESSION.slice(0, 8)}.jsonl`
  put(job.start.places.home, join('.gemini/tmp/repo/chats', name), `{"sessionId":"${session}","kind":"main"}\n`)
}

test('the recording: what it does, what it says, what it used', () => {
  const { activities, log, ending, told } = hear(gemini, newJob({ tools: TOOLS }), 'gemini-stream')
  expect(activities).toMatchInlineSnapshot(`
    [
      "writes server.go",
      "runs ls; cat missing.txt",
      "uses echo: say",
    ]
  `)
  expect(log).toMatchInlineSnapshot(`
    "errand: Gemini CLI, model auto
    I'll create server.go.
    > writes server.go
    $ ls; cat missing.txt
    | server.go
    | cat: missing.txt: No such file or directory
    > uses echo: say
    | echo: hello token=t
    Done: server.go now serves /health."
  `)
  expect(told.at(-1)).toEqual({ kind: 'done' })
  expect(ending).toEqual({
    warnings: [],
    answer: 'Done: server.go now serves /health.',
    usage: { inputTokens: 48715, outputTokens: 100 },
  })
})

test('words come bit by bit, and are read as they were said', () => {
  const piece = (content: string) => ({ type: 'message', role: 'assistant', content, delta: true })
  const use = { type: 'tool_use', tool_name: 'list_directory', parameters: { dir_path: 'src' } }
  const { log, ending } = hear(gemini, newJob(), [
    { type: 'message', role: 'user', content: 'the prompt' },
    piece('I lo'),
    piece('ok.\n'),
    use,
    piece('It is '),
    piece('empty.'),
    { type: 'result', status: 'success' },
  ])
  expect(log).toBe('I look.\n\n> looks into src\nIt is empty.')
  expect(ending.answer).toBe('It is empty.')
})

test('a conversation that goes on, and one that is not there', () => {
  const fresh = gemini.launch(newJob())
  expect(after(fresh.args, '--session-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect(fresh.args).not.toContain('--resume')

  const job = newJob({ session: SESSION })
  remember(job, SESSION)
  expect(after(gemini.launch(job).args, '--resume')).toBe(SESSION)
  expect(hear(gemini, job, 'gemini-stream').ending).toMatchObject({ session: SESSION, warnings: [] })

  const lost = newJob({ session: SESSION })
  remember(lost, `${SESSION.slice(0, 8)}-another`)
  expect(gemini.launch(lost).args).not.toContain('--resume')
  expect(hear(gemini, lost, 'gemini-stream').ending.warnings).toEqual([
    'The agent could not go on with its earlier conversation, and began a new one.',
  ])
})

test('the command line, the environment and the settings file; the credential is in the environment alone', () => {
  const job = newJob({ tools: TOOLS, request: { agent: { name: 'gemini', model: 'gemini-3-pro' } } })
  const { args, env, hidden } = gemini.launch(job)
  const text = readFileSync(join(job.start.places.home, '.gemini/settings.json'), 'utf8')
  expect(args.join(' ').replace(/[0-9a-f-]{36}/, 'ID')).toBe(
    '--output-format stream-json --yolo --allowed-mcp-server-names jira --allowed-mcp-server-names lint --allowed-mcp-server-names echo --model gemini-3-pro --session-id ID',
  )
  expect(env).toMatchObject({
    GEMINI_API_KEY: CREDENTIAL,
    GOOGLE_GEMINI_BASE_URL: 'http://door:8081/v1/model/gemini',
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
  })
  expect(text + args.join(' ')).not.toContain(CREDENTIAL)
  expect(hidden).toEqual(['.gemini'])
  expect(JSON.parse(text)).toMatchInlineSnapshot(`
    {
      "advanced": {
        "ignoreLocalEnv": true,
      },
      "context": {
        "fileName": [
          "GEMINI.md",
          "AGENTS.md",
          "CLAUDE.md",
        ],
      },
      "general": {
        "enableAutoUpdate": false,
        "enableAutoUpdateNotification": false,
        "maxAttempts": 4,
        "plan": {
          "enabled": false,
        },
        "sessionRetention": {
          "enabled": false,
        },
      },
      "mcpServers": {
        "echo": {
          "args": [],
          "command": "echo",
          "env": {},
          "timeout": 540000,
        },
        "jira": {
          "headers": {
            "Authorization": "Bearer \${GEMINI_API_KEY}",
          },
          "httpUrl": "http://door:8081/v1/tools/jira",
          "timeout": 540000,
        },
        "lint": {
          "args": [
            "--stdio",
          ],
          "command": "no-such-program",
          "env": {
            "LEVEL": "high",
          },
          "timeout": 540000,
        },
      },
      "privacy": {
        "usageStatisticsEnabled": false,
      },
      "security": {
        "auth": {
          "selectedType": "gemini-api-key",
        },
      },
      "tools": {
        "shell": {
          "inactivityTimeout": 300,
        },
      },
    }
  `)
})

test('a plan is made without what writes or runs', () => {
  const { args } = gemini.launch(newJob({ request: { mode: 'plan' }, tools: TOOLS.slice(0, 1) }))
  expect(args).not.toContain('--yolo')
  expect(after(args, '--allowed-mcp-server-names')).toBe('jira')
})

test('names of people stay names: an @ is none of its own', () => {
  const input = (prompt: string) => gemini.launch(newJob({ request: { prompt } })).input
  expect(input('Fix it.')).toBe('Fix it.')
  expect(input('@developer wrote: mail a@b.c @ home')).toBe(
    '(In this message \\@ stands for an at sign alone.)\n\n\\@developer wrote: mail a\\@b.c @ home',
  )
})

test("the repository's instructions, each file once", () => {
  const names = (files: Readonly<Record<string, string>>, link?: string) => {
    const job = newJob({ files })
    if (link !== undefined) symlinkSync(link, join(job.start.places.repo, 'CLAUDE.md'))
    gemini.launch(job)
    return JSON.parse(readFileSync(join(job.start.places.home, '.gemini/settings.json'), 'utf8')).context.fileName
  }
  expect(names({})).toEqual(['GEMINI.md', 'AGENTS.md', 'CLAUDE.md'])
  expect(names({ 'AGENTS.md': 'a', 'CLAUDE.md': 'c' })).toEqual(['GEMINI.md', 'AGENTS.md', 'CLAUDE.md'])
  expect(names({ 'AGENTS.md': 'a' }, 'AGENTS.md')).toEqual(['GEMINI.md', 'AGENTS.md'])
})

const error = (code: number, message: string) =>
  `[API Error: ${JSON.stringify({ error: { code, message, status: 'ANY' } })}]`

test.each([
  [error(401, 'bad key'), 145, 'model-unavailable', 'bad key'],
  [error(403, 'The budget is spent. Stop here.'), 147, 'model-unavailable', 'The budget is spent. Stop here.'],
  [error(529, 'overloaded'), 17, 'model-unavailable', 'The model answered 529: overloaded'],
  [error(400, 'no such tool'), 1, 'agent-error', 'no such tool'],
  ['[API Error: slow]\nPlease wait and try again later.', 173, 'model-unavailable', 'slow'],
  [
    '[API Error: exception TypeError: fetch failed sending request]',
    1,
    'model-unavailable',
    'exception TypeError: fetch failed sending request',
  ],
  ['Loop detected, stopping execution', 1, 'agent-error', 'Loop detected, stopping execution'],
])('a result that is a failure: %s', (message, code, cause, words) => {
  const { ending } = hear(
    gemini,
    newJob(),
    [{ type: 'result', status: 'error', error: { type: 'unknown', message } }],
    { code, signal: null, said: '' },
  )
  expect(ending.failure).toEqual({ cause, message: words })
  expect(ending.answer).toBeUndefined()
})

test('neither the exit code nor the result alone is believed', () => {
  const words = { type: 'message', role: 'assistant', content: 'Half of it.' }
  const done = { type: 'result', status: 'success', stats: {} }
  const failed: Exit = { code: 42, signal: null, said: 'Error resuming session: none\n    at main (file:///x.js:1:2)' }
  expect(hear(gemini, newJob(), [words, done]).ending).toMatchObject({ answer: 'Half of it.' })
  expect(hear(gemini, newJob(), [words, done], { code: null, signal: 'SIGKILL', said: '' }).ending.failure).toBe(
    undefined,
  )
  expect(hear(gemini, newJob(), [words], ENDED).ending.failure?.message).toBe(
    'Gemini CLI ended with 0 before it was done.',
  )
  expect(hear(gemini, newJob(), [], failed).ending.failure?.message).toBe(
    'Gemini CLI ended with 42 before it was done. Error resuming session: none',
  )
  expect(hear(gemini, newJob(), [words, done], failed).ending).toMatchObject({ failure: { cause: 'agent-error' } })
})

test('it waits, and says for what', () => {
  const { listener } = hear(gemini, newJob(), [])
  const told = (line: string) => listener.overhear?.(line)[0]?.kind === 'activity' && listener.overhear(line)[0]
  expect(told('Attempt 1 failed with status 429. Retrying with backoff... _ApiError: {')).toEqual({
    kind: 'activity',
    text: 'waits for the model (status 429, try 1)',
  })
  expect(told('Attempt 2 failed. Retrying with backoff... Error: fetch failed')).toMatchObject({
    text: 'waits for the model (no answer, try 2)',
  })
  expect(listener.overhear?.('Attempt 4 failed: slow. Max attempts reached')).toEqual([])
})

test('tool servers that did not connect are lines for the author', () => {
  const job = newJob({ tools: TOOLS })
  put(
    job.start.places.tmp,
    'gemini-debug.log',
    `[LOG] [MCP info] MCP server 'jira' requires authentication using: /mcp auth jira\n[LOG] [MCP error] Error during discovery for MCP server 'lint': spawn no-such-program ENOENT\n    at x\n`,
  )
  expect(hear(gemini, job, 'gemini-stream').ending.warnings).toEqual([
    'The agent had no tools of `jira`: the server did not connect (refused). Whoever runs Errand finds the reason in its log.',
    'The agent had no tools of `lint`: `no-such-program` did not start, or did not answer (spawn no-such-program ENOENT).',
  ])
})

test('a line of no sense is text, and an event of no sense is nothing', () => {
  const { listener } = hear(gemini, newJob(), [])
  expect(listener.hear('npm warn old')).toEqual([{ kind: 'log', text: 'npm warn old' }])
  expect(listener.hear('')).toEqual([])
  for (const odd of ['{"type":"new"}', '{"type":"tool_result","error":null}', '{}'])
    expect(listener.hear(odd)).toEqual([])
  expect(listener.hear('{"type":"tool_use"}')).toMatchObject([{ text: 'uses' }, { text: '> uses' }])
})
