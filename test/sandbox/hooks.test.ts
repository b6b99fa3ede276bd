import { createHmac } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { signature } from '../../src/sandbox/hookRequest.ts'
import { everything, hooked, startReceiver } from './hookReceiver.ts'
import { idOf, list, startedSandbox } from './startedSandbox.ts'

const notes = '/projects/1/issues/1/notes'
const signing = 'whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q='

test('the signature is that of Standard Webhooks', () => {
  const text = 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f.1744578123.{"object_kind":"note"}'
  expect(signature(signing, text)).toBe('v1,R/iaJ5+gILgWG8a+c3rk4RO8r4vo4EqdX4k6ZQ/kxkU=')
})

test('a comment is told with all headers, and a body that verifies as it came', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask, { ...everything, token: 'sec\nret', signing_token: signing })
  const posted = await ask('developer', 'POST', notes, { body: '/agent <b> & "c"' })
  const [hook] = await receiver.wait(1)
  const key = hook?.headers['idempotency-key']
  expect(hook?.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': expect.stringMatching(/^GitLab\//),
    'x-gitlab-event': 'Note Hook',
    'x-gitlab-instance': sandbox.url,
    'x-gitlab-token': 'secret',
    'x-gitlab-event-uuid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'x-gitlab-webhook-uuid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'webhook-id': key,
  })
  expect(hook?.raw).toContain('\\u003cb\\u003e \\u0026')
  const stamp = hook?.headers['webhook-timestamp']
  const hmac = createHmac('sha256', Buffer.from(signing.slice(6), 'base64')).update(`${key}.${stamp}.${hook?.raw}`)
  expect(hook?.headers['webhook-signature']).toBe(`v1,${hmac.digest('base64')}`)
  expect(hook?.payload).toMatchObject({
    object_kind: 'note',
    event_type: 'note',
    project_id: 1,
    user: { username: 'developer', email: '[REDACTED]' },
    project: {
      id: 1,
      path_with_namespace: 'demo/shop',
      default_branch: 'main',
      git_http_url: `${sandbox.url}/demo/shop.git`,
    },
    object_attributes: {
      id: idOf(posted),
      note: '/agent <b> & "c"',
      noteable_type: 'Issue',
      action: 'create',
      author_id: 3,
      discussion_id: expect.stringMatching(/^[0-9a-f]{40}$/),
      type: null,
      position: null,
      system: false,
      internal: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
      url: `${sandbox.url}/demo/shop/-/issues/1#note_${idOf(posted)}`,
    },
    issue: { iid: 1, title: 'Add a health check', state: 'opened', labels: [], author_id: 2 },
  })
  expect(hook?.payload.user).not.toHaveProperty('bot')
})

test('an edit names the author, whoever edited, and comes only when the text changed', async () => {
  const { ask } = await startedSandbox()
  const id = idOf(await ask('developer', 'POST', notes, { body: 'hello' }))
  const receiver = await hooked(ask)
  await ask('maintainer', 'PUT', `${notes}/${id}`, { body: 'hello' })
  await ask('errand-bot', 'POST', `${notes}/${id}/award_emoji`, { name: 'eyes' })
  await ask('maintainer', 'PUT', `${notes}/${id}`, { body: '/agent evil' })
  const got = await receiver.wait(2)
  expect(got.map(({ event }) => event).sort()).toEqual(['Emoji Hook', 'Note Hook'])
  const edit = got.find(({ event }) => event === 'Note Hook')
  expect(edit?.payload).toMatchObject({
    user: { username: 'developer' },
    object_attributes: { action: 'update', note: '/agent evil', author_id: 3, updated_by_id: 2 },
  })
})

test('internal notes and notes on confidential issues go only where confidential notes are wanted', async () => {
  const { ask } = await startedSandbox()
  const open = await hooked(ask, { note_events: true })
  const closed = await hooked(ask, { confidential_note_events: true })
  await ask('reporter', 'POST', notes, { body: 'psst', internal: true })
  await ask('reporter', 'POST', '/projects/1/issues', { title: 'Secret', confidential: true })
  await ask('reporter', 'POST', '/projects/1/issues/2/notes', { body: 'about the secret' })
  await ask('reporter', 'POST', notes, { body: 'hello' })
  expect((await open.wait(1)).map(({ event, payload }) => [event, payload.event_type])).toEqual([['Note Hook', 'note']])
  const told = (await closed.wait(2)).map(({ event, payload }) => [
    event,
    payload.event_type,
    payload.object_attributes.internal,
  ])
  expect(told.sort()).toEqual([
    ['Confidential Note Hook', 'confidential_note', false],
    ['Confidential Note Hook', 'confidential_note', true],
  ])
})

test('the bot’s own writes are told too', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask)
  await ask('errand-bot', 'POST', notes, { body: 'Queued' })
  const [hook] = await receiver.wait(1)
  expect(hook?.payload.user).toMatchObject({ username: 'errand-bot' })
})

test('the answer does not wait for hooks that never answer; there is no second try', async () => {
  const { sandbox, ask } = await startedSandbox()
  sandbox.faults.delivery.timeoutMs = 100
  const receiver = await hooked(ask, { ...everything })
  receiver.status = 0
  expect((await ask('developer', 'POST', notes, { body: 'hello' })).status).toBe(201)
  await receiver.wait(1)
  await vi.waitFor(async () => {
    const [event] = list(await ask('maintainer', 'GET', '/projects/1/hooks/1/events'))
    expect(event).toMatchObject({
      response_status: 'internal error',
      response_body: expect.stringContaining('timeout'),
    })
  })
  expect(receiver.got).toHaveLength(1)
})

test('who hangs up before the answer has commented all the same, and the hook comes', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask)
  sandbox.faults.api.delayMs = 100
  const reply = fetch(`${sandbox.url}/api/v4${notes}?body=gone`, {
    method: 'POST',
    headers: { 'private-token': 'glpat-demo-developer' },
    signal: AbortSignal.timeout(50),
  })
  await expect(reply).rejects.toThrow()
  const [hook] = await receiver.wait(1)
  expect(hook?.payload.object_attributes).toMatchObject({ note: 'gone' })
})

test('every hook of a project has its own key for the same event', async () => {
  const { ask } = await startedSandbox()
  const [one, two] = [await hooked(ask), await hooked(ask)]
  await ask('developer', 'POST', notes, { body: 'hello' })
  const keys = [...(await one.wait(1)), ...(await two.wait(1))].map(({ headers }) => headers['webhook-id'])
  expect(new Set(keys).size).toBe(2)
})

test('hooks are for maintainers; secrets never come back; a new address loses the secret', async () => {
  const { ask } = await startedSandbox()
  expect((await ask('developer', 'GET', '/projects/1/hooks')).body).toEqual({ message: '403 Forbidden' })
  expect((await ask('maintainer', 'POST', '/projects/1/hooks', { url: 'ftp://x' })).status).toBe(422)
  const made = await ask('maintainer', 'POST', '/projects/1/hooks', {
    url: 'http://127.0.0.1:9/a',
    token: 's3cr3t',
    signing_token: signing,
  })
  expect([made.status, made.body]).toMatchObject([
    201,
    { push_events: true, note_events: false, token_present: true, signing_token_present: true },
  ])
  expect(made.text).not.toMatch(/s3cr3t|whsec/)
  const path = `/projects/1/hooks/${idOf(made)}`
  const kept = await ask('maintainer', 'PUT', path, { url: 'http://127.0.0.1:9/a', note_events: true })
  expect(kept.body).toMatchObject({ note_events: true, token_present: true })
  const moved = await ask('maintainer', 'PUT', path, { url: 'http://127.0.0.1:9/b' })
  expect(moved.body).toMatchObject({ note_events: true, token_present: false })
  expect((await ask('maintainer', 'DELETE', path)).status).toBe(204)
  expect((await ask('maintainer', 'GET', path)).status).toBe(404)
})

test('failed events are found by their status and sent again with the same key', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask)
  receiver.status = 500
  await ask('developer', 'POST', notes, { body: 'hello' })
  const path = '/projects/1/hooks/1/events'
  await vi.waitFor(async () =>
    expect(list(await ask('maintainer', 'GET', `${path}?status=server_failure`))).toHaveLength(1),
  )
  expect(list(await ask('maintainer', 'GET', `${path}?status=500`))).toMatchObject([
    { trigger: 'note_hooks', response_status: '500', response_body: 'thanks', request_data: { object_kind: 'note' } },
  ])
  receiver.status = 200
  const [failed] = list(await ask('maintainer', 'GET', path))
  const resent = await ask('maintainer', 'POST', `${path}/${failed?.id}/resend`)
  expect([resent.status, resent.body]).toEqual([201, { response_status: 200 }])
  const keys = receiver.got.map(({ headers }) => headers['idempotency-key'])
  expect(keys[0]).toBe(keys[1])
  const requests = receiver.got.map(({ headers }) => headers['x-gitlab-webhook-uuid'])
  expect(requests[0]).not.toBe(requests[1])
  // The failure stays in the log, and the new request stands beside it.
  const log = list(await ask('maintainer', 'GET', path))
  expect(log).toMatchObject([{ response_status: '200' }, { id: failed?.id, response_status: '500' }])
  expect(log[0]?.request_headers).toMatchObject({ 'Idempotency-Key': keys[0] })
  expect(list(await ask('maintainer', 'GET', `${path}?status=server_failure,404`))).toMatchObject([{ id: failed?.id }])
})

test('a hook that fails four times in a row is switched off, where that is switched on', async () => {
  const { sandbox, ask } = await startedSandbox()
  sandbox.faults.delivery.autoDisable = true
  const receiver = await hooked(ask)
  receiver.status = 503
  for (let count = 1; count <= 4; count += 1) {
    await ask('developer', 'POST', notes, { body: `try ${count}` })
    await receiver.wait(count)
    const events = async () => list(await ask('maintainer', 'GET', '/projects/1/hooks/1/events?status=503'))
    await vi.waitFor(async () => expect(await events()).toHaveLength(count))
  }
  expect((await ask('maintainer', 'GET', '/projects/1/hooks/1')).body).toMatchObject({
    alert_status: 'temporarily_disabled',
    disabled_until: expect.any(String),
  })
  await ask('developer', 'POST', notes, { body: 'lost' })
  expect(list(await ask('maintainer', 'GET', '/projects/1/hooks/1/events'))).toHaveLength(4)
})

test('an address with a login sends it as a header', async () => {
  const { ask } = await startedSandbox()
  const receiver = await startReceiver()
  const url = receiver.url.replace('://', '://me:pass@')
  await ask('maintainer', 'POST', '/projects/1/hooks', { url, note_events: true })
  await ask('developer', 'POST', notes, { body: 'hello' })
  const [hook] = await receiver.wait(1)
  expect(hook?.headers.authorization).toBe(`Basic ${btoa('me:pass')}`)
})
