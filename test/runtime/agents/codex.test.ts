import { chmodSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Exit, Job, ToolServer } from '../../../runtime/agents/agent.ts'
import { codex } from '../../../runtime/agents/codex.ts'
import { unwrapped } from '../../../runtime/agents/codexShell.ts'
import { CREDENTIAL, ENDED, hear, newJob, put } from './aJob.ts'

const FAILED: Exit = { code: 1, signal: null, said: '' }
const THREAD = '01a20365-7e10-72f3-9b7d-b2cbdc8d6d43'
const TOOLS: readonly ToolServer[] = [
  { name: 'jira', url: 'http://door:8081/v1/tools/jira' },
  { name: 'lint', command: ['no-such-program', '--stdio'], env: { LEVEL: 'high "and" low' } },
]

/** A conversation that has used 1000 and 50 tokens so far. */
function remember(job: Job): void {
  const count = (input: number, output: number) =>
    `{"type":"token_count","info":{"total_token_usage":{"input_tokens":${input},"output_tokens":${output}},"last_token_usage":{"input_tokens":7}}}\n`
  const quoted = JSON.stringify({ type: 'message', text: count(9, 9) })
  const name = `rollout-2026-11-22T18-40-51-${THREAD}.jsonl`
  put(job.start.places.home, join('.codex/sessions/2026/11/22', name), `${count(500, 20)}${count(1000, 50)}${quoted}\n`)
}

test('the recording: what it does, what it says, what it used', () => {
  const { activities, log, ending, told } = hear(codex, newJob(), 'codex-stream')
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
    $ ls; cat missing.txt
    ! exit code 1
    ! server.go
    ! cat: missing.txt: No such file or directory
    > uses echo: say
    | echo: hello token=t
    Done: server.go now serves /health."
  `)
  expect(told.at(-1)).toEqual({ kind: 'done' })
  expect(ending).toEqual({
    warnings: [],
    answer: 'Done: server.go now serves /health.',
    usage: { inputTokens: 56160, outputTokens: 80 },
  })
})

test('a conversation that goes on: its name as an argument, and what this run alone used', () => {
  const job = newJob({ session: THREAD })
  remember(job)
  const { args } = codex.launch(job)
  expect(args.slice(0, 2)).toEqual(['exec', 'resume'])
  expect(args.slice(-2)).toEqual([THREAD, '-'])
  expect(hear(codex, job, 'codex-stream').ending).toMatchObject({
    session: THREAD,
    warnings: [],
    usage: { inputTokens: 55160, outputTokens: 30 },
  })
})

test('a conversation that is not there is begun anew, and the author reads it', () => {
  const job = newJob({ session: THREAD })
  expect(codex.launch(job).args).not.toContain('resume')
  expect(hear(codex, job, 'codex-stream').ending.warnings).toEqual([
    'The agent could not go on with its earlier conversation, and began a new one.',
  ])
})

test('the command line holds the door, the model and the tools, and no credential', () => {
  const job = newJob({ tools: TOOLS, request: { agent: { name: 'codex', model: 'gpt-6' }, prompt: 'It is "so".' } })
  const { args, env, input } = codex.launch(job)
  expect(input).toBe('It is "so".')
  expect(env.ERRAND_MODEL_CREDENTIAL).toBe(CREDENTIAL)
  expect(args.join(' ')).not.toContain(CREDENTIAL)
  expect(args.join('\n').replaceAll(/\n(?!-)/g, ' ')).toMatchInlineSnapshot(`
    "exec
    --json
    --skip-git-repo-check
    --dangerously-bypass-approvals-and-sandbox
    --model gpt-6
    -c model_provider="errand"
    -c model_providers.errand={"name"="Errand","base_url"="http://door:8081/v1/model/openai/v1","env_key"="ERRAND_MODEL_CREDENTIAL","wire_api"="responses","supports_websockets"=false,"stream_idle_timeout_ms"=270000}
    -c web_search="disabled"
    -c skills.bundled.enabled=false
    -c analytics.enabled=false
    -c check_for_update_on_startup=false
    -c project_doc_fallback_filenames=["CLAUDE.md"]
    -c project_doc_max_bytes=1048576
    -c shell_environment_policy.exclude=["ERRAND_MODEL_CREDENTIAL","RUST_LOG"]
    -c mcp_servers.jira={"url"="http://door:8081/v1/tools/jira","bearer_token_env_var"="ERRAND_MODEL_CREDENTIAL","tool_timeout_sec"=540,"default_tools_approval_mode"="approve"}
    -c mcp_servers.lint={"command"="no-such-program","args"=["--stdio"],"env"={"LEVEL"="high \\"and\\" low"},"tool_timeout_sec"=540,"default_tools_approval_mode"="approve"}
    --disable plugins
    --disable shell_snapshot
    --disable unbounded_connection_retries
    -"
  `)
})

test('a plan has a sandbox in which nothing can be written, where the container lets it make one', () => {
  const plan = (program: string) => {
    const job = newJob({ request: { mode: 'plan' } })
    put(job.start.places.root, 'bin/codex', `#!/bin/sh\n${program}\n`)
    chmodSync(join(job.start.places.root, 'bin/codex'), 0o755)
    const outer = { PATH: `${job.start.places.root}/bin:${process.env.PATH}` }
    return codex.launch({ ...job, start: { ...job.start, outer } }).args
  }
  const probe = '[ "$1 $CODEX_HOME" = "sandbox $(dirname "$PWD")/home/.codex" ]'
  expect(plan(probe)).toContain('default_permissions="plan"')
  expect(plan(probe)).not.toContain('--dangerously-bypass-approvals-and-sandbox')
  expect(plan('exit 1')).toContain('--dangerously-bypass-approvals-and-sandbox')
})

test("the repository's instructions: one file Codex reads itself, the second is its user's", () => {
  const taken = (files: Readonly<Record<string, string>>, link?: string) => {
    const job = newJob({ files })
    if (link !== undefined) symlinkSync(link, join(job.start.places.repo, 'CLAUDE.md'))
    codex.launch(job)
    try {
      return readFileSync(join(job.start.places.home, '.codex/AGENTS.md'), 'utf8')
    } catch {
      return undefined
    }
  }
  expect(taken({})).toBeUndefined()
  expect(taken({ 'CLAUDE.md': 'c' })).toBeUndefined()
  expect(taken({ 'AGENTS.md': 'a', 'CLAUDE.md': 'c' })).toBe('c\n')
  expect(taken({ 'AGENTS.md': 'a' }, 'AGENTS.md')).toBeUndefined()
  expect(taken({ 'AGENTS.md': 'a' }, '/etc/hostname')).toBeUndefined()
})

test.each([
  ['unexpected status 401 Unauthorized: bad key, url: http://door/v1/responses', 'model-unavailable', 'bad key'],
  [
    'unexpected status 403 Forbidden: The budget of $5.00 for this task is spent ($5.01). Stop here, url: http://door/v1, request id: 7',
    'model-unavailable',
    'The budget of $5.00 for this task is spent ($5.01). Stop here',
  ],
  [
    'unexpected status 529 <unknown status code>: Overloaded, url: http://door/v1/responses',
    'model-unavailable',
    'The model answered 529: Overloaded',
  ],
  ['unexpected status 400 Bad Request: no such tool, url: http://door/v1', 'agent-error', 'no such tool'],
  [
    'exceeded retry limit, last status: 429 Too Many Requests',
    'model-unavailable',
    'exceeded retry limit, last status: 429 Too Many Requests',
  ],
  ['Connection failed: error sending request', 'model-unavailable', 'Connection failed: error sending request'],
  ["Codex ran out of room in the model's context window.", 'agent-error', /^Codex ran out of room/],
])('a turn that failed: %s', (said, cause, message) => {
  const failed = { type: 'turn.failed', error: { message: said } }
  const { ending } = hear(codex, newJob(), [{ type: 'turn.started' }, failed], FAILED)
  expect(ending.failure).toEqual({
    cause,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
})

test('neither the exit code nor the turn alone is believed', () => {
  const words = { type: 'item.completed', item: { type: 'agent_message', text: 'Half of it.' } }
  const done = { type: 'turn.completed', usage: {} }
  expect(hear(codex, newJob(), [words, done]).ending).toMatchObject({ answer: 'Half of it.' })
  expect(
    hear(codex, newJob(), [words, done], { code: null, signal: 'SIGINT', said: '' }).ending.failure,
  ).toBeUndefined()
  expect(hear(codex, newJob(), [words], { ...FAILED, said: 'no rollout found' }).ending).toMatchObject({
    failure: { cause: 'agent-error', message: 'Codex ended with 1 before it was done. no rollout found' },
  })
  const crashed = hear(codex, newJob(), [words, done], { ...FAILED, said: 'panicked' }).ending
  expect(crashed.failure?.message).toBe('Codex ended with 1. panicked')
  expect(crashed.answer).toBeUndefined()
})

test('it waits, and says for what', () => {
  const retry = (which: string, why: string) => ({ type: 'error', message: `Reconnecting... ${which} (${why})` })
  const { activities } = hear(codex, newJob(), [
    retry('1/5', 'unexpected status 529 <unknown status code>: Overloaded, url: http://door'),
    retry('2/5', 'stream disconnected before completion: error sending request'),
    { type: 'error', message: 'unexpected status 529: it ends, and comes again as the failure' },
  ])
  expect(activities).toEqual([
    'waits for the model (status 529, try 1 of 5)',
    'waits for the model (no answer, try 2 of 5)',
  ])
})

test('tool servers that did not connect are lines for the author', () => {
  const { listener } = hear(codex, newJob({ tools: TOOLS }), 'codex-stream')
  const failed = (server: string, error: string) =>
    `2026-11-22T19:21:14Z  WARN codex_mcp::rmcp_client: MCP server startup failed server_name="${server}" error=${error}`
  listener.overhear?.(
    failed('jira', 'handshaking with MCP server failed: Send message error Transport [a::b] error: HTTP 502: no'),
  )
  listener.overhear?.(failed('lint', 'No such file or directory (os error 2)'))
  expect(listener.overhear?.(failed('other', 'of a user'))).toEqual([])
  expect(listener.end(ENDED).warnings).toEqual([
    'The agent had no tools of `jira`: the server did not connect (HTTP 502). Whoever runs Errand finds the reason in its log.',
    'The agent had no tools of `lint`: `no-such-program` did not start, or did not answer (No such file or directory (os error 2)).',
  ])
})

test('a line of no sense is text, and an event of no sense is nothing', () => {
  const { listener } = hear(codex, newJob(), [])
  expect(listener.hear('npm warn old')).toEqual([{ kind: 'log', text: 'npm warn old' }])
  expect(listener.hear('{"type":')).toEqual([{ kind: 'log', text: '{"type":' }])
  expect(listener.hear('')).toEqual([])
  for (const odd of ['{"type":"new"}', '{"type":"item.completed"}', '{"type":"item.started","item":null}', '{}'])
    expect(listener.hear(odd)).toEqual([])
})

test.each([
  ["/bin/bash -lc 'ls; cat missing.txt'", 'ls; cat missing.txt'],
  ['/bin/bash -lc ls', 'ls'],
  [`bash -c "echo \\"it's\\" \\$HOME"`, `echo "it's" $HOME`],
  [`/bin/zsh -lc 'echo '"'"'x'"'"`, `echo 'x'`],
  [`/bin/sh -c 'a' b`, `/bin/sh -c 'a' b`],
  [`/bin/bash -lc 'open`, `/bin/bash -lc 'open`],
  ['node --test', 'node --test'],
])('%s is what people read of a command', (command, read) => {
  expect(unwrapped(command)).toBe(read)
})
