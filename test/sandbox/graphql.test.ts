import { expect, test } from 'vitest'
import { pushedBranch } from './clone.ts'
import { idOf, startedSandbox, type Who } from './startedSandbox.ts'

const notes = '/projects/1/issues/1/notes'

async function query(url: string, who: Who, text: string, variables: object = {}, token = `glpat-demo-${who}`) {
  const response = await fetch(`${url}/api/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(who === 'nobody' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: text, variables }),
  })
  return { status: response.status, body: (await response.json()) as { data?: unknown; errors?: unknown } }
}

const edits = `
  query edits($path: ID!, $iid: String!, $after: String) {
    project(fullPath: $path) {
      issue(iid: $iid) {
        notes(first: 2, after: $after, filter: ONLY_COMMENTS) {
          nodes { id lastEditedAt lastEditedBy { username } updatedAt }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }`

test('who edited a comment proves the edit; when does not, for reactions move it', async () => {
  const { sandbox, ask } = await startedSandbox()
  const edited = idOf(await ask('developer', 'POST', notes, { body: 'one' }))
  const reacted = idOf(await ask('developer', 'POST', notes, { body: 'two' }))
  await ask('maintainer', 'PUT', `${notes}/${edited}`, { body: 'other' })
  const created = (await ask('developer', 'GET', `${notes}/${reacted}`)).body as { created_at: string }
  await ask('errand-bot', 'POST', `${notes}/${reacted}/award_emoji`, { name: 'eyes' })
  const found = await query(sandbox.url, 'errand-bot', edits, { path: 'demo/shop', iid: '1' })
  expect(found).toMatchObject({
    status: 200,
    body: {
      data: {
        project: {
          issue: {
            notes: {
              nodes: [
                { id: `gid://gitlab/Note/${edited}`, lastEditedBy: { username: 'maintainer' } },
                { id: `gid://gitlab/Note/${reacted}`, lastEditedAt: expect.any(String), lastEditedBy: null },
              ],
              pageInfo: { hasNextPage: false },
            },
          },
        },
      },
    },
  })
  const text = JSON.stringify(found.body)
  expect(text).not.toContain(`"lastEditedAt":"${created.created_at}"`)
})

test('lists come in pages, and what one may not see is not in them', async () => {
  const { sandbox, ask } = await startedSandbox()
  for (const body of ['one', 'two', 'three']) await ask('reporter', 'POST', notes, { body, internal: body === 'two' })
  await ask('reporter', 'PUT', '/projects/1/issues/1', { title: 'Other' })
  const variables = { path: 'demo/shop', iid: '1' }
  const page = async (who: Who, after?: string) => {
    const { body } = await query(sandbox.url, who, edits, { ...variables, after })
    const data = body.data as {
      project: { issue: { notes: { nodes: unknown[]; pageInfo: { endCursor: string; hasNextPage: boolean } } } }
    }
    return data.project.issue.notes
  }
  const first = await page('reporter')
  expect([first.nodes.length, first.pageInfo.hasNextPage]).toEqual([2, true])
  const second = await page('reporter', first.pageInfo.endCursor)
  expect([second.nodes.length, second.pageInfo.hasNextPage]).toEqual([1, false])
  expect((await page('outsider')).nodes).toHaveLength(2)
})

test('several comments are asked for by their global ids at once', async () => {
  const { sandbox, ask } = await startedSandbox()
  const one = idOf(await ask('developer', 'POST', notes, { body: 'one' }))
  const hidden = idOf(await ask('reporter', 'POST', notes, { body: 'psst', internal: true }))
  const text = `query($a: NoteID!, $b: NoteID!) {
    a: note(id: $a) { ...edit discussion { id } }
    b: note(id: $b) { ...edit }
  }
  fragment edit on Note { id body lastEditedBy { username } system internal }`
  const variables = { a: `gid://gitlab/Note/${one}`, b: `gid://gitlab/Note/${hidden}` }
  expect((await query(sandbox.url, 'outsider', text, variables)).body).toEqual({
    data: {
      a: {
        id: variables.a,
        body: 'one',
        lastEditedBy: null,
        system: false,
        internal: false,
        discussion: { id: expect.stringMatching(/^gid:\/\/gitlab\/Discussion\/[0-9a-f]{40}$/) },
      },
      b: null,
    },
  })
})

test('an issue’s description is asked for by its work item; labels are no edit', async () => {
  const { sandbox, ask } = await startedSandbox()
  const id = idOf(await ask('reporter', 'POST', '/projects/1/issues', { title: 'Two', labels: 'bug' }))
  const text = `query($id: WorkItemID!) {
    workItem(id: $id) { iid widgets { __typename type ... on WorkItemWidgetDescription { edited lastEditedAt lastEditedBy { username } } } }
  }`
  const ask2 = async () => (await query(sandbox.url, 'errand-bot', text, { id: `gid://gitlab/Issue/${id}` })).body
  const description = { edited: false, lastEditedAt: null, lastEditedBy: null }
  expect(await ask2()).toMatchObject({
    data: { workItem: { iid: '2', widgets: [{ type: 'ASSIGNEES' }, { type: 'DESCRIPTION', ...description }, {}] } },
  })
  await ask('maintainer', 'PUT', '/projects/1/issues/2', { add_labels: 'other' })
  expect(await ask2()).toMatchObject({ data: { workItem: { widgets: [{}, description, {}] } } })
  await ask('maintainer', 'PUT', '/projects/1/issues/2', { description: 'words' })
  const after = { edited: true, lastEditedAt: expect.any(String), lastEditedBy: { username: 'maintainer' } }
  expect(await ask2()).toMatchObject({ data: { workItem: { widgets: [{}, after, {}] } } })
  const listed = `{ project(fullPath: "demo/shop") { workItems(iid: "2") { nodes { iid widgets { type } } } } }`
  expect((await query(sandbox.url, 'errand-bot', listed)).body).toMatchObject({
    data: { project: { workItems: { nodes: [{ iid: '2' }] } } },
  })
})

test('a merge request has comments and no time of its last edit', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'work')
  const fields = { source_branch: 'work', target_branch: 'main', title: 'W' }
  await ask('errand-bot', 'POST', '/projects/1/merge_requests', fields)
  await ask('developer', 'POST', '/projects/1/merge_requests/1/notes', { body: 'hello' })
  const at = (inner: string) => `{ project(fullPath: "demo/shop") { mergeRequest(iid: "1") { ${inner} } } }`
  expect(
    (await query(sandbox.url, 'developer', at('iid notes { nodes { body lastEditedBy { username } } }'))).body,
  ).toEqual({
    data: { project: { mergeRequest: { iid: '1', notes: { nodes: [{ body: 'hello', lastEditedBy: null }] } } } },
  })
  expect((await query(sandbox.url, 'developer', at('lastEditedAt'))).body).toEqual({
    errors: [
      {
        message: "Field 'lastEditedAt' doesn't exist on type 'MergeRequest'",
        locations: [{ line: 1, column: 61 }],
        extensions: { code: 'undefinedField', typeName: 'MergeRequest', fieldName: 'lastEditedAt' },
      },
    ],
  })
})

test.each([
  [
    '{ project(fullPath: "none/none") { issue(iid: "1") { lastEditedAt } } }',
    "Field 'lastEditedAt' doesn't exist on type 'Issue'",
  ],
  ['{ project { id } }', "Field 'project' is missing required arguments: fullPath"],
  ['{ project(path: "x", fullPath: "x") { id } }', "Field 'project' doesn't accept argument 'path'"],
  ['{ project(fullPath: "x") }', "Field must have selections (field 'project' returns Project but has no selections)"],
  ['{ currentUser { username { x } } }', "Selections can't be made on scalars (field 'username' has selections)"],
  ['{ note(id: "gid://gitlab/Issue/1") { id } }', '"gid://gitlab/Issue/1" does not represent an instance of Note'],
  ['{ note(id: "1") { id } }', '"1" is not a valid Global ID'],
  ['{ note(id: $id) { id } }', 'Variable $id is used by anonymous query but not declared'],
  ['query($id: NoteID!) { note(id: $id) { id } }', 'Variable $id of type NoteID! was provided invalid value'],
  ['{ currentUser { ... on Nothing { id } } }', "No such type Nothing, so it can't be a fragment condition"],
  ['{ currentUser { ...missing } }', 'Fragment was used, but not defined'],
  ['mutation { x }', 'Parse error on "mutation" at [1, 1]'],
  ['{ currentUser { id }', 'Unexpected end of document at [1, 1]'],
  ['', 'No query string was present'],
])('%s is refused with 200 and words', async (text, message) => {
  const { sandbox } = await startedSandbox()
  const { status, body } = await query(sandbox.url, 'developer', text)
  expect([status, body]).toMatchObject([200, { errors: [{ message }] }])
  expect(body).not.toHaveProperty('data')
})

test('tokens, faults and counts are those of the API', async () => {
  const { sandbox } = await startedSandbox()
  const me = '{ currentUser { username bot } }'
  expect((await query(sandbox.url, 'errand-bot', me)).body).toEqual({
    data: { currentUser: { username: 'errand-bot', bot: true } },
  })
  expect((await query(sandbox.url, 'nobody', me)).body).toEqual({ data: { currentUser: null } })
  expect(await query(sandbox.url, 'developer', me, {}, 'wrong')).toEqual({
    status: 401,
    body: { errors: [{ message: 'Invalid token' }] },
  })
  const vault = '{ project(fullPath: "demo/vault") { id } }'
  expect((await query(sandbox.url, 'developer', vault)).body).toEqual({ data: { project: null } })
  const counts = await (await fetch(`${sandbox.url}/-/sandbox/calls`)).json()
  expect(counts).toContainEqual({ user: 'errand-bot', method: 'POST', route: '/api/graphql', count: 1 })
  sandbox.faults.api = { ...sandbox.faults.api, failEvery: 1, only: 'graphql', status: 500 }
  expect((await query(sandbox.url, 'developer', me)).status).toBe(500)
})
