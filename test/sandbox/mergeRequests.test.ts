import { expect, test } from 'vitest'
import { cloned, commit, git, pushedBranch } from './clone.ts'
import { hooked } from './hookReceiver.ts'
import { list, startedSandbox } from './startedSandbox.ts'

const path = '/projects/1/merge_requests'
const fields = { source_branch: 'agent/1-n7', target_branch: 'main', title: 'Add a file' }

test('a merge request is opened with all that clients ask for', async () => {
  const { sandbox, ask } = await startedSandbox()
  const sha = await pushedBranch(sandbox.url, 'agent/1-n7')
  const reply = await ask('errand-bot', 'POST', path, {
    ...fields,
    description: 'Line one\n\nCloses #1',
    remove_source_branch: true,
    squash: true,
    assignee_ids: [3],
    reviewer_ids: [3],
    labels: 'agent',
  })
  expect([reply.status, reply.body]).toMatchObject([
    201,
    {
      iid: 1,
      state: 'opened',
      draft: false,
      sha,
      diff_refs: { head_sha: sha, base_sha: expect.stringMatching(/^[0-9a-f]{40}$/) },
      web_url: `${sandbox.url}/demo/shop/-/merge_requests/1`,
      author: { username: 'errand-bot' },
      assignees: [{ username: 'developer' }],
      reviewers: [{ username: 'developer' }],
      labels: ['agent'],
      force_remove_source_branch: true,
      squash: true,
      changes_count: '1',
      detailed_merge_status: 'mergeable',
    },
  ])
  const diffs = list(await ask('developer', 'GET', `${path}/1/diffs`))
  expect(diffs).toMatchObject([{ new_path: 'NEW.md', new_file: true, diff: '@@ -0,0 +1 @@\n+new\n' }])
  expect(list(await ask('developer', 'GET', `${path}/1/commits`))).toMatchObject([{ id: sha, title: 'Write NEW.md' }])
  const mentioned = list(await ask('developer', 'GET', '/projects/1/issues/1/notes'))
  expect(mentioned).toMatchObject([{ system: true, body: 'mentioned in merge request !1' }])
})

test('the second of the same branches is refused with an array, and found by its branch', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'agent/1-n7')
  const twice = await Promise.all([ask('errand-bot', 'POST', path, fields), ask('errand-bot', 'POST', path, fields)])
  expect(twice.map(({ status }) => status).sort()).toEqual([201, 409])
  const refused = twice.find(({ status }) => status === 409)
  expect(refused?.body).toEqual({ message: ['Another open merge request already exists for this source branch: !1'] })
  const query = 'source_branch=agent%2F1-n7&target_branch=main&state=opened'
  expect(list(await ask('errand-bot', 'GET', `${path}?${query}`))).toMatchObject([{ iid: 1 }])
  expect(list(await ask('errand-bot', 'GET', `${path}?source_branch=other`))).toEqual([])
})

test.each([
  [{ ...fields, source_branch: 'none' }, 400, { message: { source_branch: ['does not exist'] } }],
  [{ ...fields, source_branch: 'main' }, 422, { message: ["You can't use same project/branch for source and target"] }],
  [{ source_branch: 'a', target_branch: 'main' }, 400, { error: 'title is missing' }],
])('%j is refused with %i', async (body, status, words) => {
  const { ask } = await startedSandbox()
  const reply = await ask('errand-bot', 'POST', path, body)
  expect([reply.status, reply.body]).toEqual([status, words])
})

test('reporters and outsiders may not open one', async () => {
  const { ask } = await startedSandbox()
  expect((await ask('reporter', 'POST', path, fields)).status).toBe(403)
  expect((await ask('outsider', 'POST', path, fields)).status).toBe(403)
  expect((await ask('nobody', 'POST', path, fields)).status).toBe(401)
})

test('a push brings a new head, a system note, and a hook with the old one', async () => {
  const { sandbox, ask } = await startedSandbox()
  const old = await pushedBranch(sandbox.url, 'agent/1-n7')
  await ask('errand-bot', 'POST', path, fields)
  const receiver = await hooked(ask, { push_events: true, merge_requests_events: true })
  const folder = await cloned(sandbox.url, 'errand-bot')
  await git(folder, 'checkout', '--quiet', 'agent/1-n7')
  const sha = await commit(folder, 'agent/1-n7', 'MORE.md', 'more\n')
  expect((await git(folder, 'push', 'origin', 'agent/1-n7')).code).toBe(0)
  expect((await ask('developer', 'GET', `${path}/1`)).body).toMatchObject({ sha, changes_count: '2' })
  expect(list(await ask('developer', 'GET', `${path}/1/notes`))).toMatchObject([
    { system: true, body: 'added 1 commit' },
  ])
  const got = await receiver.wait(2)
  expect(got.find(({ event }) => event === 'Push Hook')?.payload).toMatchObject({
    ref: 'refs/heads/agent/1-n7',
    before: old,
    after: sha,
    user_username: 'errand-bot',
    total_commits_count: 1,
    commits: [{ id: sha, added: ['MORE.md'], modified: [], removed: [] }],
  })
  expect(got.find(({ event }) => event === 'Merge Request Hook')?.payload.object_attributes).toMatchObject({
    action: 'update',
    oldrev: old,
    last_commit: { id: sha, title: 'Write MORE.md' },
  })
})

test('a merge is real: commit, issue closed, branch gone, hooks told', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'agent/1-n7')
  await ask('errand-bot', 'POST', path, {
    ...fields,
    description: 'Closes #1',
    remove_source_branch: true,
    squash: true,
  })
  expect((await ask('developer', 'PUT', `${path}/1/merge`)).body).toEqual({ message: '401 Unauthorized' })
  const wrong = await ask('maintainer', 'PUT', `${path}/1/merge`, { sha: '0'.repeat(40) })
  expect(wrong.status).toBe(409)
  const receiver = await hooked(ask)
  const merged = await ask('maintainer', 'PUT', `${path}/1/merge`)
  expect([merged.status, merged.body]).toMatchObject([
    200,
    {
      state: 'merged',
      merge_user: { username: 'maintainer' },
      merge_commit_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
      squash_commit_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    },
  ])
  expect((await ask('nobody', 'GET', '/projects/1/repository/files/NEW.md/raw')).text).toBe('new\n')
  expect((await ask('nobody', 'GET', '/projects/1/repository/branches/agent%2F1-n7')).status).toBe(404)
  expect((await ask('nobody', 'GET', '/projects/1/issues/1')).body).toMatchObject({ state: 'closed' })
  const got = await receiver.wait(3)
  const told = got.map(({ event, payload }) => `${event} ${payload.object_attributes.action ?? ''}`.trim())
  expect(told).toEqual(expect.arrayContaining(['Merge Request Hook merge', 'Issue Hook close']))
  expect((await ask('maintainer', 'PUT', `${path}/1/merge`)).body).toEqual({ message: '405 Method Not Allowed' })
  const folder = await cloned(sandbox.url, 'nobody')
  expect((await git(folder, 'log', '-1', '--format=%P')).text.trim().split(' ')).toHaveLength(2)
})

test('the hook tells of opening, labels, closing and reopening', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'agent/1-n7')
  const receiver = await hooked(ask, { merge_requests_events: true })
  await ask('errand-bot', 'POST', path, { ...fields, description: '/agent go on', labels: 'agent', assignee_ids: [3] })
  await ask('developer', 'PUT', `${path}/1`, { add_labels: 'agent-todo' })
  await ask('developer', 'PUT', `${path}/1`, { state_event: 'close' })
  await ask('developer', 'PUT', `${path}/1`, { state_event: 'reopen' })
  const got = await receiver.wait(4)
  const told = got.map(({ payload }) => `${payload.user?.username} ${payload.object_attributes.action}`)
  expect(told).toEqual(['errand-bot open', 'developer update', 'developer close', 'developer reopen'])
  expect(got[0]?.payload).toMatchObject({
    object_attributes: { description: '/agent go on', labels: [{ title: 'agent' }], state: 'opened' },
    assignees: [{ username: 'developer' }],
  })
  expect(got[0]?.payload.changes).toEqual({})
  expect(got[1]?.payload.changes).toMatchObject({
    labels: { previous: [{ title: 'agent' }], current: [{ title: 'agent' }, { title: 'agent-todo' }] },
  })
  expect(list(await ask('developer', 'GET', `${path}/1/resource_label_events`))).toMatchObject([
    { action: 'add', label: { name: 'agent' }, resource_type: 'MergeRequest', user: { username: 'errand-bot' } },
    { action: 'add', label: { name: 'agent-todo' }, user: { username: 'developer' } },
  ])
  expect(list(await ask('developer', 'GET', `${path}/1/notes`))).toMatchObject([{ body: 'assigned to @developer' }])
  expect(list(await ask('developer', 'GET', `${path}/1/resource_state_events`)).map((event) => event.state)).toEqual([
    'closed',
    'reopened',
  ])
})

test('what conflicts says so and is not merged', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'one', 'SAME.md', 'one\n')
  await pushedBranch(sandbox.url, 'two', 'SAME.md', 'two\n')
  await ask('developer', 'POST', path, { ...fields, source_branch: 'one' })
  await ask('developer', 'POST', path, { ...fields, source_branch: 'two' })
  expect((await ask('maintainer', 'PUT', `${path}/1/merge`)).status).toBe(200)
  expect((await ask('developer', 'GET', `${path}/2`)).body).toMatchObject({
    has_conflicts: true,
    detailed_merge_status: 'conflict',
  })
  const refused = await ask('maintainer', 'PUT', `${path}/2/merge`)
  expect([refused.status, refused.body]).toEqual([422, { message: 'Branch cannot be merged' }])
})

test('drafts are not merged until they are ready, and commands work on merge requests', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'work')
  await ask('developer', 'POST', path, { ...fields, source_branch: 'work', title: 'Draft: later' })
  expect((await ask('developer', 'GET', `${path}/1`)).body).toMatchObject({
    draft: true,
    detailed_merge_status: 'draft_status',
  })
  expect((await ask('maintainer', 'PUT', `${path}/1/merge`)).status).toBe(405)
  const reply = await ask('maintainer', 'POST', `${path}/1/notes`, { body: '/ready\n/approve\n/merge' })
  expect([reply.status, reply.body]).toMatchObject([
    202,
    { summary: ['Marked as ready.', 'Approved this merge request.', 'Merged this merge request.'] },
  ])
  expect((await ask('developer', 'GET', `${path}/1`)).body).toMatchObject({ state: 'merged', title: 'later' })
  expect((await ask('developer', 'GET', `${path}/1/approvals`)).body).toMatchObject({
    approved_by: [{ user: { username: 'maintainer' } }],
  })
})

test('a closed one can have a successor, and is then not reopened', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'agent/1-n7')
  await ask('errand-bot', 'POST', path, fields)
  expect((await ask('errand-bot', 'PUT', `${path}/1`, { state_event: 'close' })).body).toMatchObject({
    state: 'closed',
  })
  expect((await ask('errand-bot', 'POST', path, fields)).body).toMatchObject({ iid: 2 })
  const again = await ask('errand-bot', 'PUT', `${path}/1`, { state_event: 'reopen' })
  expect(again.status).toBe(409)
  const edited = await ask('errand-bot', 'PUT', `${path}/2`, { description: 'More words', title: 'Add two files' })
  expect(edited.body).toMatchObject({ description: 'More words', title: 'Add two files' })
})

test.each([
  ['Closes #1', [1]],
  ['closes: #1', [1]],
  ['Fixes #1 and #2', [1, 2]],
  ['Resolves demo/shop#2', [2]],
  ['Implements #1, #2', [1, 2]],
  ['Closes other/shop#1', []],
  ['see #1', []],
  ['discloses #1', []],
])('%s closes %j', async (description, closed) => {
  const { ask } = await startedSandbox()
  await ask('reporter', 'POST', '/projects/1/issues', { title: 'Two' })
  await ask('developer', 'POST', '/projects/1/repository/branches', { branch: 'work', ref: 'main' })
  await ask('developer', 'POST', path, { ...fields, source_branch: 'work', description })
  const issues = list(await ask('developer', 'GET', `${path}/1/closes_issues`))
  expect(issues.map((issue) => issue.iid).sort()).toEqual(closed)
})
