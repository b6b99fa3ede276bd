/** With an SDK as an operator brings it: one trace leads from the webhook to the merge request. */

import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { afterAll, expect, test } from 'vitest'
import { startWorld } from './world.ts'

const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
provider.register()
afterAll(() => provider.shutdown())

/** The spans of a task's trace in their order, and which is the parent of which. */
function traceOf(task: string) {
  const all = exporter.getFinishedSpans()
  const traceId = all.find(({ attributes }) => attributes['errand.task'] === task)?.spanContext().traceId
  const spans = all.filter((span) => span.spanContext().traceId === traceId)
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]))
  return spans.map(({ name, parentSpanContext, attributes, status }) => ({
    name,
    below: names.get(parentSpanContext?.spanId ?? ''),
    hasParent: parentSpanContext !== undefined,
    task: attributes['errand.task'],
    status: status.code,
  }))
}

test('a comment, and what came of it, is one trace', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check')
  await world.answer(task)
  await world.over(task)
  const spans = traceOf(task)
  const named = (wanted: string) => spans.filter(({ name }) => name === wanted)
  expect(named('webhook')).toMatchObject([{ hasParent: false }])
  expect(named('receive')).toMatchObject([{ below: 'webhook' }])
  for (const name of ['react', 'say-status', 'check', 'take-turn', 'launch', 'merge-request', 'reply', 'leave'])
    expect(named(`look ${name}`)[0], name).toMatchObject({ below: 'receive', task, status: 0 })
  expect(named('door request')).toMatchObject([{ below: 'receive', task }])
  expect(named('door outcome')).toMatchObject([{ below: 'receive', task }])
  const order = spans.map(({ name }) => name)
  expect(order.indexOf('look launch')).toBeLessThan(order.indexOf('door request'))
  expect(order.indexOf('door outcome')).toBeLessThan(order.indexOf('look merge-request'))
})

test('what is asked on the page, and a follow-up, have theirs', async () => {
  await using world = await startWorld()
  const asked = await world.page.ask(await world.person('developer'), {
    repository: 'demo/shop',
    prompt: 'add a check',
  })
  if (asked.is !== 'created') throw new Error(JSON.stringify(asked))
  const { id } = asked.task
  const place = { on: 'merge_requests', iid: 1 } as const
  await world.answer(id, place)
  await world.over(id)
  expect(traceOf(id).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['ask', 'look launch', 'look merge-request']),
  )
  const { id: discussion } = await world.thread(id, place)
  const reply = await world.say('developer', 'And a test.', { ...place, discussion })
  await world.answer(reply, place)
  await world.over(reply)
  const follow = traceOf(reply)
  expect(follow.find(({ name }) => name === 'follow-up')).toMatchObject({ below: 'receive' })
  expect(follow.find(({ name }) => name === 'look launch')).toMatchObject({ below: 'follow-up', task: reply })
  expect(follow.find(({ name }) => name === 'webhook')).toMatchObject({ hasParent: false })
})
