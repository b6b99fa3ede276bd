import { expect, test } from 'vitest'
import { pushedBranch } from './clone.ts'
import { idOf, list, startedSandbox } from './startedSandbox.ts'

const issue = '/projects/1/issues/1'
const day = (offset: number) => new Date(Date.now() + offset * 24 * 3600 * 1000).toISOString().slice(0, 10)

test('a project’s events tell of comments, issues, merge requests and pushes, newest first', async () => {
  const { sandbox, ask } = await startedSandbox()
  const note = idOf(await ask('reporter', 'POST', `${issue}/notes`, { body: '/agent hello' }))
  await pushedBranch(sandbox.url, 'work')
  await ask('developer', 'POST', '/projects/1/merge_requests', {
    source_branch: 'work',
    target_branch: 'main',
    title: 'W',
  })
  await ask('developer', 'PUT', issue, { state_event: 'close' })
  expect(list(await ask('errand-bot', 'GET', '/projects/1/events'))).toMatchObject([
    { action_name: 'closed', target_type: 'Issue', target_iid: 1, author_username: 'developer' },
    { action_name: 'opened', target_type: 'MergeRequest', target_title: 'W' },
    { action_name: 'pushed new', target_type: null, push_data: { ref: 'work', commit_count: 1, ref_type: 'branch' } },
    { action_name: 'commented on', target_type: 'Note', target_id: note, note: { id: note, noteable_iid: 1 } },
  ])
  const comments = list(await ask('errand-bot', 'GET', '/projects/1/events?target_type=note&sort=asc'))
  expect(comments).toMatchObject([{ note: { body: '/agent hello', author: { username: 'reporter' } } }])
  expect(list(await ask('errand-bot', 'GET', '/projects/1/events?action=closed'))).toHaveLength(1)
})

test('days exclude themselves, and anything but a day is refused', async () => {
  const { ask } = await startedSandbox()
  await ask('reporter', 'POST', `${issue}/notes`, { body: 'hello' })
  const found = async (query: string) => list(await ask('reporter', 'GET', `/projects/1/events?${query}`)).length
  expect(await found(`after=${day(-1)}`)).toBe(1)
  expect(await found(`after=${day(0)}`)).toBe(0)
  expect(await found(`before=${day(1)}`)).toBe(1)
  expect(await found(`before=${day(0)}`)).toBe(0)
  expect((await ask('reporter', 'GET', '/projects/1/events?after=2026-11-22T10:00:00Z')).status).toBe(400)
})

test('one call tells of all one’s projects, and leaves gaps where one may not look', async () => {
  const { ask } = await startedSandbox()
  await ask('maintainer', 'POST', '/projects/1/issues', { title: 'Secret', confidential: true })
  await ask('maintainer', 'POST', '/projects/1/issues/2/notes', { body: 'psst' })
  await ask('maintainer', 'POST', '/projects/2/issues', { title: 'Vault' })
  await ask('maintainer', 'POST', `${issue}/notes`, { body: 'hello' })
  const titles = async (who: 'maintainer' | 'reporter' | 'outsider', path: string) =>
    list(await ask(who, 'GET', path)).map((event) => event.target_title)
  expect(await titles('maintainer', '/events?scope=all')).toEqual(['Add a health check', 'Vault', 'Secret', 'Secret'])
  expect(await titles('reporter', '/events?scope=all&target_type=note')).toEqual(['Add a health check', 'Secret'])
  const page = await ask('outsider', 'GET', '/projects/1/events')
  expect([list(page).length, page.headers.get('x-total')]).toEqual([1, '3'])
  expect(await titles('outsider', '/users/maintainer/events')).toEqual(['Add a health check'])
  expect(await titles('reporter', '/events')).toEqual([])
})

test('the events of a deleted comment are gone', async () => {
  const { ask } = await startedSandbox()
  const id = idOf(await ask('reporter', 'POST', `${issue}/notes`, { body: 'hello' }))
  await ask('reporter', 'DELETE', `${issue}/notes/${id}`)
  expect(list(await ask('reporter', 'GET', '/projects/1/events'))).toEqual([])
})
