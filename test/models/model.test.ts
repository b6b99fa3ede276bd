import { expect, test } from 'vitest'
import { type Model, startModel } from './server.ts'

const TOOLS = [{ name: 'Bash' }]
const MOVED = { role: 'system', content: 'Working directory: /new place/repo (was /workspace/repo)\nand so on' }
const PERSON = { role: 'user', content: '<system-reminder>be good</system-reminder>Fix it' }
const AGENT = { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'Bash', input: {} }] }
const RESULT = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'three\nfiles' }] }

function ask(model: Model, messages: readonly unknown[], more: object = {}): Promise<Response> {
  const system = [{ type: 'text', text: 'Environment\n- Working directory: /workspace/repo\n' }]
  const body = JSON.stringify({ model: 'claude-x', system, messages, tools: TOOLS, ...more })
  return fetch(`${model.url}/v1/messages?beta=true`, { method: 'POST', body })
}

test('by turn: the answer that the conversation is at, after the faults before it, however often it is asked', async () => {
  await using model = await startModel({
    steps: [
      { error: { status: 429, headers: { 'retry-after': '7' }, message: 'slow down' }, times: 2 },
      { calls: [{ tool: 'Bash', input: { command: 'ls {{cwd}}', list: ['{{prompt}}'] } }] },
      { text: 'I saw {{last_tool_result}}', usage: { input: 5, output: 6, cacheRead: 7, cacheWrite: 8 } },
      { error: { status: 529 }, times: 'always' },
    ],
  })
  const refused = await ask(model, [PERSON])
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
  expect(await refused.json()).toMatchObject({ error: { type: 'rate_limit_error', message: 'slow down' } })
  expect((await ask(model, [PERSON])).status).toBe(429)
  for (const _ of [1, 2]) {
    expect(await (await ask(model, [PERSON])).json()).toMatchObject({
      content: [{ type: 'tool_use', name: 'Bash', input: { command: 'ls /workspace/repo', list: ['Fix it'] } }],
      stop_reason: 'tool_use',
    })
  }
  expect(await (await ask(model, [PERSON, MOVED])).json()).toMatchObject({
    content: [{ input: { command: 'ls /new place/repo' } }],
  })
  expect(await (await ask(model, [PERSON, AGENT, RESULT])).json()).toMatchObject({
    content: [{ type: 'text', text: 'I saw three\nfiles' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 5, output_tokens: 6, cache_read_input_tokens: 7, cache_creation_input_tokens: 8 },
  })
  for (const _ of [1, 2, 3]) expect((await ask(model, [PERSON, AGENT, RESULT, AGENT, RESULT])).status).toBe(529)
  expect(model.asked.map(({ answers }) => answers)).toEqual([0, 0, 0, 0, 0, 1, 2, 2, 2])
  expect(model.asked[0]).toMatchObject({ model: 'claude-x', prompts: ['Fix it'], tools: ['Bash'], api: 'anthropic' })
})

test('by sequence: one step after the other, and a plain refusal after the last', async () => {
  await using model = await startModel({
    mode: 'sequence',
    steps: [{ text: 'one' }, { error: { status: 500 } }, { text: 'two' }],
  })
  const seen = []
  for (const _ of [1, 2, 3, 4]) seen.push((await ask(model, [PERSON])).status)
  expect(seen).toEqual([200, 500, 200, 400])
  expect(model.unscripted).toHaveLength(1)
})

test('an answer as events; a torn one; side calls and other addresses take no step', async () => {
  await using model = await startModel({
    steps: [{ drop: 3, text: 'torn' }, { text: 'x'.repeat(100) }],
    side: 'A title',
  })
  expect(await (await ask(model, [PERSON], { tools: undefined })).json()).toMatchObject({
    content: [{ text: 'A title' }],
  })
  const count = await fetch(`${model.url}/v1/messages/count_tokens`, { method: 'POST', body: '{}' })
  expect(await count.json()).toEqual({ input_tokens: expect.any(Number) })
  expect((await fetch(`${model.url}/v1/files`)).status).toBe(404)
  expect(model.unknown).toEqual(['GET /v1/files'])

  const torn = await ask(model, [PERSON], { stream: true })
  const pieces: string[] = []
  await expect(
    (async () => {
      for await (const piece of torn.body ?? []) pieces.push(Buffer.from(piece).toString())
    })(),
  ).rejects.toThrow()
  expect(pieces.join('').match(/^event: .*/gm)).toEqual([
    'event: message_start',
    'event: ping',
    'event: content_block_start',
  ])

  const whole = await ask(model, [PERSON], { stream: true })
  const events = [...(await whole.text()).matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? ''))
  const said = events.flatMap(({ delta }) => (delta?.type === 'text_delta' ? [delta.text] : []))
  expect(said.length).toBeGreaterThan(1)
  expect(said.join('')).toBe('x'.repeat(100))
  expect(events.at(-1)).toEqual({ type: 'message_stop' })
  expect(model.asked).toHaveLength(2)
})

test('it hangs as long as it is asked to', async () => {
  await using model = await startModel({ steps: [{ hang: true }] })
  const cut = AbortSignal.timeout(300)
  await expect(
    fetch(`${model.url}/v1/messages`, { method: 'POST', body: '{"messages":[],"tools":[{}]}', signal: cut }),
  ).rejects.toThrow('timeout')
})
