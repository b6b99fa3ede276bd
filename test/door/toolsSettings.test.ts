import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { toolServers, toolsOf } from '../../src/door/toolsServer.ts'
import { bindSession, unbindSession } from '../../src/door/toolsSession.ts'
import { problemsOfTools, secretsOfTools, ToolsSettings } from '../../src/door/toolsSettings.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'errand-tools-'))
afterAll(() => rmSync(FOLDER, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(FOLDER, name)
  writeFileSync(path, text)
  return path
}

const url = 'https://mcp.example.com/mcp'

test('a server behind the door, and one in the image', () => {
  const token = file('token', 'glpat-0123456789\n')
  const settings = ToolsSettings.parse({
    gitlab: { url, headers: { 'PRIVATE-TOKEN': { file: token }, 'X-Team': 'shop' }, allow: ['get_issue', 'list_*'] },
    echo: { command: ['mcp-echo', '--quiet'] },
  })
  expect(toolsOf(settings)).toEqual([
    { name: 'gitlab', at: 'door' },
    { name: 'echo', at: 'image', command: ['mcp-echo', '--quiet'], env: {} },
  ])
  const gitlab = toolServers(settings).get('gitlab')
  expect(toolServers(settings).has('echo')).toBe(false)
  expect(gitlab?.headers()).toEqual({ headers: { 'private-token': 'glpat-0123456789', 'x-team': 'shop' } })
  expect(['get_issue', 'list_', 'list_x', 'get_issues', 'xlist_y'].map((name) => gitlab?.allows(name))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
  expect(
    toolServers(ToolsSettings.parse({ jira: { url } }))
      .get('jira')
      ?.allows('x'),
  ).toBe('read-only')
  expect(secretsOfTools(settings)).toEqual(['glpat-0123456789'])
})

test('of a credential for basic authentication the password is a secret too', () => {
  const pair = btoa('ada@example.com:the-password')
  const basic = { url, headers: { Authorization: { file: file('basic', `Basic ${pair}`) } } }
  const packed = { url, headers: { Authorization: { file: file('packed', `${pair}\n`), prefix: 'Basic ' } } }
  const settings = ToolsSettings.parse({ basic, packed })
  expect(toolServers(settings).get('packed')?.headers()).toEqual({ headers: { authorization: `Basic ${pair}` } })
  expect(new Set(secretsOfTools(settings))).toEqual(
    new Set([`Basic ${pair}`, pair, 'ada@example.com:the-password', 'the-password']),
  )
})

test.each([
  ['a secret as text', { a: { url, headers: { Authorization: 'Bearer x' } } }, 'given as { file: … }'],
  ['a header that is ours', { a: { url, headers: { 'Mcp-Session-Id': '1' } } }, 'not the name of a header'],
  ['a header that is none', { a: { url, headers: { 'a b': '1' } } }, 'not the name of a header'],
  ['a name with a space', { 'a b': { url } }, 'a name of small letters'],
  ['both', { a: { url, command: ['x'] } }, 'either url'],
  ['neither', { a: {} }, 'either url'],
  ['an address of another kind', { a: { url: 'file:///etc' } }, 'Invalid URL'],
  ['a tool of odd name', { a: { url, allow: ['a b'] } }, 'a name of a tool'],
])('%s is refused', (_, given, words) => {
  const { error } = ToolsSettings.safeParse(given)
  expect(JSON.stringify(error?.issues)).toContain(words)
})

test('a file that is missing, empty or no header is named with its setting', () => {
  const headers = {
    A: { file: join(FOLDER, 'missing') },
    B: { file: file('empty', '\n') },
    C: { file: file('lines', 'a\nb') },
    D: { file: file('good', 'x') },
  }
  const problems = problemsOfTools(ToolsSettings.parse({ a: { url, headers } }))
  expect(problems).toEqual([
    expect.stringMatching(/^tools\.a\.headers\.A: ENOENT/),
    'tools.a.headers.B: is empty',
    expect.stringMatching(/^tools\.a\.headers\.C: Invalid character/),
  ])
})

test("a session's id is bound to its task and server", () => {
  const key = 'k'.repeat(32)
  const bound = bindSession(key, '1-n1', 'gitlab', 'abc') ?? ''
  expect(unbindSession(key, '1-n1', 'gitlab', bound)).toBe('abc')
  expect(unbindSession(key, '1-n2', 'gitlab', bound)).toBeUndefined()
  expect(unbindSession(key, '1-n1', 'jira', bound)).toBeUndefined()
  expect(unbindSession(`${key}!`, '1-n1', 'gitlab', bound)).toBeUndefined()
  expect(bindSession(key, '1-n1', 'gitlab', 'a\nb')).toBeUndefined()
})
