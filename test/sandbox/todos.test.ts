import { expect, test } from 'vitest'
import { pushedBranch } from './clone.ts'
import { type Ask, idOf, list, startedSandbox } from './startedSandbox.ts'

const issue = '/projects/1/issues/1'

async function todosOf(ask: Ask, query = '') {
  return list(await ask('errand-bot', 'GET', `/todos${query}`))
}

test('mentions and assignments are to-dos, newest first, each mention one of its own', async () => {
  const { sandbox, ask } = await startedSandbox()
  await ask('reporter', 'POST', `${issue}/notes`, { body: '@errand-bot fix it' })
  const note = await ask('reporter', 'POST', `${issue}/notes`, { body: 'well, @errand-bot: please' })
  await ask('maintainer', 'PUT', issue, { assignee_ids: [6] })
  const todos = await todosOf(ask)
  expect(todos).toMatchObject([
    { action_name: 'assigned', body: 'Add a health check', author: { username: 'maintainer' } },
    {
      action_name: 'mentioned',
      body: 'well, @errand-bot: please',
      target_type: 'Issue',
      target: { iid: 1, title: 'Add a health check' },
      target_url: `${sandbox.url}/demo/shop/-/issues/1#note_${idOf(note)}`,
      project: { id: 1, path_with_namespace: 'demo/shop' },
      state: 'pending',
    },
    { action_name: 'directly_addressed', author: { username: 'reporter' } },
  ])
  expect(await todosOf(ask, '?action=assigned')).toHaveLength(1)
  expect(await todosOf(ask, '?project_id=2')).toEqual([])
  expect(await todosOf(ask, '?group_id=1')).toHaveLength(3)
  expect((await ask('nobody', 'GET', '/todos')).status).toBe(401)
})

test('a description, an edited text and a merge request make to-dos, code and known mentions do not', async () => {
  const { sandbox, ask } = await startedSandbox()
  await ask('reporter', 'POST', '/projects/1/issues', { title: 'Two', description: '@errand-bot do it' })
  await ask('reporter', 'PUT', '/projects/1/issues/2', { description: '@errand-bot do it now' })
  const id = idOf(await ask('reporter', 'POST', `${issue}/notes`, { body: 'nothing for `@errand-bot`' }))
  expect(await todosOf(ask)).toHaveLength(1)
  await ask('reporter', 'PUT', `${issue}/notes/${id}`, { body: 'but now @errand-bot' })
  await pushedBranch(sandbox.url, 'work')
  await ask('developer', 'POST', '/projects/1/merge_requests', {
    source_branch: 'work',
    target_branch: 'main',
    title: 'W',
    reviewer_ids: [6],
  })
  expect((await todosOf(ask)).map((todo) => todo.action_name)).toEqual([
    'review_requested',
    'mentioned',
    'directly_addressed',
  ])
})

test('who may not read it has nothing to do', async () => {
  const { ask } = await startedSandbox()
  await ask('maintainer', 'POST', '/projects/2/issues', { title: 'Private', description: '@errand-bot look' })
  expect(await todosOf(ask)).toEqual([])
})

test('what one does oneself settles them: a reaction, a comment, an edit; what others do does not', async () => {
  const { ask } = await startedSandbox()
  const mention = async () => idOf(await ask('reporter', 'POST', `${issue}/notes`, { body: '@errand-bot fix it' }))
  const note = await mention()
  await ask('developer', 'PUT', issue, { state_event: 'close' })
  expect(await todosOf(ask)).toHaveLength(1)
  await ask('errand-bot', 'POST', `${issue}/notes/${note}/award_emoji`, { name: 'eyes' })
  expect(await todosOf(ask)).toEqual([])
  await mention()
  await ask('errand-bot', 'POST', `${issue}/notes`, { body: 'Queued' })
  expect(await todosOf(ask)).toEqual([])
  await mention()
  await ask('errand-bot', 'PUT', issue, { add_labels: 'agent-doing' })
  expect(await todosOf(ask)).toEqual([])
  expect(await todosOf(ask, '?state=done')).toHaveLength(3)
})

test('a reply settles only those of its thread', async () => {
  const { ask } = await startedSandbox()
  for (const body of ['@errand-bot one', '@errand-bot two']) await ask('reporter', 'POST', `${issue}/notes`, { body })
  const [first] = list(await ask('reporter', 'GET', `${issue}/discussions`))
  await ask('errand-bot', 'POST', `${issue}/discussions/${first?.id}/notes`, { body: 'Queued' })
  expect(await todosOf(ask)).toMatchObject([{ body: '@errand-bot two' }])
})

test('one is marked as done by its owner only, all are marked at once', async () => {
  const { ask } = await startedSandbox()
  for (const body of ['@errand-bot one', '@errand-bot two']) await ask('reporter', 'POST', `${issue}/notes`, { body })
  const [todo] = await todosOf(ask)
  expect((await ask('reporter', 'POST', `/todos/${todo?.id}/mark_as_done`)).status).toBe(404)
  const done = await ask('errand-bot', 'POST', `/todos/${todo?.id}/mark_as_done`)
  expect([done.status, done.body]).toMatchObject([201, { id: todo?.id, state: 'done' }])
  expect(await todosOf(ask)).toHaveLength(1)
  expect((await ask('errand-bot', 'POST', '/todos/mark_as_done')).status).toBe(204)
  expect(await todosOf(ask)).toEqual([])
})

test('to-dos of what is deleted are gone', async () => {
  const { ask } = await startedSandbox()
  const id = idOf(await ask('reporter', 'POST', `${issue}/notes`, { body: '@errand-bot one' }))
  await ask('reporter', 'DELETE', `${issue}/notes/${id}`)
  expect(await todosOf(ask)).toEqual([])
})
