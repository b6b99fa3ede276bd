import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Exit, Job, ToolServer } from '../../../runtime/agents/agent.ts'
import { opencode } from '../../../runtime/agents/opencode.ts'
import { choose } from '../../../runtime/agents/opencodeModel.ts'
import { after, CREDENTIAL, ENDED, hear, newJob, put } from './aJob.ts'

const FAILED: Exit = { code: 1, signal: null, said: '' }
const SESSION = 'ses_dfc99522affeNKOQ2c56bI32tu'
const TOOLS: readonly ToolServer[] = [
  { name: 'jira', url: 'http://door:8081/v1/tools/jira' },
  { name: 'lint', command: ['no-such-program', '--stdio'], env: { LEVEL: 'high' } },
  { name: 'echo', command: ['echo'], env: {} },
]
const config = (job: Job) => JSON.parse(opencode.launch(job).env.OPENCODE_CONFIG_CONTENT ?? '')
const step = (reason: string) => ({ type: 'step_finish', part: { reason, tokens: { input: 5, cache: { read: 2 } } } })
const words = (text: string) => ({ type: 'text', part: { text } })

/** OpenCode's own database, with that one conversation. */
function remember(home: string): void {
  const file = join(home, '.local/share/opencode/opencode.db')
  mkdirSync(dirname(file), { recursive: true })
  using database = new DatabaseSync(file)
  database.exec('CREATE TABLE session (id TEXT, directory TEXT)')
  database.prepare('INSERT INTO session VALUES (?, ?)').run(SESSION, '/gone')
}

test('the recording: what it does, what it says, what it used', () => {
  const { activities, log, ending } = hear(opencode, newJob({ tools: TOOLS }), 'opencode-stream')
  expect(activities).toMatchInlineSnapshot(`
    [
      "writes server.go",
      "runs ls; cat missing.txt",
      "uses echo: say",
    ]
  `)
  expect(log).toMatchInlineSnapshot(`
    "I'll create server.go.
    > writes server.go
    | Wrote file successfully.
    $ ls; cat missing.txt
    ! exit code 1
    ! server.go
    ! cat: missing.txt: No such file or directory
    > uses echo: say
    | echo: hello token=t
    Done: server.go now serves /health."
  `)
  expect(ending).toMatchInlineSnapshot(`
    {
      "answer": "Done: server.go now serves /health.",
      "usage": {
        "costUsd": 0.096405,
        "inputTokens": 31495,
        "outputTokens": 128,
        "turns": 4,
      },
      "warnings": [],
    }
  `)
})

test('what it does with its other tools', () => {
  const job = newJob({ tools: TOOLS })
  const root = job.start.places.repo
  const use = (tool: string, input: object, state: object = { status: 'completed', output: '' }) => ({
    type: 'tool_use',
    part: { tool, state: { input, ...state } },
  })
  const { activities, log } = hear(opencode, job, [
    use('read', { filePath: `${root}/nowhere.js` }, { status: 'error', error: 'File not found' }),
    use('apply_patch', { patchText: `*** Begin Patch\n*** Update File: src/a.ts\n@@\n*** Add File: ${root}/b.ts\n` }),
    use('jira_get_issue', {}, { status: 'completed', output: 'open' }),
    use('grep', { pattern: 'x' }),
    use('invalid', { tool: 'nosuch' }, { status: 'completed', output: "unavailable tool 'nosuch'" }),
    use('todowrite', {}),
  ])
  expect(activities).toEqual([
    'reads nowhere.js',
    'edits src/a.ts, writes b.ts',
    'uses jira: get issue',
    'searches for x',
    'wants to use nosuch',
    'plans its work',
  ])
  expect(log).toContain('> reads nowhere.js\n! File not found\n')
  expect(log).toContain("! unavailable tool 'nosuch'")
})

test('a conversation that goes on, and one that is not there', () => {
  const fresh = opencode.launch(newJob())
  expect(after(fresh.args, '--title')).toBe('42-n1337')

  const job = newJob({ session: SESSION })
  remember(job.start.places.home)
  expect(after(opencode.launch(job).args, '--session')).toBe(SESSION)
  expect(hear(opencode, job, 'opencode-stream').ending).toMatchObject({ session: SESSION, warnings: [] })

  const lost = newJob({ session: SESSION })
  put(lost.start.places.home, '.local/share/opencode/opencode.db', 'no database')
  expect(opencode.launch(lost).args).not.toContain('--session')
  expect(hear(opencode, lost, 'opencode-stream').ending).toEqual(
    expect.objectContaining({
      warnings: ['The agent could not go on with its earlier conversation, and began a new one.'],
    }),
  )
})

test.each([
  [undefined, { provider: 'anthropic' }],
  ['anthropic/claude-x', { provider: 'anthropic', model: 'claude-x' }],
  ['openai/my/own', { provider: 'openai', model: 'my/own' }],
  ['claude-opus-9', { provider: 'anthropic', model: 'claude-opus-9' }],
  ['gpt-6', { provider: 'openai', model: 'gpt-6' }],
  ['o4-mini', { provider: 'openai', model: 'o4-mini' }],
  ['google/gemini-3', undefined],
  ['google/claude-x', undefined],
  ['llama-5', undefined],
  ['opencode', undefined],
])('the model %s means %o', (name, choice) => {
  expect(choose(name)).toEqual(choice)
  const job = newJob({ request: { agent: { name: 'opencode', ...(name === undefined ? {} : { model: name }) } } })
  const words = opencode.unfit?.(job.request)
  if (choice !== undefined) expect(words).toBeUndefined()
  else
    expect(words).toMatch(/^OpenCode cannot tell whose model `.+` is\. Name it with its provider, `anthropic\/<model>`/)
})

test('its settings: one provider at the door, and the credential in the environment alone', () => {
  const job = newJob({ tools: TOOLS, request: { agent: { name: 'opencode', model: 'gpt-6' } } })
  const { args, env, hidden } = opencode.launch(job)
  expect(env.ERRAND_MODEL_CREDENTIAL).toBe(CREDENTIAL)
  expect(env.OPENCODE_CONFIG_CONTENT + args.join(' ')).not.toContain(CREDENTIAL)
  expect(hidden).toEqual(['opencode.json', 'opencode.jsonc', '.opencode'])
  expect(config(job)).toMatchInlineSnapshot(`
    {
      "autoupdate": false,
      "enabled_providers": [
        "openai",
      ],
      "instructions": [],
      "mcp": {
        "echo": {
          "command": [
            "echo",
          ],
          "enabled": true,
          "environment": {},
          "timeout": 120000,
          "type": "local",
        },
        "jira": {
          "enabled": true,
          "headers": {
            "Authorization": "Bearer {env:ERRAND_MODEL_CREDENTIAL}",
          },
          "oauth": false,
          "timeout": 120000,
          "type": "remote",
          "url": "http://door:8081/v1/tools/jira",
        },
        "lint": {
          "command": [
            "no-such-program",
            "--stdio",
          ],
          "enabled": true,
          "environment": {
            "LEVEL": "high",
          },
          "timeout": 120000,
          "type": "local",
        },
      },
      "model": "openai/gpt-6",
      "permission": {
        "*": "allow",
      },
      "provider": {
        "openai": {
          "models": {
            "gpt-6": {},
          },
          "options": {
            "apiKey": "{env:ERRAND_MODEL_CREDENTIAL}",
            "baseURL": "http://door:8081/v1/model/openai/v1",
          },
        },
      },
      "share": "disabled",
      "small_model": "openai/gpt-6",
      "snapshot": false,
    }
  `)
  const lock = join(job.start.places.home, '.config/opencode/package-lock.json')
  expect(readFileSync(lock, 'utf8')).toContain('@opencode-ai/plugin')
  expect(existsSync(join(lock, '../node_modules'))).toBe(true)
})

test('without a model it is its own choice of the one provider', () => {
  expect(config(newJob())).toMatchObject({ enabled_providers: ['anthropic'] })
  expect(config(newJob())).not.toHaveProperty('model')
})

test('a plan is made without what writes or runs', () => {
  expect(config(newJob({ request: { mode: 'plan' } })).permission).toEqual({ '*': 'allow', edit: 'deny', bash: 'deny' })
})

test("the repository's instructions: one file OpenCode reads itself, the second is named to it", () => {
  const named = (files: Readonly<Record<string, string>>, link?: string) => {
    const job = newJob({ files })
    if (link !== undefined) symlinkSync(link, join(job.start.places.repo, 'CLAUDE.md'))
    return (config(job).instructions as string[]).map((path) => path.replace(job.start.places.repo, ''))
  }
  expect(named({})).toEqual([])
  expect(named({ 'CLAUDE.md': 'c' })).toEqual([])
  expect(named({ 'AGENTS.md': 'a', 'CLAUDE.md': 'c' })).toEqual(['/CLAUDE.md'])
  expect(named({ 'AGENTS.md': 'a' }, 'AGENTS.md')).toEqual([])
})

test.each([
  [401, 'bad key', 'model-unavailable', 'bad key'],
  [403, 'The budget is spent. Stop here.', 'model-unavailable', 'The budget is spent. Stop here.'],
  [529, 'Overloaded', 'model-unavailable', 'The model answered 529: Overloaded'],
  [400, 'no such tool', 'agent-error', 'no such tool'],
  [undefined, 'Cannot connect to API', 'model-unavailable', 'Cannot connect to API'],
])('an error of the API: %s', (statusCode, message, cause, said) => {
  const error = { type: 'error', error: { name: 'APIError', data: { message, statusCode } } }
  const { ending } = hear(opencode, newJob(), [words('I begin.'), step('tool-calls'), error], FAILED)
  expect(ending.failure).toEqual({ cause, message: said })
  expect(ending.answer).toBeUndefined()
})

test('neither the exit code nor the last step alone is believed', () => {
  const ending = (events: readonly object[], exit: Exit) => hear(opencode, newJob(), events, exit).ending
  expect(ending([words('Done.'), step('stop')], ENDED)).toMatchObject({ answer: 'Done.', usage: { inputTokens: 7 } })
  expect(ending([words('Let me see.'), step('tool-calls')], ENDED).failure?.message).toBe(
    'OpenCode ended with 0 before it was done.',
  )
  expect(ending([], { ...FAILED, said: 'Session not found' }).failure?.message).toBe(
    'OpenCode ended with 1 before it was done. Session not found',
  )
  expect(ending([words('Done.'), step('stop')], { ...FAILED, said: 'crashed' }).failure?.message).toBe(
    'OpenCode ended with 1. crashed',
  )
  const odd = { type: 'error', error: { name: 'UnknownError', data: { message: 'Unexpected server error.' } } }
  expect(ending([odd], FAILED).failure).toEqual({ cause: 'agent-error', message: 'Unexpected server error.' })
})

test('its log on stderr: it waits for the model, and a tool server did not connect', () => {
  const { listener } = hear(opencode, newJob({ tools: TOOLS }), [step('stop')])
  const error = 'timestamp=2026-11-22T20:27:25Z level=ERROR run=3 message="stream error" providerID=anthropic'
  expect(listener.overhear?.(`${error} mode=primary error.error="AI_APICallError: Overloaded"`)[0]).toEqual({
    kind: 'activity',
    text: 'waits for the model (Overloaded)',
  })
  const gone = (key: string) => `level=WARN run=3 message="server unavailable" key=${key} type=local status=failed`
  listener.overhear?.(gone('jira'))
  listener.overhear?.(gone('lint'))
  expect(listener.overhear?.(gone('other'))).toEqual([])
  expect(listener.overhear?.('anything else')).toEqual([])
  expect(listener.end(ENDED).warnings).toEqual([
    'The agent had no tools of `jira`: the server did not connect (failed). Whoever runs Errand finds the reason in its log.',
    'The agent had no tools of `lint`: `no-such-program` did not start, or did not answer (failed).',
  ])
})

test('a line of no sense is text, and an event of no sense is nothing', () => {
  const { listener } = hear(opencode, newJob(), [])
  expect(listener.hear('npm warn old')).toEqual([{ kind: 'log', text: 'npm warn old' }])
  for (const odd of ['{"type":"new"}', '{"type":"text"}', '{"type":"error","error":null}', '{}'])
    expect(listener.hear(odd)).toEqual([])
})
