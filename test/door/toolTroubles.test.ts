import { rm, writeFile } from 'node:fs/promises'
import type { OutgoingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { callOf, type Rpc, request, TOOL_TOKEN, toolDoor } from './toolServer.ts'

const MB = 1024 * 1024
const JSON_TYPE = { 'content-type': 'application/json' }
const MEND = "Errand's operator has to mend its settings. Go on without it."

/** A server that answers everything so. */
const always = (status: number, headers: OutgoingHttpHeaders, body: string | Buffer = '') =>
  toolDoor({
    settings: { allow: ['*'] },
    instead: (_, res) => {
      res.writeHead(status, headers).end(body)
      return true
    },
  })

test.each([
  [
    401,
    {},
    `{"token":"${TOOL_TOKEN}"}`,
    `The tool server gitlab refused Errand (401): ${MEND}`,
    'tools.gitlab.headers',
  ],
  [403, {}, '', `The tool server gitlab refused Errand (403): ${MEND}`, 'tools.gitlab.headers'],
  [
    302,
    { location: 'http://169.254.169.254/' },
    '',
    `The tool server gitlab answers with a redirect (302): ${MEND}`,
    'tools.gitlab.url',
  ],
  [
    200,
    { 'content-type': 'text/html' },
    '<h1>Hi',
    'The tool server gitlab answers with text/html, which is no MCP.',
    'tools.gitlab.url',
  ],
  [503, {}, 'stack trace', 'The tool server gitlab answered 503; try again later.', undefined],
  [429, {}, '', 'The tool server gitlab answered 429; try again later.', undefined],
  [400, {}, `bad ${TOOL_TOKEN}`, 'The tool server gitlab answered 400: bad [masked]', undefined],
  [200, JSON_TYPE, '{"jsonrpc":', 'The tool server gitlab answered with what is not JSON.', undefined],
  [
    200,
    { ...JSON_TYPE, 'content-encoding': 'gzip' },
    gzipSync('{}'),
    'The tool server gitlab answers packed with gzip, which it was not asked to.',
    undefined,
  ],
  [
    200,
    JSON_TYPE,
    `"${'x'.repeat(9 * MB)}"`,
    'The tool server gitlab said more than 8 MB at once, which Errand does not pass on; ask for less.',
    undefined,
  ],
] as const)(
  '%i %j is told to the agent in words, and to the operator with the setting',
  async (status, headers, body, words, setting) => {
    await using door = await always(status, headers, body)
    expect(await door.ask([callOf('a', {}, 1), callOf('b', {}, 'two')])).toEqual(
      [1, 'two'].map((id) => ({ jsonrpc: '2.0', id, error: { code: -32000, message: words } })),
    )
    const level = setting === undefined ? 40 : 50
    expect(door.logged).toContainEqual(
      expect.objectContaining({ level, tool: 'gitlab', ...(setting === undefined ? {} : { setting }) }),
    )
    expect(JSON.stringify(door.logged)).not.toContain('OF-THE-TOOL-SERVER')
  },
)

test('where nobody waits for a message, the status says it', async () => {
  await using door = await always(401, {})
  expect((await door.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(502)
  expect((await door.call('/v1/tools/gitlab')).status).toBe(502)
})

test.each([404, 405])('%i passes: the client knows what to do', async (status) => {
  await using door = await always(status, JSON_TYPE, '{"error":"x"}')
  expect((await door.call('/v1/tools/gitlab')).status).toBe(status)
  expect((await door.post(request('ping'))).status).toBe(status)
})

test("the server's own refusal of a message passes, without secrets", async () => {
  const refusal = {
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32022, message: `no ${TOOL_TOKEN}`, data: { supported: [] } },
  }
  await using door = await always(400, JSON_TYPE, JSON.stringify(refusal))
  const answer = await door.post(request('ping'))
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { ...refusal, error: { ...refusal.error, message: 'no [masked]' } },
  ])
})

test('a server that is away is said so', async () => {
  const gone = await toolDoor({ settings: { allow: ['*'] } })
  await gone.server[Symbol.asyncDispose]()
  expect((await gone.ask(callOf('a')))[0]?.error?.message).toBe(
    'The tool server gitlab cannot be reached; try again later.',
  )
  expect(gone.logged.at(-1)).toMatchObject({ why: expect.stringContaining('ECONNREFUSED') })
  await gone[Symbol.asyncDispose]()
})

test('an event that is too large becomes words, and the stream ends', async () => {
  await using door = await toolDoor({
    settings: { allow: ['*'] },
    instead: (_, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      const small = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress' })
      res.write(`data: ${small}\n\nid: 9\ndata: \n\n: hello\n\ndata: no json\n\ndata: ${'x'.repeat(9 * MB)}`)
      return true
    },
  })
  const answer = await door.post(callOf('a'))
  const words = 'The tool server gitlab said more than 8 MB at once, which Errand does not pass on; ask for less.'
  expect(await answer.text()).toBe(
    [
      'data: {"jsonrpc":"2.0","method":"notifications/progress"}',
      'id: 9\ndata: ',
      ':',
      ':',
      `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32000, message: words } })}`,
      '',
    ].join('\n\n'),
  )
})

test('a stream that breaks off is one for the agent too', async () => {
  await using door = await toolDoor({
    settings: { allow: ['*'] },
    instead: (_, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write('data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n', () => res.destroy())
      return true
    },
  })
  const answer = await door.post(callOf('a'))
  await expect(answer.text()).rejects.toThrow()
  expect(door.logged).toContainEqual(expect.objectContaining({ msg: 'a tool server broke off', tool: 'gitlab' }))
})

test('an answer that breaks off before it was whole is said in words', async () => {
  await using door = await toolDoor({
    settings: { allow: ['*'] },
    instead: (_, res) => {
      res.writeHead(200, { ...JSON_TYPE, 'content-length': 100 })
      res.write('{"jsonrpc"', () => res.destroy())
      return true
    },
  })
  expect((await door.ask(callOf('a')))[0]?.error?.message).toBe('The tool server gitlab broke off in the middle.')
})

test('when the agent goes, the call of the tool ends', async () => {
  let ended = false
  await using door = await toolDoor({
    settings: { allow: ['*'] },
    instead: (_, res) => {
      res.on('close', () => {
        ended = true
      })
      return true
    },
  })
  const gone = new AbortController()
  const headers = { authorization: `Bearer ${door.credential}` }
  const init = { method: 'POST', headers, body: JSON.stringify(callOf('a')), signal: gone.signal }
  const call = fetch(`${door.url}/v1/tools/gitlab`, init).catch(() => 'gone')
  await vi.waitFor(() => expect(door.server.seen).toHaveLength(1), 5000)
  gone.abort()
  expect(await call).toBe('gone')
  await vi.waitFor(() => expect(ended).toBe(true), 5000)
})

test('the token is read anew at every use, and masked while its file is away', async () => {
  await using door = await toolDoor({ settings: { allow: ['*'] } })
  const echo = async () => ((await door.ask(callOf('a', { a: TOOL_TOKEN })))[0] as Rpc).result
  expect(JSON.stringify(await echo())).toContain('[masked]')
  await writeFile(door.file, 'glpat-THE-NEXT-TOKEN')
  expect((await door.ask(callOf('a')))[0]?.error?.message).toContain('refused Errand (401)')
  expect(door.server.seen.at(-1)?.headers['private-token']).toBe('glpat-THE-NEXT-TOKEN')
  await rm(door.file)
  expect((await door.ask(callOf('a')))[0]?.error?.message).toBe(`The tool server gitlab cannot be used: ${MEND}`)
  expect(door.logged.at(-1)).toMatchObject({
    setting: 'tools.gitlab.headers.PRIVATE-TOKEN',
    why: expect.stringContaining('ENOENT'),
  })
})
