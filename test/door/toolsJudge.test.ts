import { expect, test } from 'vitest'
import { callOf, type Rpc, request, toolDoor } from './toolServer.ts'

test('a tool that is not allowed is refused in words, alone or among others, and the server hears nothing', async () => {
  await using door = await toolDoor({ settings: { allow: ['get_*'] } })
  const words = 'The operator of Errand does not allow the tool delete_issue of gitlab.'
  const refusal = (id: number) => ({ jsonrpc: '2.0', id, error: { code: -32602, message: words } })
  expect(await door.ask(callOf('delete_issue'))).toEqual([refusal(1)])
  expect(await door.ask([callOf('get_issue', {}, 1), callOf('delete_issue', {}, 2)])).toEqual([refusal(1), refusal(2)])
  for (const odd of ['get_issue\n', 'GET_ISSUE', ' get_issue', 'xget_issue']) {
    expect((await door.ask(callOf(odd)))[0]?.error?.code).toBe(-32602)
  }
  expect(door.server.seen).toEqual([])
  expect(door.logged).toContainEqual(
    expect.objectContaining({ msg: 'a call of a tool was refused', tool: 'gitlab', reason: words }),
  )
  const both = await door.ask([callOf('get_issue', {}, 1), callOf('get_issue', {}, 2)])
  expect(both.map(({ id }) => id)).toEqual([1, 2])
})

test.each(['json', 'events'] as const)(
  'without a list the tools that read are allowed, asked of the server itself (%s)',
  async (as) => {
    await using door = await toolDoor({ as })
    expect((await door.ask(callOf('list_issues'), { 'mcp-protocol-version': '2025-06-18' }))[0]?.result).toBeDefined()
    // Two pages were asked for, as the agent speaks; then the call was let through.
    expect(door.server.seen.map(({ body }) => (body as Rpc).method)).toEqual(['tools/list', 'tools/list', 'tools/call'])
    expect(door.server.seen[1]?.headers['mcp-protocol-version']).toBe('2025-06-18')
    expect((await door.ask(callOf('note')))[0]?.error?.message).toBe(
      'Of gitlab only tools that read are allowed, and note is not one of them.',
    )
    expect((await door.ask(callOf('delete_issue')))[0]?.error).toBeDefined()
    expect((await door.ask(callOf('get_issue')))[0]?.result).toBeDefined()
    expect(door.server.seen).toHaveLength(4)
    expect((await door.ask(callOf('unheard_of')))[0]?.error).toBeDefined()
    expect(door.server.seen.at(-1)?.body).toMatchObject({ method: 'tools/list' })
  },
)

test('what the server said in a list is remembered', async () => {
  await using door = await toolDoor()
  await door.ask(request('tools/list'))
  await door.ask(callOf('get_issue'))
  expect(door.server.seen.map(({ body }) => (body as Rpc).method)).toEqual(['tools/list', 'tools/call'])
})

test('when the server does not say which tools it has, the call is refused in words', async () => {
  await using door = await toolDoor({
    instead: (_, res) => {
      res.writeHead(400).end()
      return true
    },
  })
  expect((await door.ask(callOf('get_issue')))[0]?.error?.message).toBe(
    'The tool server gitlab answered 400 when it was asked for its tools.',
  )
})

test('the server gets what was judged, whatever else was written around it', async () => {
  await using door = await toolDoor({ settings: { allow: ['get_issue'] } })
  await door.ask(
    '{"jsonrpc":"2.0","id":1,"Method":"tools/list","method":"tools/list","method":"tools/call","Params":{"name":"delete_issue"},' +
      '"params":{"name":"delete_issue","name":"get_issue","Name":"delete_issue","arguments":{},"_meta":{"progressToken":3}}}',
  )
  expect(door.server.seen.map(({ body }) => body)).toEqual([
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'get_issue', arguments: {}, _meta: { progressToken: 3 } },
    },
  ])
})

test.each([
  ['resources', request('resources/read', { uri: 'x' }), 200, -32601],
  ['prompts', request('prompts/get'), 200, -32601],
  ['a call that wants no answer', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'get_issue' } }, 400, -32600],
  ['a notification with an id', request('notifications/initialized'), 200, -32601],
  ['a call without a name', request('tools/call', {}), 200, -32602],
  ['a call with an endless name', callOf('get_issue'.repeat(100)), 200, -32602],
  ['a call with a list of arguments', request('tools/call', { name: 'get_issue', arguments: [] }), 200, -32602],
  ['no JSON-RPC', { hello: 1 }, 400, -32600],
  ['an empty batch', [], 400, -32600],
  ['an id that is none', { ...request('ping'), id: null }, 400, -32600],
  ['a batch within a batch', [[request('ping')]], 400, -32600],
  ['too many at once', Array.from({ length: 51 }, () => request('ping')), 400, -32600],
  ['no JSON', '{"jsonrpc":', 400, -32700],
])('%s is refused', async (_, body, status, code) => {
  await using door = await toolDoor({ settings: { allow: ['*'] } })
  const answer = await door.post(body)
  expect([answer.status, ((await answer.json()) as Rpc).error?.code]).toEqual([status, code])
  expect(door.server.seen).toEqual([])
})

test('headers that name another tool than the message are refused', async () => {
  await using door = await toolDoor({ settings: { allow: ['*'] } })
  const said = { 'mcp-method': 'tools/call', 'mcp-name': 'get_issue' }
  expect((await door.ask(callOf('get_issue'), said))[0]?.result).toBeDefined()
  expect(door.server.seen[0]?.headers).toMatchObject(said)
  for (const [body, headers] of [
    [callOf('get_issue'), { 'mcp-method': 'tools/list' }],
    [callOf('get_issue'), { 'mcp-name': 'delete_issue' }],
    [[callOf('get_issue')], said],
  ] as const) {
    expect((await door.ask(body, headers))[0]?.error?.code).toBe(-32600)
  }
  expect(door.server.seen).toHaveLength(1)
})

test('a tool that names a project is called only about one that the person who asked may read', async () => {
  const asked: string[] = []
  await using door = await toolDoor({
    settings: { allow: ['*'], projects: ['project_id', 'group_path'] },
    needs: {
      mayRead: async (task, project) => {
        asked.push(`${task} ${project}`)
        return project.includes('vault') ? `@ada, who asked for this, may not read ${project}` : true
      },
    },
  })
  for (const given of [
    { project_id: 42 },
    { project_id: '42' },
    { project_id: 'demo/shop' },
    { project_id: 'demo%2Fshop' },
  ]) {
    expect((await door.ask(callOf('get_issue', given)))[0]?.result).toBeDefined()
  }
  expect(asked).toEqual(['42-n1337 42', '42-n1337 42', '42-n1337 demo/shop', '42-n1337 demo/shop'])
  expect(door.server.seen.at(-1)?.body).toMatchObject({ params: { arguments: { project_id: 'demo%2Fshop' } } })
  const heard = door.server.seen.length
  for (const given of [
    { project_id: 'demo/vault' },
    { project_id: 42, ProjectID: 'demo/vault' },
    { project_id: 42, project_ıd: 1, GROUP_PATH: ['demo/shop', 'demo/vault'] },
  ]) {
    expect((await door.ask(callOf('get_issue', given)))[0]?.error?.message).toBe(
      '@ada, who asked for this, may not read demo/vault.',
    )
  }
  for (const given of [
    {},
    { project_id: null },
    { project_id: '' },
    { project_id: -1 },
    { project_id: '42/../43' },
    { project_id: 'demo%252Fvault' },
    { project_id: 'https://gitlab.example.com/demo/vault' },
    { project_id: { id: 42 } },
    { projects: 'demo/shop' },
  ]) {
    expect([given, (await door.ask(callOf('get_issue', given)))[0]?.error?.code]).toEqual([given, -32602])
  }
  expect(door.server.seen).toHaveLength(heard)
})
