import { expect, test } from 'vitest'
import { z } from 'zod'
import { pushedBranch } from './clone.ts'
import { idOf, list, startedSandbox, type Who } from './startedSandbox.ts'

test('who is who', async () => {
  const { ask } = await startedSandbox()
  const bot = await ask('errand-bot', 'GET', '/user')
  expect(bot.body).toMatchObject({ username: 'errand-bot', bot: true, state: 'active' })
  expect((await ask('developer', 'GET', '/user')).body).toMatchObject({ username: 'developer', bot: false })
  expect((await ask('developer', 'GET', `/users/${idOf(bot)}`)).body).toMatchObject({ bot: true })
  expect((await ask('developer', 'GET', '/users/999')).body).toEqual({ message: '404 User Not Found' })
  expect(list(await ask('developer', 'GET', '/users?username=reporter'))).toMatchObject([{ username: 'reporter' }])
  expect((await ask('developer', 'GET', '/version')).body).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+/),
  })
})

test('a wrong token is 401, whatever is asked', async () => {
  const { sandbox } = await startedSandbox()
  for (const headers of [{ 'private-token': 'glpat-wrong' }, { authorization: 'Bearer glpat-wrong' }]) {
    const response = await fetch(`${sandbox.url}/api/v4/projects/1`, { headers })
    expect([response.status, await response.json()]).toEqual([401, { message: '401 Unauthorized' }])
  }
})

test.each([
  ['maintainer', 40],
  ['developer', 30],
  ['reporter', 20],
  ['errand-bot', 30],
  ['outsider', undefined],
  ['root', undefined],
] as const)('%s has the role %s in the shop', async (who: Who, level) => {
  const { ask } = await startedSandbox()
  const id = idOf(await ask(who, 'GET', '/user'))
  const reply = await ask('errand-bot', 'GET', `/projects/demo%2Fshop/members/all/${id}`)
  if (level === undefined) expect([reply.status, reply.body]).toEqual([404, { message: '404 Not found' }])
  else expect(reply.body).toMatchObject({ access_level: level, state: 'active', username: who })
})

test('roles are changed by maintainers while work goes on', async () => {
  const { ask } = await startedSandbox()
  const member = '/projects/1/members/3'
  expect((await ask('developer', 'PUT', member, { access_level: 40 })).status).toBe(403)
  expect((await ask('maintainer', 'PUT', member, { access_level: 20 })).body).toMatchObject({ access_level: 20 })
  expect((await ask('developer', 'POST', '/projects/1/merge_requests', {})).status).toBe(403)
  expect((await ask('maintainer', 'PUT', member, { access_level: 31 })).status).toBe(400)
  expect((await ask('maintainer', 'DELETE', member)).status).toBe(204)
  expect((await ask('developer', 'GET', '/projects/1/members/all/3')).status).toBe(404)
  const back = await ask('maintainer', 'POST', '/projects/1/members', { user_id: 3, access_level: 30 })
  expect(back.status).toBe(201)
  expect((await ask('maintainer', 'POST', '/projects/1/members', { user_id: 3, access_level: 30 })).status).toBe(409)
  expect(list(await ask('developer', 'GET', '/projects/1/members/all'))).toHaveLength(4)
})

test('a blocked person is shown as one, and shut out', async () => {
  const { ask } = await startedSandbox()
  expect((await ask('maintainer', 'POST', '/users/3/block')).status).toBe(403)
  expect((await ask('root', 'POST', '/users/3/block')).status).toBe(201)
  expect((await ask('errand-bot', 'GET', '/projects/1/members/all/3')).body).toMatchObject({ state: 'blocked' })
  expect((await ask('developer', 'GET', '/user')).status).toBe(403)
})

test('what is private is 404, not 403, for reading and for writing', async () => {
  const { ask } = await startedSandbox()
  for (const who of ['developer', 'outsider', 'nobody'] as const) {
    for (const [method, path] of [
      ['GET', '/projects/2'],
      ['GET', '/projects/demo%2Fvault'],
      ['GET', '/projects/2/issues'],
      ['POST', '/projects/2/issues'],
      ['GET', '/projects/2/hooks'],
      ['GET', '/projects/2/members/all/2'],
    ] as const) {
      const reply = await ask(who, method, path)
      expect([reply.status, reply.body]).toEqual([404, { message: '404 Project Not Found' }])
    }
  }
  expect((await ask('maintainer', 'GET', '/projects/2')).body).toMatchObject({ path_with_namespace: 'demo/vault' })
  expect(list(await ask('developer', 'GET', '/projects'))).toMatchObject([{ id: 3 }, { id: 1 }])
  expect(list(await ask('maintainer', 'GET', '/projects?search=VAU'))).toMatchObject([{ id: 2 }])
  expect(list(await ask('outsider', 'GET', '/projects?membership=true'))).toEqual([])
})

test('a project that is deleted is gone with all that is in it', async () => {
  const { ask } = await startedSandbox()
  expect((await ask('developer', 'DELETE', '/projects/1')).status).toBe(403)
  expect((await ask('maintainer', 'DELETE', '/projects/1')).status).toBe(202)
  expect((await ask('maintainer', 'GET', '/projects/1')).status).toBe(404)
  expect((await ask('maintainer', 'GET', '/projects/1/issues/1')).status).toBe(404)
})

test('lists have links and counts, and pages of at most a hundred', async () => {
  const { sandbox, ask } = await startedSandbox()
  const notes = '/projects/1/issues/1/notes'
  for (let count = 1; count <= 5; count += 1) await ask('developer', 'POST', notes, { body: `${count}` })
  const second = await ask('developer', 'GET', `${notes}?sort=asc&per_page=2&page=2`)
  expect(list(second).map((note) => note.body)).toEqual(['3', '4'])
  const counts = ['x-page', 'x-per-page', 'x-next-page', 'x-prev-page', 'x-total', 'x-total-pages']
  expect(counts.map((name) => second.headers.get(name))).toEqual(['2', '2', '3', '1', '5', '3'])
  const page = (number: number) => `<${sandbox.url}/api/v4${notes}?sort=asc&per_page=2&page=${number}>`
  expect(second.headers.get('link')).toBe(
    `${page(1)}; rel="prev", ${page(3)}; rel="next", ${page(1)}; rel="first", ${page(3)}; rel="last"`,
  )
  const last = await ask('developer', 'GET', `${notes}?per_page=1000&page=1`)
  expect([last.headers.get('x-per-page'), last.headers.get('x-next-page')]).toEqual(['100', ''])
  expect(list(await ask('developer', 'GET', `${notes}?page=9`))).toEqual([])
})

test('files, commits, comparisons and merge bases', async () => {
  const { sandbox, ask } = await startedSandbox()
  const repository = '/projects/1/repository'
  const main = z
    .object({ commit: z.object({ id: z.string() }) })
    .parse((await ask('nobody', 'GET', `${repository}/branches/main`)).body)
  const sha = await pushedBranch(sandbox.url, 'agent/x', 'docs ü.md', 'hello\n')
  const path = `${repository}/files/${encodeURIComponent('docs ü.md')}`
  expect((await ask('nobody', 'GET', `${path}/raw?ref=agent%2Fx`)).text).toBe('hello\n')
  expect((await ask('nobody', 'GET', `${path}?ref=${sha}`)).body).toMatchObject({
    content: btoa('hello\n'),
    commit_id: sha,
    last_commit_id: sha,
  })
  expect((await ask('nobody', 'GET', `${path}/raw`)).body).toEqual({ message: '404 File Not Found' })
  expect((await ask('nobody', 'GET', `${repository}/files/src%2Fcart.js/raw?ref=HEAD`)).text).toContain(
    'export function total',
  )
  expect((await ask('nobody', 'GET', `${repository}/files/src/raw?ref=main`)).status).toBe(404)
  expect((await ask('nobody', 'GET', `${repository}/files/README.md/raw?ref=none`)).body).toEqual({
    message: '404 Commit Not Found',
  })
  expect((await ask('nobody', 'GET', `${repository}/commits/agent%2Fx`)).body).toMatchObject({
    id: sha,
    parent_ids: [main.commit.id],
  })
  expect((await ask('nobody', 'GET', `${repository}/commits/--all`)).status).toBe(404)
  expect(list(await ask('nobody', 'GET', `${repository}/commits?ref_name=agent%2Fx`))).toHaveLength(2)
  expect((await ask('nobody', 'GET', `${repository}/compare?from=main&to=agent%2Fx`)).body).toMatchObject({
    commit: { id: sha },
    commits: [{ id: sha }],
    diffs: [{ new_path: 'docs ü.md', new_file: true, diff: '@@ -0,0 +1 @@\n+hello\n' }],
  })
  const base = await ask('nobody', 'GET', `${repository}/merge_base?refs[]=main&refs[]=agent%2Fx`)
  expect(base.body).toMatchObject({ id: main.commit.id })
})

test('branches are made and deleted, once', async () => {
  const { ask } = await startedSandbox()
  const path = '/projects/1/repository/branches'
  const made = await ask('developer', 'POST', path, { branch: 'agent/1', ref: 'main' })
  expect([made.status, made.body]).toMatchObject([201, { name: 'agent/1', protected: false, default: false }])
  expect((await ask('developer', 'POST', path, { branch: 'agent/1', ref: 'main' })).body).toEqual({
    message: 'Branch already exists',
  })
  expect((await ask('developer', 'POST', path, { branch: 'a..b', ref: 'main' })).status).toBe(400)
  expect((await ask('developer', 'POST', path, { branch: 'b', ref: 'none' })).status).toBe(400)
  expect((await ask('reporter', 'POST', path, { branch: 'b', ref: 'main' })).status).toBe(403)
  expect(list(await ask('nobody', 'GET', path)).map((branch) => branch.name)).toEqual(['agent/1', 'main'])
  expect((await ask('maintainer', 'DELETE', `${path}/main`)).status).toBe(403)
  expect((await ask('developer', 'DELETE', `${path}/agent%2F1`)).status).toBe(204)
  expect((await ask('developer', 'DELETE', `${path}/agent%2F1`)).body).toEqual({ message: '404 Branch Not Found' })
  expect(list(await ask('developer', 'GET', '/projects/1/protected_branches'))).toMatchObject([
    { name: 'main', allow_force_push: false },
  ])
})

test.each([
  ['application/json', '{"title":', 400, { error: 'Problems parsing JSON' }],
  ['application/json', '7', 400, { error: 'Problems parsing JSON' }],
  ['text/xml', '<a/>', 415, { error: 'The provided content-type is not supported.' }],
  [
    'application/json',
    JSON.stringify({ title: 'x'.repeat(256) }),
    400,
    { message: { title: ['is too long (maximum is 255 characters)'] } },
  ],
])('a body of %s that makes no sense is refused', async (type, body, status, words) => {
  const { sandbox } = await startedSandbox()
  const headers = { 'private-token': 'glpat-demo-reporter', 'content-type': type }
  const response = await fetch(`${sandbox.url}/api/v4/projects/1/issues`, { method: 'POST', headers, body })
  expect([response.status, await response.json()]).toEqual([status, words])
})

test('what there is no route for is 404 with an error', async () => {
  const { ask } = await startedSandbox()
  const reply = await ask('developer', 'GET', '/nothing')
  expect([reply.status, reply.body]).toEqual([404, { error: '404 Not Found' }])
})
