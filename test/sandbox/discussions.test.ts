import { expect, test } from 'vitest'
import { z } from 'zod'
import { pushedBranch } from './clone.ts'
import { idOf, list, startedSandbox } from './startedSandbox.ts'

const issue = '/projects/1/issues/1'
const Thread = z.object({
  id: z.string(),
  individual_note: z.boolean(),
  notes: z.array(z.looseObject({ id: z.number() })),
})

test('a reply makes a thread of a single comment', async () => {
  const { ask } = await startedSandbox()
  await ask('developer', 'POST', `${issue}/notes`, { body: 'hello' })
  const [thread] = list(await ask('developer', 'GET', `${issue}/discussions`)).map((entry) => Thread.parse(entry))
  expect(thread).toMatchObject({ individual_note: true, notes: [{ type: null, body: 'hello', resolvable: false }] })
  expect(thread?.id).toMatch(/^[0-9a-f]{40}$/)
  const reply = await ask('errand-bot', 'POST', `${issue}/discussions/${thread?.id}/notes`, { body: 'hi' })
  expect([reply.status, reply.body]).toMatchObject([201, { type: 'DiscussionNote', body: 'hi', resolved: false }])
  const after = Thread.parse((await ask('developer', 'GET', `${issue}/discussions/${thread?.id}`)).body)
  expect(after).toMatchObject({
    individual_note: false,
    notes: [{ type: 'DiscussionNote', body: 'hello', resolvable: true }, { body: 'hi' }],
  })
})

test('a reply in an internal thread is internal, whatever was asked for', async () => {
  const { ask } = await startedSandbox()
  await ask('reporter', 'POST', `${issue}/notes`, { body: 'psst', internal: true })
  const [thread] = list(await ask('reporter', 'GET', `${issue}/discussions`))
  const path = `${issue}/discussions/${thread?.id}`
  expect((await ask('errand-bot', 'POST', `${path}/notes`, { body: 'yes?' })).body).toMatchObject({ internal: true })
  expect(list(await ask('outsider', 'GET', `${issue}/discussions`))).toEqual([])
  expect((await ask('outsider', 'GET', path)).body).toEqual({ message: '404 Discussion Not Found' })
  expect((await ask('outsider', 'POST', `${path}/notes`, { body: 'what?' })).status).toBe(404)
})

test('system notes stand alone and take no reply', async () => {
  const { ask } = await startedSandbox()
  await ask('developer', 'PUT', issue, { title: 'Other' })
  const [thread] = list(await ask('developer', 'GET', `${issue}/discussions`))
  expect(thread).toMatchObject({ individual_note: true, notes: [{ system: true }] })
  const reply = await ask('developer', 'POST', `${issue}/discussions/${thread?.id}/notes`, { body: 'why?' })
  expect(reply.status).toBe(400)
})

test('a thread on a line of a diff keeps its position, also when it is sent as a multipart form', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'work')
  const fields = { source_branch: 'work', target_branch: 'main', title: 'Work' }
  await ask('errand-bot', 'POST', '/projects/1/merge_requests', fields)
  const merge = '/projects/1/merge_requests/1'
  const [version] = list(await ask('developer', 'GET', `${merge}/versions`))
  const form = new FormData()
  form.set('body', 'why new?')
  for (const [key, value] of Object.entries({
    base_sha: version?.base_commit_sha,
    start_sha: version?.start_commit_sha,
    head_sha: version?.head_commit_sha,
    position_type: 'text',
    old_path: 'NEW.md',
    new_path: 'NEW.md',
    new_line: 1,
  })) {
    form.set(`position[${key}]`, String(value))
  }
  const response = await fetch(`${sandbox.url}/api/v4${merge}/discussions`, {
    method: 'POST',
    headers: { 'private-token': 'glpat-demo-developer' },
    body: form,
  })
  const thread = Thread.parse(await response.json())
  const position = { new_path: 'NEW.md', new_line: 1, old_line: null, base_sha: version?.base_commit_sha }
  expect([response.status, thread]).toMatchObject([
    201,
    { individual_note: false, notes: [{ type: 'DiffNote', position }] },
  ])
  const reply = await ask('errand-bot', 'POST', `${merge}/discussions/${thread.id}/notes`, { body: 'because' })
  expect(reply.body).toMatchObject({ type: 'DiffNote', position })
})

test('developers and the thing’s author resolve threads; that moves updated_at and is no edit', async () => {
  const { ask } = await startedSandbox()
  const begun = await ask('reporter', 'POST', `${issue}/discussions`, { body: 'a question' })
  expect(begun.status).toBe(201)
  const thread = Thread.parse(begun.body)
  const path = `${issue}/discussions/${thread.id}`
  expect((await ask('reporter', 'PUT', path, { resolved: true })).status).toBe(403)
  const resolved = await ask('errand-bot', 'PUT', `${path}?resolved=true`)
  expect(resolved.body).toMatchObject({ notes: [{ resolved: true, resolved_by: { username: 'errand-bot' } }] })
  const [note] = Thread.parse(resolved.body).notes
  expect(note?.updated_at).not.toBe(note?.created_at)
  expect((await ask('errand-bot', 'PUT', path, { resolved: false })).body).toMatchObject({
    notes: [{ resolved: false }],
  })
})

test('a single comment cannot be resolved', async () => {
  const { ask } = await startedSandbox()
  await ask('developer', 'POST', `${issue}/notes`, { body: 'hello' })
  const [thread] = list(await ask('developer', 'GET', `${issue}/discussions`))
  expect((await ask('developer', 'PUT', `${issue}/discussions/${thread?.id}`, { resolved: true })).status).toBe(403)
})

test('notes of a thread are edited and deleted at its own address too', async () => {
  const { ask } = await startedSandbox()
  const thread = Thread.parse((await ask('errand-bot', 'POST', `${issue}/discussions`, { body: 'Queued' })).body)
  const note = `${issue}/discussions/${thread.id}/notes/${thread.notes[0]?.id}`
  expect((await ask('errand-bot', 'PUT', note, { body: 'Running' })).body).toMatchObject({ body: 'Running' })
  expect((await ask('developer', 'PUT', note, { body: 'Mine' })).status).toBe(403)
  expect((await ask('errand-bot', 'DELETE', note)).status).toBe(204)
  expect((await ask('errand-bot', 'GET', note)).status).toBe(404)
})

test('reactions: once each, 404 for the second, taken back only by their giver, and they move updated_at', async () => {
  const { ask } = await startedSandbox()
  const note = await ask('developer', 'POST', `${issue}/notes`, { body: '/agent hello' })
  const path = `${issue}/notes/${idOf(note)}/award_emoji`
  const given = await ask('errand-bot', 'POST', path, { name: 'eyes' })
  expect([given.status, given.body]).toMatchObject([
    201,
    { name: 'eyes', user: { username: 'errand-bot' }, awardable_type: 'Note', awardable_id: idOf(note) },
  ])
  const twice = await ask('errand-bot', 'POST', path, { name: 'eyes' })
  expect([twice.status, twice.body]).toEqual([
    404,
    { message: '404 Award Emoji Name has already been taken Not Found' },
  ])
  expect((await ask('developer', 'POST', path, { name: 'eyes' })).status).toBe(201)
  expect(list(await ask('reporter', 'GET', path))).toHaveLength(2)
  const before = z.object({ updated_at: z.string() }).parse(note.body).updated_at
  const after = z
    .object({ updated_at: z.string() })
    .parse((await ask('developer', 'GET', path.replace('/award_emoji', ''))).body)
  expect(after.updated_at > before).toBe(true)
  expect((await ask('developer', 'DELETE', `${path}/${idOf(given)}`)).status).toBe(403)
  expect((await ask('errand-bot', 'DELETE', `${path}/${idOf(given)}`)).status).toBe(204)
  expect((await ask('errand-bot', 'DELETE', `${path}/${idOf(given)}`)).status).toBe(404)
  expect((await ask('outsider', 'POST', `${issue}/award_emoji`, { name: 'thumbsup' })).body).toMatchObject({
    awardable_type: 'Issue',
  })
})
