import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Job, ToolServer } from '../../../runtime/agents/agent.ts'
import { claude } from '../../../runtime/agents/claude.ts'
import { after, CREDENTIAL, ENDED, hear, newJob } from './aJob.ts'

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname
const SESSION = '11111111-1111-4111-8111-111111111111'
const TOOLS: readonly ToolServer[] = [
  { name: 'jira', url: 'http://door:8081/v1/tools/jira' },
  { name: 'lint', command: ['no-such-program', '--stdio'], env: { LEVEL: 'high' } },
  { name: 'echo', command: ['echo'], env: {} },
]

function remember(job: Job, session: string): void {
  const project = join(job.start.places.home, '.claude', 'projects', '-workspace-repo')
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, `${session}.jsonl`), '{}\n')
}

test('a new conversation has a new name; one that is remembered goes on, with the instructions of today', () => {
  const fresh = claude.launch(newJob())
  expect(after(fresh.args, '--session-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect(fresh.args).not.toContain('--resume')

  const job = newJob({ session: SESSION })
  remember(job, SESSION)
  const { args } = claude.launch(job)
  expect(after(args, '--resume')).toBe(SESSION)
  expect(after(args, '--system-prompt-snapshot')).toBe('off')
  expect(args).not.toContain('--session-id')
  expect(claude.listen(job).end(ENDED).warnings).toEqual([])
})

test('a conversation that is not there is begun anew, and the author reads it', () => {
  const job = newJob({ session: SESSION })
  const { args } = claude.launch(job)
  expect(args).not.toContain('--resume')
  expect(args).toContain('--session-id')
  expect(claude.listen(job).end(ENDED).warnings).toEqual([
    'The agent could not go on with its earlier conversation, and began a new one.',
  ])
})

test('the session is named when there is something to go on with', () => {
  const job = newJob()
  expect(hear(claude, job, 'claude-stream').ending.session).toBeUndefined()
  const [, session = ''] = /"session_id":"([^"]+)"/.exec(readFileSync(`${FIXTURES}/claude-stream.jsonl`, 'utf8')) ?? []
  remember(job, session)
  expect(hear(claude, job, 'claude-stream').ending).toMatchObject({ session, answer: expect.stringContaining('Done') })
})

test('tools: a file that names the servers and holds no credential, which is in the environment', () => {
  const job = newJob({ tools: TOOLS })
  const { args, env } = claude.launch(job)
  const text = readFileSync(after(args, '--mcp-config') ?? '', 'utf8')
  expect(JSON.parse(text)).toEqual({
    mcpServers: {
      jira: {
        type: 'http',
        url: 'http://door:8081/v1/tools/jira',
        headers: { Authorization: `Bearer \${ERRAND_TOOLS_CREDENTIAL}` },
      },
      lint: { type: 'stdio', command: 'no-such-program', args: ['--stdio'], env: { LEVEL: 'high' } },
      echo: { type: 'stdio', command: 'echo', args: [], env: {} },
    },
  })
  expect(env.ERRAND_TOOLS_CREDENTIAL).toBe(CREDENTIAL)
  expect(text + args.join(' ')).not.toContain(CREDENTIAL)

  const without = claude.launch(newJob({ tools: TOOLS.slice(1) }))
  expect(without.env).not.toHaveProperty('ERRAND_TOOLS_CREDENTIAL')
  expect(claude.launch(newJob()).args).not.toContain('--mcp-config')
  expect(claude.launch(newJob()).args).toContain('--strict-mcp-config')
})

test('servers that did not connect, or were dropped, are lines for the author and in the log, once', () => {
  const job = newJob({ tools: [...TOOLS, { name: 'odd', command: ['odd'], env: {} }] })
  const { told, ending } = hear(claude, job, 'claude-mcp-missing')
  const warnings = [
    'The agent had no tools of `jira`: the server did not connect (failed). Whoever runs Errand finds the reason in its log.',
    'The agent had no tools of `lint`: `no-such-program` did not start, or did not answer (failed).',
    'The agent had no tools of `odd`: `odd` did not start, or did not answer (its settings were not taken).',
  ]
  expect(ending).toMatchObject({ warnings, answer: 'It says said hi' })
  expect(told.filter((one) => one.kind === 'log' && one.text.includes('warning: '))).toEqual(
    warnings.map((warning) => ({ kind: 'log', text: `errand: warning: ${warning}` })),
  )
})

test('a plan is made with tools that read; work is done with all that end with it', () => {
  const plan = claude.launch(newJob({ request: { mode: 'plan' }, tools: TOOLS })).args
  expect(after(plan, '--tools')).toBe('Read,Glob,Grep')
  expect(after(plan, '--append-system-prompt')).toContain('for a plan, and for nothing else')
  expect(plan).toContain('--mcp-config')
  const work = claude.launch(newJob()).args
  expect(work).not.toContain('--tools')
  expect(work).not.toContain('--append-system-prompt')
  expect(after(work, '--disallowedTools')).toContain('EnterWorktree')
})

test('what it waits for ends before it would count as stuck', () => {
  const { env } = claude.launch(newJob())
  expect(env).toMatchObject({
    API_TIMEOUT_MS: '300000',
    BASH_MAX_TIMEOUT_MS: '540000',
    BASH_DEFAULT_TIMEOUT_MS: '120000',
    MCP_TOOL_TIMEOUT: '540000',
  })
})

test("the repository's instructions are taken in, CLAUDE.md and AGENTS.md, and one that is a link once", () => {
  const instructions = (make: (repo: string) => void) => {
    const job = newJob()
    make(job.start.places.repo)
    claude.launch(job)
    const file = join(job.start.places.home, '.claude', 'CLAUDE.md')
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
  expect(instructions(() => undefined)).toBeUndefined()
  expect(instructions((repo) => writeFileSync(join(repo, 'AGENTS.md'), 'a'))).toBe('@../../repo/AGENTS.md\n')
  expect(
    instructions((repo) => {
      writeFileSync(join(repo, 'AGENTS.md'), 'a')
      writeFileSync(join(repo, 'CLAUDE.md'), 'c')
    }),
  ).toBe('@../../repo/CLAUDE.md\n@../../repo/AGENTS.md\n')
  expect(
    instructions((repo) => {
      writeFileSync(join(repo, 'AGENTS.md'), 'a')
      symlinkSync('AGENTS.md', join(repo, 'CLAUDE.md'))
    }),
  ).toBe('@../../repo/CLAUDE.md\n')
  expect(instructions((repo) => symlinkSync('/etc/hostname', join(repo, 'CLAUDE.md')))).toBeUndefined()
})
