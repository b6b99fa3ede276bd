import { expect, test } from 'vitest'
import { list, startedSandbox } from './startedSandbox.ts'

const links = '/projects/1/issues/1/links'

test('two issues are linked, seen from both ends, and parted', async () => {
  const { ask } = await startedSandbox()
  await ask('reporter', 'POST', '/projects/1/issues', { title: 'Two' })
  const wish = { target_project_id: 'demo/shop', target_issue_iid: '2' }
  const made = await ask('reporter', 'POST', links, wish)
  expect([made.status, made.body]).toMatchObject([
    201,
    { source_issue: { iid: 1 }, target_issue: { iid: 2, title: 'Two' }, link_type: 'relates_to' },
  ])
  expect((await ask('reporter', 'POST', links, wish)).status).toBe(409)
  expect((await ask('outsider', 'POST', links, wish)).status).toBe(403)
  const [link] = list(await ask('reporter', 'GET', links))
  expect(link).toMatchObject({ iid: 2, link_type: 'relates_to', issue_link_id: expect.any(Number) })
  expect(list(await ask('reporter', 'GET', '/projects/1/issues/2/links'))).toMatchObject([{ iid: 1 }])
  expect((await ask('reporter', 'DELETE', `${links}/${link?.issue_link_id}`)).status).toBe(200)
  expect(list(await ask('reporter', 'GET', links))).toEqual([])
})

test('what one may not see is not linked, and left out', async () => {
  const { ask } = await startedSandbox()
  await ask('maintainer', 'POST', '/projects/2/issues', { title: 'Vault' })
  const wish = { target_project_id: 2, target_issue_iid: 1 }
  expect((await ask('reporter', 'POST', links, wish)).status).toBe(404)
  expect((await ask('maintainer', 'POST', links, wish)).status).toBe(201)
  expect(list(await ask('maintainer', 'GET', links))).toMatchObject([{ title: 'Vault' }])
  expect(list(await ask('reporter', 'GET', links))).toEqual([])
})

test('merge requests that name an issue, and those that close it', async () => {
  const { ask } = await startedSandbox()
  for (const [branch, description] of [
    ['one', 'Closes #1'],
    ['two', 'see #1, please'],
    ['three', 'see #11'],
  ]) {
    await ask('developer', 'POST', '/projects/1/repository/branches', { branch, ref: 'main' })
    const fields = { source_branch: branch, target_branch: 'main', title: branch, description }
    await ask('developer', 'POST', '/projects/1/merge_requests', fields)
  }
  const titles = async (path: string) =>
    list(await ask('reporter', 'GET', `/projects/1/issues/1/${path}`)).map((row) => row.title)
  expect(await titles('related_merge_requests')).toEqual(['one', 'two'])
  expect(await titles('closed_by')).toEqual(['one'])
})
