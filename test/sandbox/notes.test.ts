import { expect, test } from 'vitest'
import { idOf, list, startedSandbox } from './startedSandbox.ts'

const notes = '/projects/1/issues/1/notes'

test('a comment is saved without carriage returns, blanks at its end and GitLab’s own commands', async () => {
  const { ask } = await startedSandbox()
  const reply = await ask('developer', 'POST', notes, { body: '/agent fix it\r\n/label ~bug\r\nplease  \r\n\r\n' })
  expect(reply.status).toBe(201)
  expect(reply.body).toMatchObject({
    body: '/agent fix it\nplease',
    type: null,
    system: false,
    internal: false,
    noteable_type: 'Issue',
    noteable_iid: 1,
    project_id: 1,
    author: { username: 'developer', state: 'active' },
  })
  expect(reply.body).not.toHaveProperty('author.bot')
})

test('a comment of nothing but commands is 202 and no comment', async () => {
  const { ask } = await startedSandbox()
  const reply = await ask('developer', 'POST', notes, { body: '/close' })
  expect(reply.status).toBe(202)
  expect(reply.body).toEqual({ commands_changes: { state_event: 'close' }, summary: ['Closed this issue.'] })
  expect(list(await ask('developer', 'GET', notes))).toEqual([])
  expect((await ask('developer', 'GET', '/projects/1/issues/1')).body).toMatchObject({ state: 'closed' })
})

test('a command alone that its writer may not give is refused', async () => {
  const { ask } = await startedSandbox()
  const reply = await ask('outsider', 'POST', notes, { body: '/close' })
  expect([reply.status, reply.body]).toEqual([400, { message: '400 Bad request - Could not apply close command.' }])
  expect((await ask('outsider', 'GET', '/projects/1/issues/1')).body).toMatchObject({ state: 'opened' })
})

test.each([
  [{}, { error: 'body is missing' }],
  [{ body: 7 }, { error: 'body is invalid' }],
  [{ body: ' \n ' }, { message: `400 Bad request - Note {:note=>["can't be blank"]}` }],
])('%j is refused in GitLab’s words', async (body, words) => {
  const { ask } = await startedSandbox()
  const reply = await ask('developer', 'POST', notes, body)
  expect([reply.status, reply.body]).toEqual([400, words])
})

test('notes come newest first, twenty to a page, and filtered by kind', async () => {
  const { ask } = await startedSandbox()
  await ask('developer', 'POST', notes, { body: '/title Other' })
  for (let number = 1; number <= 21; number += 1) await ask('developer', 'POST', notes, { body: `note ${number}` })
  const first = await ask('developer', 'GET', notes)
  expect(list(first)).toHaveLength(20)
  expect(list(first)[0]).toMatchObject({ body: 'note 21' })
  expect(list(await ask('developer', 'GET', `${notes}?page=2`)).map((note) => note.body)).toEqual([
    'note 1',
    'changed title from **Add a health check** to **Other**',
  ])
  const oldest = list(await ask('developer', 'GET', `${notes}?sort=asc&activity_filter=only_comments&per_page=100`))
  expect(oldest).toHaveLength(21)
  expect(oldest[0]).toMatchObject({ body: 'note 1' })
  expect(list(await ask('developer', 'GET', `${notes}?activity_filter=only_activity`))).toHaveLength(1)
})

test('internal notes are seen by reporters and up, and leave their gap in the page of others', async () => {
  const { ask } = await startedSandbox()
  const id = idOf(await ask('reporter', 'POST', notes, { body: 'psst', internal: true }))
  await ask('reporter', 'POST', notes, { body: 'hello' })
  const seen = await ask('outsider', 'GET', `${notes}?per_page=2`)
  expect(list(seen).map((note) => note.body)).toEqual(['hello'])
  expect(seen.headers.get('x-total')).toBe('2')
  expect((await ask('outsider', 'GET', `${notes}/${id}`)).status).toBe(404)
  expect((await ask('developer', 'GET', `${notes}/${id}`)).body).toMatchObject({ internal: true, confidential: true })
  expect((await ask('outsider', 'POST', notes, { body: 'me too', internal: true })).status).toBe(403)
})

test('a note is changed and deleted by its author or a maintainer, and by nobody else', async () => {
  const { ask } = await startedSandbox()
  const id = idOf(await ask('developer', 'POST', notes, { body: 'one' }))
  expect((await ask('reporter', 'PUT', `${notes}/${id}`, { body: 'two' })).status).toBe(403)
  expect((await ask('nobody', 'PUT', `${notes}/${id}`, { body: 'two' })).status).toBe(401)
  expect((await ask('developer', 'PUT', `${notes}/${id}`, { body: '' })).body).toEqual({ error: 'body is empty' })
  expect((await ask('maintainer', 'PUT', `${notes}/${id}`, { body: 'two' })).body).toMatchObject({ body: 'two' })
  expect((await ask('reporter', 'DELETE', `${notes}/${id}`)).status).toBe(403)
  expect((await ask('developer', 'DELETE', `${notes}/${id}`)).status).toBe(204)
  expect((await ask('developer', 'GET', `${notes}/${id}`)).body).toEqual({ message: '404 Not found' })
})

test('a note that is edited down to commands is gone', async () => {
  const { ask } = await startedSandbox()
  const id = idOf(await ask('developer', 'POST', notes, { body: 'one' }))
  expect((await ask('developer', 'PUT', `${notes}/${id}`, { body: '/close' })).status).toBe(202)
  expect((await ask('developer', 'GET', `${notes}/${id}`)).status).toBe(404)
})

test('who is no member may comment on what is public, but not where the discussion is locked', async () => {
  const { ask } = await startedSandbox()
  expect((await ask('outsider', 'POST', notes, { body: 'may I?' })).status).toBe(201)
  expect((await ask('nobody', 'POST', notes, { body: 'may I?' })).status).toBe(401)
  await ask('maintainer', 'PUT', '/projects/1/issues/1', { discussion_locked: true })
  expect((await ask('outsider', 'POST', notes, { body: 'and now?' })).status).toBe(403)
  expect((await ask('reporter', 'POST', notes, { body: 'I may' })).status).toBe(201)
})

test('forms are read like JSON', async () => {
  const { sandbox } = await startedSandbox()
  const response = await fetch(`${sandbox.url}/api/v4${notes}`, {
    method: 'POST',
    headers: { authorization: 'Bearer glpat-demo-reporter' },
    body: new URLSearchParams({ body: 'from a form', internal: 'true' }),
  })
  expect([response.status, await response.json()]).toMatchObject([201, { body: 'from a form', internal: true }])
})

test('the same goes for merge requests, and 404 where there is none', async () => {
  const { ask } = await startedSandbox()
  expect((await ask('developer', 'POST', '/projects/1/merge_requests/1/notes', { body: 'x' })).status).toBe(404)
  expect((await ask('developer', 'GET', '/projects/1/issues/2/notes')).status).toBe(404)
})
