import { expect, test } from 'vitest'
import { hooked } from './hookReceiver.ts'
import { idOf, list, startedSandbox } from './startedSandbox.ts'

test('a task is a work item in the hook, and an issue in the API', async () => {
  const { sandbox, ask } = await startedSandbox()
  const receiver = await hooked(ask)
  const made = await ask('reporter', 'POST', '/projects/1/issues', { title: 'Do it', issue_type: 'task' })
  expect(made.body).toMatchObject({ iid: 2, issue_type: 'task', type: 'TASK' })
  const [opened] = await receiver.wait(1)
  expect(opened).toMatchObject({
    event: 'Issue Hook',
    payload: {
      object_kind: 'work_item',
      event_type: 'work_item',
      object_attributes: { type: 'Task', iid: 2, url: `${sandbox.url}/demo/shop/-/work_items/2` },
    },
  })
  await ask('reporter', 'POST', '/projects/1/issues/2/notes', { body: '/agent go' })
  expect((await receiver.wait(2))[1]).toMatchObject({
    event: 'Note Hook',
    payload: { object_attributes: { noteable_type: 'Issue' }, issue: { iid: 2, type: 'Task' } },
  })
  expect(list(await ask('reporter', 'GET', '/projects/1/issues?issue_type=task'))).toHaveLength(1)
})

test('confidential ones go only where those are wanted, and say so', async () => {
  const { ask } = await startedSandbox()
  const open = await hooked(ask, { issues_events: true })
  const closed = await hooked(ask, { confidential_issues_events: true })
  await ask('reporter', 'POST', '/projects/1/issues', { title: 'Secret', confidential: true, labels: 'agent-todo' })
  await ask('reporter', 'POST', '/projects/1/issues', { title: 'Task', confidential: true, issue_type: 'task' })
  const kinds = (await closed.wait(2)).map(({ event, payload }) => [event, payload.object_kind, payload.event_type])
  expect(kinds.sort()).toEqual([
    ['Confidential Issue Hook', 'issue', 'confidential_issue'],
    ['Confidential Issue Hook', 'work_item', 'confidential_work_item'],
  ])
  await ask('reporter', 'PUT', '/projects/1/issues/1', { add_labels: 'bug' })
  expect((await open.wait(1))[0]?.payload.object_attributes).toMatchObject({ iid: 1 })
})

test('an issue that is opened for the bot has a note of it, and no assignees in the changes', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask)
  const fields = { title: 'For you', description: '/agent do it', assignee_ids: [6], labels: 'agent-todo' }
  await ask('reporter', 'POST', '/projects/1/issues', fields)
  const [opened] = await receiver.wait(1)
  expect(opened?.payload).toMatchObject({
    object_attributes: { action: 'open', description: '/agent do it', assignee_ids: [6] },
    assignees: [{ username: 'errand-bot' }],
    labels: [{ title: 'agent-todo' }],
  })
  expect(opened?.payload.changes).toEqual({})
  expect(list(await ask('reporter', 'GET', '/projects/1/issues/2/notes'))).toMatchObject([
    { system: true, body: 'assigned to @errand-bot', author: { username: 'reporter' } },
  ])
})

test('assigning tells who was and who is; of several the first is taken', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask)
  await ask('maintainer', 'PUT', '/projects/1/issues/1', { assignee_ids: [3, 6] })
  const after = await ask('maintainer', 'PUT', '/projects/1/issues/1', { assignee_ids: [6] })
  expect(after.body).toMatchObject({ assignees: [{ username: 'errand-bot' }] })
  const got = await receiver.wait(2)
  expect(got[1]?.payload.changes?.assignees).toMatchObject({
    previous: [{ username: 'developer' }],
    current: [{ username: 'errand-bot', email: '[REDACTED]' }],
  })
})

test('only title and description are edits; comments and reactions move updated_at', async () => {
  const { ask } = await startedSandbox()
  const receiver = await hooked(ask, { issues_events: true })
  const path = '/projects/1/issues/1'
  const since = new Date().toISOString()
  await ask('reporter', 'POST', `${path}/notes`, { body: 'hello' })
  expect(list(await ask('reporter', 'GET', `/projects/1/issues?updated_after=${since}`))).toHaveLength(1)
  await ask('reporter', 'PUT', path, { add_labels: 'bug' })
  await ask('reporter', 'PUT', path, { description: 'Other words' })
  const [labelled, edited] = await receiver.wait(2)
  expect(labelled?.payload.object_attributes).toMatchObject({ last_edited_at: null, last_edited_by_id: null })
  expect(edited?.payload.object_attributes).toMatchObject({
    last_edited_at: expect.stringMatching(/ UTC$/),
    last_edited_by_id: 4,
  })
  expect(edited?.payload.changes).toMatchObject({ last_edited_at: { previous: null }, description: {} })
})

test('lists over all projects: one’s own unless all are asked for, and of a group', async () => {
  const { ask } = await startedSandbox()
  await ask('maintainer', 'POST', '/projects/2/issues', { title: 'Vault', labels: 'agent-todo' })
  await ask('developer', 'POST', '/projects/3/issues', { title: 'Warehouse' })
  const titles = async (who: 'maintainer' | 'developer' | 'outsider', path: string) =>
    list(await ask(who, 'GET', path)).map((row) => row.title)
  expect(await titles('developer', '/issues')).toEqual(['Warehouse'])
  expect(await titles('maintainer', '/issues?scope=all')).toEqual(['Warehouse', 'Vault', 'Add a health check'])
  expect(await titles('maintainer', '/issues?scope=all&labels=agent-todo')).toEqual(['Vault'])
  expect(await titles('outsider', '/issues?scope=all')).toEqual(['Add a health check'])
  expect(await titles('maintainer', '/groups/demo%2Ftools/issues')).toEqual(['Warehouse'])
  expect((await ask('nobody', 'GET', '/issues?scope=all')).status).toBe(401)
})

test('an issue that is deleted is gone with its notes', async () => {
  const { ask } = await startedSandbox()
  const id = idOf(await ask('reporter', 'POST', '/projects/1/issues/1/notes', { body: 'hello' }))
  expect((await ask('reporter', 'DELETE', '/projects/1/issues/1')).status).toBe(403)
  expect((await ask('maintainer', 'DELETE', '/projects/1/issues/1')).status).toBe(204)
  expect((await ask('maintainer', 'GET', `/projects/1/issues/1/notes/${id}`)).status).toBe(404)
})
