import { expect, test, vi } from 'vitest'
import { steer } from './controls.ts'
import { everything, hooked, startReceiver } from './hookReceiver.ts'
import { list, startedSandbox } from './startedSandbox.ts'

const notes = '/projects/1/issues/1/notes'
const hook = '/projects/1/hooks/1'

test('the log comes in pages of at most twenty, newest first', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask)
  for (const body of ['one', 'two', 'three']) await ask('developer', 'POST', notes, { body })
  await receiver.wait(3)
  await vi.waitFor(async () => expect(list(await ask('maintainer', 'GET', `${hook}/events`))).toHaveLength(3))
  const page = await ask('maintainer', 'GET', `${hook}/events?per_page=2`)
  expect([list(page).length, page.headers.get('x-total')]).toEqual([2, '3'])
  expect((await ask('maintainer', 'GET', `${hook}/events?per_page=100`)).status).toBe(400)
  expect((await ask('maintainer', 'GET', `${hook}/events?status=lost`)).status).toBe(400)
  expect((await ask('developer', 'GET', `${hook}/events`)).status).toBe(403)
})

test('what gets nowhere stands in the log and can be sent again, what is dropped does not', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask)
  sandbox.faults.delivery.fail = 1
  await ask('developer', 'POST', notes, { body: 'failed' })
  await vi.waitFor(async () =>
    expect(list(await ask('maintainer', 'GET', `${hook}/events?status=server_failure`))).toMatchObject([
      { response_status: 'internal error', request_data: { object_attributes: { note: 'failed' } } },
    ]),
  )
  sandbox.faults.delivery = { ...sandbox.faults.delivery, fail: 0, drop: 1 }
  await ask('developer', 'POST', notes, { body: 'dropped' })
  sandbox.faults.delivery.drop = 0
  const [failed, ...others] = list(await ask('maintainer', 'GET', `${hook}/events`))
  expect(others).toEqual([])
  await ask('maintainer', 'POST', `${hook}/events/${failed?.id}/resend`)
  expect((await receiver.wait(1))[0]?.payload.object_attributes).toMatchObject({ note: 'failed' })
})

test('resends are limited by project and person, new in their stamp and old in their key', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask)
  sandbox.faults.limits.hookResends = 2
  await ask('developer', 'POST', notes, { body: 'hello' })
  await receiver.wait(1)
  await vi.waitFor(async () => expect(list(await ask('maintainer', 'GET', `${hook}/events`))).toHaveLength(1))
  const [event] = list(await ask('maintainer', 'GET', `${hook}/events`))
  const resend = () => ask('maintainer', 'POST', `${hook}/events/${event?.id}/resend`)
  expect([(await resend()).status, (await resend()).status]).toEqual([201, 201])
  const refused = await resend()
  expect([refused.status, refused.headers.get('retry-after'), refused.body]).toEqual([
    429,
    null,
    { message: { error: 'This endpoint has been requested too many times. Try again later.' } },
  ])
  const got = await receiver.wait(3)
  expect(new Set(got.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  expect(new Set(got.map(({ headers }) => headers['x-gitlab-webhook-uuid'])).size).toBe(3)
  expect((await ask('root', 'POST', `${hook}/events/${event?.id}/resend`)).status).toBe(201)
})

test('what was sent to another address is not sent again', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask)
  await ask('developer', 'POST', notes, { body: 'hello' })
  await receiver.wait(1)
  await vi.waitFor(async () => expect(list(await ask('maintainer', 'GET', `${hook}/events`))).toHaveLength(1))
  const [event] = list(await ask('maintainer', 'GET', `${hook}/events`))
  await ask('maintainer', 'PUT', hook, { url: `${receiver.url}/other` })
  const reply = await ask('maintainer', 'POST', `${hook}/events/${event?.id}/resend`)
  expect([reply.status, reply.body]).toEqual([
    422,
    { message: 'The hook URL has changed, and this log entry cannot be retried' },
  ])
})

test('a test sends the newest of its kind, or says what is missing', async () => {
  const { ask } = await startedSandbox()
  const receiver = await startReceiver()
  await ask('maintainer', 'POST', '/projects/1/hooks', { url: receiver.url, push_events: false })
  const run = (trigger: string) => ask('maintainer', 'POST', `${hook}/test/${trigger}`)
  const empty = await run('note_events')
  expect([empty.status, empty.body]).toEqual([422, { message: 'Ensure the project has notes.' }])
  expect((await run('merge_requests_events')).body).toEqual({ message: 'Ensure the project has merge requests.' })
  expect((await run('pipeline_events')).body).toEqual({ message: 'Ensure the project has CI pipelines.' })
  expect((await run('nonsense')).status).toBe(400)
  await ask('developer', 'POST', notes, { body: 'hello' })
  const sent = await run('note_events')
  expect([sent.status, sent.body]).toEqual([201, { message: '201 Created' }])
  expect((await run('issues_events')).status).toBe(201)
  expect((await receiver.wait(2)).map(({ event, payload }) => [event, payload.object_attributes.action])).toEqual([
    ['Note Hook', 'create'],
    ['Issue Hook', 'open'],
  ])
  expect((await run('issues_events')).status).toBe(429)
})

test('a test that succeeds switches a hook on again', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask)
  sandbox.faults.delivery.autoDisable = true
  receiver.status = 500
  for (let count = 1; count <= 4; count += 1) await ask('developer', 'POST', notes, { body: `${count}` })
  const status = async () => (await ask('maintainer', 'GET', hook)).body
  await vi.waitFor(async () => expect(await status()).toMatchObject({ alert_status: 'temporarily_disabled' }))
  expect((await ask('maintainer', 'POST', `${hook}/test/note_events`)).status).toBe(422)
  receiver.status = 200
  expect((await ask('maintainer', 'POST', `${hook}/test/note_events`)).status).toBe(201)
  expect(await status()).toMatchObject({ alert_status: 'executable', disabled_until: null })
})

test('late deliveries come when they are released, backwards while there is no order', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask, { ...everything })
  sandbox.faults.delivery = { ...sandbox.faults.delivery, late: 1, reorder: true, duplicate: 1 }
  for (const body of ['one', 'two', 'three']) await ask('developer', 'POST', notes, { body })
  await vi.waitFor(async () => {
    const waiting = (await steer(sandbox.url, 'GET', '/deliveries')).body
    expect(waiting).toMatchObject([{ status: 'pending' }, { status: 'pending' }, { status: 'pending' }])
  })
  expect(receiver.got).toEqual([])
  expect((await steer(sandbox.url, 'POST', '/deliveries/release')).body).toEqual({ released: 3 })
  const texts = (await receiver.wait(6)).map(({ payload }) => payload.object_attributes.note)
  expect(texts.filter((text) => text === 'two')).toHaveLength(2)
  expect((await steer(sandbox.url, 'POST', '/deliveries/release')).body).toEqual({ released: 0 })
})

test('all at once, and the same way for the same seed', async () => {
  const outcome = async () => {
    const { sandbox, ask } = await startedSandbox()
    await hooked(ask)
    const delivery = { drop: 0.3, fail: 0.2, late: 0.3, duplicate: 1, reorder: true }
    expect((await steer(sandbox.url, 'PUT', '/faults', { seed: 5, delivery })).status).toBe(200)
    for (let count = 1; count <= 20; count += 1) await ask('developer', 'POST', notes, { body: `${count}` })
    const { body } = await steer(sandbox.url, 'POST', '/deliveries/release')
    const rows = async () => list(await steer(sandbox.url, 'GET', '/deliveries'))
    await vi.waitFor(async () => expect((await rows()).filter(({ status }) => status === 'pending')).toEqual([]), 5000)
    const counts = Map.groupBy(await rows(), ({ status }) => status)
    return { body, dropped: counts.get('dropped')?.length, failed: counts.get('internal error')?.length }
  }
  const [one, other] = [await outcome(), await outcome()]
  expect(one).toEqual(other)
  expect(one).toMatchObject({ dropped: expect.any(Number), failed: expect.any(Number) })
})

test('comments can be limited too', async () => {
  const { sandbox, ask } = await startedSandbox()
  sandbox.faults.limits.notes = 1
  expect((await ask('developer', 'POST', notes, { body: 'one' })).status).toBe(201)
  expect((await ask('developer', 'POST', notes, { body: 'two' })).status).toBe(429)
  expect((await ask('reporter', 'POST', notes, { body: 'one' })).status).toBe(201)
})
