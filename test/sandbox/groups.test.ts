import { expect, test } from 'vitest'
import { steer } from './controls.ts'
import { idOf, list, startedSandbox, type Who } from './startedSandbox.ts'

test('the projects of a group, with and without those of its subgroups', async () => {
  const { ask } = await startedSandbox()
  const paths = async (who: Who, path: string) =>
    list(await ask(who, 'GET', path)).map((project) => project.path_with_namespace)
  expect(await paths('maintainer', '/groups/demo/projects')).toEqual(['demo/vault', 'demo/shop'])
  expect(await paths('maintainer', '/groups/1/projects?include_subgroups=true')).toEqual([
    'demo/tools/warehouse',
    'demo/vault',
    'demo/shop',
  ])
  expect(await paths('maintainer', '/groups/demo%2Ftools/projects')).toEqual(['demo/tools/warehouse'])
  expect(await paths('developer', '/groups/demo/projects?include_subgroups=true&min_access_level=40')).toEqual([])
  expect(await paths('outsider', '/groups/demo/projects?include_subgroups=true')).toEqual(['demo/shop'])
  expect((await ask('outsider', 'GET', '/groups/demo%2Ftools')).body).toEqual({ message: '404 Group Not Found' })
  expect((await ask('developer', 'GET', '/groups/2')).body).toMatchObject({ full_path: 'demo/tools', parent_id: 1 })
  expect(list(await ask('developer', 'GET', '/groups/1/subgroups'))).toMatchObject([{ full_path: 'demo/tools' }])
})

test('who is a member of a group is one of its projects, and only the lists under all know it', async () => {
  const { ask } = await startedSandbox()
  const warehouse = '/projects/demo%2Ftools%2Fwarehouse'
  expect((await ask('developer', 'GET', `${warehouse}/members/3`)).status).toBe(404)
  expect((await ask('developer', 'GET', `${warehouse}/members/all/3`)).body).toMatchObject({ access_level: 30 })
  expect(list(await ask('developer', 'GET', `${warehouse}/members`))).toEqual([])
  expect(list(await ask('developer', 'GET', `${warehouse}/members/all`)).map((row) => row.username)).toEqual([
    'maintainer',
    'developer',
  ])
  expect((await ask('reporter', 'GET', warehouse)).status).toBe(404)
  expect((await ask('maintainer', 'POST', `${warehouse}/members`, { user_id: 3, access_level: 40 })).status).toBe(201)
  expect((await ask('developer', 'GET', `${warehouse}/members/all/3`)).body).toMatchObject({ access_level: 40 })
  expect((await ask('developer', 'GET', warehouse)).body).toMatchObject({
    namespace: { id: 2, full_path: 'demo/tools' },
    permissions: { project_access: { access_level: 40 }, group_access: { access_level: 30 } },
  })
})

test('the bot becomes a member of a group, and its projects are found', async () => {
  const { ask } = await startedSandbox()
  const mine = async () =>
    list(await ask('errand-bot', 'GET', '/projects?membership=true&min_access_level=30')).map((row) => row.id)
  expect(await mine()).toEqual([1])
  expect((await ask('developer', 'POST', '/groups/2/members', { user_id: 6, access_level: 30 })).status).toBe(403)
  expect((await ask('maintainer', 'POST', '/groups/2/members', { user_id: 6, access_level: 30 })).status).toBe(201)
  expect(await mine()).toEqual([3, 1])
  const made = await ask('maintainer', 'POST', '/projects', { name: 'New one', namespace_id: 2 })
  expect([made.status, made.body]).toMatchObject([
    201,
    { path_with_namespace: 'demo/tools/new-one', visibility: 'private', default_branch: 'main' },
  ])
  expect(await mine()).toEqual([idOf(made), 3, 1])
  expect((await ask('errand-bot', 'GET', `/projects/${idOf(made)}/repository/files/README.md/raw`)).text).toBe(
    '# New one\n',
  )
  expect((await ask('maintainer', 'DELETE', '/groups/2/members/6')).status).toBe(204)
  expect(await mine()).toEqual([1])
  expect((await ask('developer', 'POST', '/projects', { name: 'Mine', namespace_id: 1 })).status).toBe(403)
  expect((await ask('maintainer', 'POST', '/projects', { name: 'shop', namespace_id: 1 })).status).toBe(400)
})

test('projects are searched, ordered and restricted', async () => {
  const { ask } = await startedSandbox()
  const ids = async (query: string) => list(await ask('maintainer', 'GET', `/projects?${query}`)).map((row) => row.id)
  expect(await ids('search=shop')).toEqual([1])
  expect(await ids('search=tools')).toEqual([])
  expect(await ids('search=tools&search_namespaces=true')).toEqual([3])
  expect(await ids('order_by=name&sort=asc')).toEqual([1, 2, 3])
  expect(await ids('min_access_level=50')).toEqual([])
})

test('more people, in any state, each with a token', async () => {
  const { sandbox, ask } = await startedSandbox()
  const made = await steer(sandbox.url, 'POST', '/people', { username: 'guest', name: 'Gus Guest' })
  expect([made.status, made.body]).toEqual([201, { id: 7, username: 'guest', token: 'glpat-demo-guest' }])
  expect((await ask('maintainer', 'POST', '/projects/1/members', { user_id: 7, access_level: 10 })).status).toBe(201)
  expect((await ask('maintainer', 'GET', '/projects/1/members/all/7')).body).toMatchObject({
    access_level: 10,
    state: 'active',
  })
  const bot = await steer(sandbox.url, 'POST', '/people', { username: 'other-bot', bot: true, state: 'deactivated' })
  expect((await ask('maintainer', 'GET', `/users/${idOf(bot)}`)).body).toMatchObject({
    bot: true,
    state: 'deactivated',
  })
  expect((await steer(sandbox.url, 'POST', '/people', { username: 'guest' })).status).toBe(409)
  expect((await steer(sandbox.url, 'POST', '/people', { username: 'a b' })).status).toBe(400)
  expect((await ask('root', 'POST', '/users/7/ban')).status).toBe(201)
  expect((await ask('maintainer', 'GET', '/projects/1/members/all/7')).body).toMatchObject({ state: 'banned' })
})

test('guests see no confidential issue but their own and no private code, planners see all issues', async () => {
  const { sandbox, ask } = await startedSandbox()
  const as = async (username: string, level: number) => {
    const { body } = await steer(sandbox.url, 'POST', '/people', { username })
    const id = (body as { id: number }).id
    await ask('maintainer', 'POST', '/projects/2/members', { user_id: id, access_level: level })
    return async (method: string, path: string, fields?: object) => {
      const headers = { 'private-token': `glpat-demo-${username}`, 'content-type': 'application/json' }
      const init = { method, headers, ...(fields === undefined ? {} : { body: JSON.stringify(fields) }) }
      return (await fetch(`${sandbox.url}/api/v4${path}`, init)).status
    }
  }
  const [guest, planner] = [await as('guest', 10), await as('planner', 15)]
  await ask('maintainer', 'POST', '/projects/2/issues', { title: 'Secret', confidential: true })
  expect(await guest('POST', '/projects/2/issues', { title: 'Mine', confidential: true })).toBe(201)
  expect(await guest('GET', '/projects/2/issues/1')).toBe(404)
  expect(await guest('GET', '/projects/2/issues/2')).toBe(200)
  expect(await planner('GET', '/projects/2/issues/1')).toBe(200)
  await ask('maintainer', 'PUT', '/projects/2/issues/1', { assignee_ids: [7] })
  expect(await guest('GET', '/projects/2/issues/1')).toBe(200)
  expect(await guest('GET', '/projects/2/repository/files/README.md/raw')).toBe(403)
  expect(await guest('GET', '/projects/2/repository/branches')).toBe(403)
  const fetched = await fetch(`${sandbox.url}/demo/vault.git/info/refs?service=git-upload-pack`, {
    headers: { authorization: `Basic ${btoa('guest:glpat-demo-guest')}` },
  })
  expect([fetched.status, await fetched.text()]).toEqual([
    403,
    'You are not allowed to download code from this project.\n',
  ])
  expect((await ask('reporter', 'GET', '/projects/2/issues/1')).status).toBe(404)
})
