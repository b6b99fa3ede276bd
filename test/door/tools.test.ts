import { request as requestHttp } from 'node:http'
import { expect, test, vi } from 'vitest'
import { openDoor } from './openDoor.ts'
import { callOf, type Rpc, request, TOOL_TOKEN, toolDoor } from './toolServer.ts'

const names = (answer: Rpc | undefined) =>
  (answer?.result?.tools as { name: string }[] | undefined)?.map(({ name }) => name)
const INITIALIZE = request('initialize', { protocolVersion: '2025-11-25', capabilities: {} })

test("an agent reaches the server with the operator's credential, and never sees it", async () => {
  await using door = await toolDoor({ settings: { allow: ['*'] } })
  const answer = await door.post(INITIALIZE, { 'mcp-protocol-version': '2025-11-25', cookie: 'a=b', 'x-other': 'x' })
  expect(answer.status).toBe(200)
  const { result } = (await answer.json()) as Rpc
  // Resources and prompts are not passed on, so they are not promised.
  expect(result?.capabilities).toEqual({ tools: { listChanged: true }, logging: {} })
  const session = answer.headers.get('mcp-session-id') ?? ''
  expect(session).toMatch(/^1\../)
  expect(await door.ask(callOf('get_issue', { iid: 7 }), { 'mcp-session-id': session })).toEqual([
    { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: 'get_issue {"iid":7}' }] } },
  ])
  const notified = await door.post(
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { 'mcp-session-id': session },
  )
  expect([notified.status, await notified.text()]).toEqual([202, ''])
  const ended = await door.call('/v1/tools/gitlab', { method: 'DELETE', headers: { 'mcp-session-id': session } })
  expect(ended.status).toBe(200)
  const [first, ...later] = door.server.seen.map(({ headers }) => headers)
  expect(first).toMatchObject({ 'private-token': TOOL_TOKEN, 'mcp-protocol-version': '2025-11-25' })
  expect(later.map((headers) => headers['mcp-session-id'])).toEqual(['1', '1', '1'])
  for (const headers of [first, ...later]) {
    expect(headers).not.toHaveProperty('authorization')
    expect(headers).not.toHaveProperty('cookie')
    expect(headers).not.toHaveProperty('x-other')
  }
})

test.each(['json', 'events'] as const)('an agent sees only the tools that are allowed (%s)', async (as) => {
  await using door = await toolDoor({ as, settings: { allow: ['get_*', 'note'] } })
  const [first] = await door.ask(request('tools/list'))
  expect(names(first)).toEqual(['get_issue'])
  expect(first?.result?.nextCursor).toBe('page 2')
  expect(names((await door.ask(request('tools/list', { cursor: 'page 2' })))[0])).toEqual(['note'])
  await using open = await toolDoor({ as })
  expect(names((await open.ask(request('tools/list', { cursor: 'page 2' })))[0])).toEqual(['list_issues'])
})

test('what the agent answers to the server passes', async () => {
  await using door = await toolDoor()
  expect((await door.post({ jsonrpc: '2.0', id: 3, result: { roots: [] } })).status).toBe(202)
  expect(door.server.seen[0]?.body).toEqual({ jsonrpc: '2.0', id: 3, result: { roots: [] } })
})

test.each(['json', 'events'] as const)(
  'what the server says of its own token is masked; what the agent works on is not (%s)',
  async (as) => {
    await using door = await toolDoor({ as, settings: { allow: ['*'] } })
    const [answer] = await door.ask(
      callOf('get_issue', { a: TOOL_TOKEN, b: btoa(TOOL_TOKEN), c: 'glpat-somebody-elses-0123' }),
    )
    const text = JSON.stringify(answer)
    expect(text).not.toContain('OF-THE-TOOL-SERVER')
    expect(text).toContain('[masked]')
    expect(text).toContain('glpat-somebody-elses-0123')
  },
)

test('a session belongs to the task that began it', async () => {
  await using door = await toolDoor({ settings: { allow: ['*'] } })
  const session = (await door.post(INITIALIZE)).headers.get('mcp-session-id') ?? ''
  const heard = door.server.seen.length
  for (const foreign of ['1', `1.${'A'.repeat(43)}`, `2${session.slice(1)}`, `${session}x`, 'x'.repeat(44)]) {
    expect([foreign, (await door.post(callOf('get_issue'), { 'mcp-session-id': foreign })).status]).toEqual([
      foreign,
      404,
    ])
  }
  expect(door.server.seen).toHaveLength(heard)
})

test('events come one by one, as they are sent, and end when the agent goes', async () => {
  await using door = await toolDoor({ settings: { allow: ['*'] } })
  const gone = new AbortController()
  const answer = await door.call('/v1/tools/gitlab', { headers: { 'last-event-id': '6' }, signal: gone.signal })
  expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toBe(
    'id: 7\ndata: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n',
  )
  expect(door.server.seen[0]?.headers['last-event-id']).toBe('6')
  expect(door.server.streams()).toBe(1)
  gone.abort()
  await vi.waitFor(() => expect(door.server.streams()).toBe(0), 5000)
})

test('there are no other servers, methods or callers', async () => {
  await using door = await toolDoor()
  expect((await door.call('/v1/tools/jira', { method: 'POST', body: '{}' })).status).toBe(404)
  expect((await door.call('/v1/tools/gitlab/x', { method: 'POST', body: '{}' })).status).toBe(404)
  expect((await door.call('/v1/tools/constructor', { method: 'POST', body: '{}' })).status).toBe(404)
  expect((await door.call('/v1/tools/gitlab', { method: 'PUT', body: '{}' })).status).toBe(405)
  expect((await fetch(`${door.url}/v1/tools/gitlab`, { method: 'POST', body: '{}' })).status).toBe(401)
  expect((await door.post('x'.repeat(4 * 1024 * 1024 + 1))).status).toBe(413)
  expect(door.server.seen).toEqual([])
  await using empty = await openDoor()
  expect((await empty.call('/v1/tools/gitlab', { method: 'POST', body: '{}' })).status).toBe(404)
})

test('a path that is no text is refused', async () => {
  await using door = await toolDoor()
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${door.credential}` }
    requestHttp(`${door.url}/v1/tools/%ff`, { method: 'POST', headers })
      .on('error', reject)
      .on('response', (res) => resolve(res.resume().statusCode))
      .end()
  })
  expect(status).toBe(400)
})
