import { expect, test } from 'vitest'
import { hooked } from './hookReceiver.ts'
import { list, startedSandbox } from './startedSandbox.ts'

const issue = '/projects/1/issues/1'

test('issue 1 is waiting for somebody to work on it', async () => {
  const { sandbox, ask } = await startedSandbox()
  expect((await ask('nobody', 'GET', issue)).body).toMatchObject({
    iid: 1,
    title: 'Add a health check',
    state: 'opened',
    labels: [],
    author: { username: 'maintainer' },
    web_url: `${sandbox.url}/demo/shop/-/issues/1`,
    references: { full: 'demo/shop#1' },
  })
})

test('global ids are not the numbers within the project', async () => {
  const { ask } = await startedSandbox()
  expect((await ask('developer', 'GET', issue)).body).not.toMatchObject({ id: 1 })
})

test('labels come and go, unknown ones are made, events remember them, and the hook brings them whole', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask)
  await ask('reporter', 'PUT', issue, { add_labels: 'agent-todo, bug' })
  const after = await ask('errand-bot', 'PUT', issue, { remove_labels: ['agent-todo'], add_labels: 'agent-doing' })
  expect(after.body).toMatchObject({ labels: ['agent-doing', 'bug'] })
  const events = list(await ask('developer', 'GET', `${issue}/resource_label_events`))
  expect(events).toMatchObject([
    { action: 'add', label: { name: 'agent-todo' }, user: { username: 'reporter' } },
    { action: 'add', label: { name: 'bug' } },
    { action: 'add', label: { name: 'agent-doing' }, user: { username: 'errand-bot' } },
    { action: 'remove', label: { name: 'agent-todo' } },
  ])
  const got = await receiver.wait(2)
  const added = got.find(({ payload }) => payload.user?.username === 'reporter')
  expect(added).toMatchObject({ event: 'Issue Hook', payload: { object_attributes: { action: 'update' } } })
  expect(added?.payload.changes?.labels).toMatchObject({
    previous: [],
    current: [
      { title: 'agent-todo', type: 'ProjectLabel', project_id: 1, template: false },
      { title: 'bug', color: expect.stringMatching(/^#/), created_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ],
  })
  expect(added?.payload.changes?.updated_at).toMatchObject({ current: expect.stringMatching(/ UTC$/) })
})

test('an issue opened with a label tells of it without changes.labels', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask)
  const reply = await ask('reporter', 'POST', '/projects/1/issues', { title: 'Do it', labels: 'agent-todo' })
  expect([reply.status, reply.body]).toMatchObject([201, { iid: 2, labels: ['agent-todo'] }])
  const [opened] = await receiver.wait(1)
  expect(opened?.payload).toMatchObject({
    object_kind: 'issue',
    object_attributes: { action: 'open', iid: 2, labels: [{ title: 'agent-todo' }] },
    labels: [{ title: 'agent-todo' }],
  })
  expect(opened?.payload.changes).not.toHaveProperty('labels')
})

test('a label that is there already changes nothing, and the hook tells of no changes', async () => {
  const { ask } = await startedSandbox()
  await ask('reporter', 'PUT', issue, { labels: 'bug' })
  const receiver = await hooked(ask)
  const before = (await ask('reporter', 'GET', issue)).body
  await ask('reporter', 'PUT', issue, { add_labels: 'bug' })
  expect((await ask('reporter', 'GET', issue)).body).toEqual(before)
  const [told] = await receiver.wait(1)
  expect(told?.payload).toMatchObject({ object_attributes: { action: 'update', labels: [{ title: 'bug' }] } })
  expect(told?.payload.changes).toEqual({})
})

test('assigning and retitling leave system notes, labels and closing leave events, and no note hook', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask, { note_events: true, confidential_note_events: true, issues_events: true })
  await ask('developer', 'PUT', issue, { assignee_ids: [6], title: 'Health' })
  await ask('developer', 'PUT', issue, { state_event: 'close', add_labels: 'bug', assignee_ids: [3, 4] })
  await ask('developer', 'POST', `${issue}/notes`, { body: 'last words' })
  const bodies = list(await ask('developer', 'GET', `${issue}/notes?sort=asc`)).map((note) => [note.system, note.body])
  expect(bodies).toEqual([
    [true, 'changed title from **Add a health check** to **Health**'],
    [true, 'assigned to @errand-bot'],
    [true, 'assigned to @developer and unassigned @errand-bot'],
    [false, 'last words'],
  ])
  expect(list(await ask('developer', 'GET', `${issue}/resource_state_events`))).toMatchObject([
    { state: 'closed', user: { username: 'developer' }, resource_type: 'Issue' },
  ])
  const got = await receiver.wait(4)
  const told = got.map(({ event, payload }) => `${event} ${payload.object_attributes.action}`)
  expect(told.sort()).toEqual(['Issue Hook close', 'Issue Hook update', 'Issue Hook update', 'Note Hook create'])
})

test('confidential issues exist only for their author, their assignees and members from Planner on', async () => {
  const { ask } = await startedSandbox()
  await ask('maintainer', 'POST', '/projects/1/issues', { title: 'Secret', confidential: true })
  await ask('outsider', 'POST', '/projects/1/issues', { title: 'Mine', confidential: true })
  expect((await ask('outsider', 'GET', '/projects/1/issues/2')).body).toEqual({ message: '404 Not found' })
  expect((await ask('outsider', 'GET', '/projects/1/issues/3')).status).toBe(200)
  expect((await ask('reporter', 'GET', '/projects/1/issues/2')).status).toBe(200)
  expect(list(await ask('outsider', 'GET', '/projects/1/issues')).map((row) => row.title)).toEqual([
    'Mine',
    'Add a health check',
  ])
})

test('who may change what', async () => {
  const { ask } = await startedSandbox()
  expect((await ask('outsider', 'PUT', issue, { title: 'Mine' })).body).toEqual({ message: '403 Forbidden' })
  expect((await ask('nobody', 'PUT', issue, { title: 'Mine' })).body).toEqual({ message: '401 Unauthorized' })
  expect((await ask('reporter', 'PUT', issue, {})).status).toBe(400)
  expect((await ask('reporter', 'PUT', issue, { state_event: 'burn' })).body).toEqual({
    error: 'state_event does not have a valid value',
  })
  expect((await ask('reporter', 'POST', '/projects/1/issues', {})).body).toEqual({ error: 'title is missing' })
})

test('lists are filtered', async () => {
  const { ask } = await startedSandbox()
  await ask('reporter', 'POST', '/projects/1/issues', { title: 'Two', labels: 'agent-todo', description: 'needle' })
  await ask('reporter', 'POST', '/projects/1/issues', { title: 'Three' })
  await ask('reporter', 'PUT', '/projects/1/issues/3', { state_event: 'close' })
  const iids = async (query: string) =>
    list(await ask('developer', 'GET', `/projects/1/issues?${query}`)).map((row) => row.iid)
  expect(await iids('state=opened')).toEqual([2, 1])
  expect(await iids('labels=agent-todo&state=opened')).toEqual([2])
  expect(await iids('search=needle')).toEqual([2])
  expect(await iids('author_username=reporter&sort=asc')).toEqual([2, 3])
  expect(await iids('iids[]=1&iids[]=3')).toEqual([3, 1])
  expect(await iids(`updated_after=${new Date(Date.now() + 1000).toISOString()}`)).toEqual([])
})

test('commands in the description of a new issue are done', async () => {
  const { ask } = await startedSandbox()
  await ask('reporter', 'POST', '/projects/1/labels', { name: 'bug', color: '#ff0000' })
  const description = '/agent do it\n/label ~bug\n/assign @errand-bot'
  const reply = await ask('reporter', 'POST', '/projects/1/issues', { title: 'Two', description })
  expect(reply.body).toMatchObject({
    description: '/agent do it',
    labels: ['bug'],
    assignees: [{ username: 'errand-bot' }],
  })
})
