import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { cloned, commit, git, pushedBranch } from './clone.ts'
import { hooked } from './hookReceiver.ts'
import { type Ask, list, startedSandbox } from './startedSandbox.ts'

const merge = '/projects/1/merge_requests/1'
const drafts = `${merge}/draft_notes`
const Thread = z.object({ id: z.string(), notes: z.array(z.looseObject({ id: z.number() })) })

/** A merge request of the bot with one changed file, and the position of its first line. */
async function opened() {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'work', 'NEW.md', 'one\ntwo\n')
  const fields = { source_branch: 'work', target_branch: 'main', title: 'W' }
  await ask('errand-bot', 'POST', '/projects/1/merge_requests', fields)
  const [version] = list(await ask('developer', 'GET', `${merge}/versions`))
  const position = {
    base_sha: version?.base_commit_sha,
    start_sha: version?.start_commit_sha,
    head_sha: version?.head_commit_sha,
    position_type: 'text',
    old_path: 'NEW.md',
    new_path: 'NEW.md',
    new_line: 1,
  }
  return { sandbox, ask, position }
}

async function threads(ask: Ask) {
  return list(await ask('developer', 'GET', `${merge}/discussions?per_page=100`))
}

test('a review is drafted in secret, and submitted at once: each comment has a hook of its own', async () => {
  const { ask, position } = await opened()
  const receiver = await hooked(ask, { note_events: true, merge_requests_events: true })
  const thread = Thread.parse((await ask('maintainer', 'POST', `${merge}/discussions`, { body: 'A question' })).body)
  await receiver.wait(1)
  const first = await ask('developer', 'POST', drafts, { note: 'Why one?', position })
  expect([first.status, first.body]).toMatchObject([
    201,
    { note: 'Why one?', discussion_id: null, resolve_discussion: false, position: { new_path: 'NEW.md', new_line: 1 } },
  ])
  await ask('developer', 'POST', drafts, { note: 'Why two?', position: { ...position, new_line: 2 } })
  await ask('developer', 'POST', drafts, { note: 'In general fine' })
  await ask('developer', 'POST', drafts, { note: 'Me too', in_reply_to_discussion_id: thread.id })
  expect(list(await ask('developer', 'GET', drafts))).toHaveLength(4)
  expect(list(await ask('maintainer', 'GET', drafts))).toEqual([])
  expect(await threads(ask)).toHaveLength(1)
  expect((await ask('developer', 'POST', `${drafts}/bulk_publish`)).status).toBe(204)
  const told = (await receiver.wait(5)).slice(1)
  expect(told.map(({ event, payload }) => [event, payload.object_attributes.note, payload.user?.username])).toEqual(
    expect.arrayContaining([
      ['Note Hook', 'Why one?', 'developer'],
      ['Note Hook', 'Why two?', 'developer'],
      ['Note Hook', 'In general fine', 'developer'],
      ['Note Hook', 'Me too', 'developer'],
    ]),
  )
  const line = told.find(({ payload }) => payload.object_attributes.note === 'Why two?')
  expect(line?.payload.object_attributes).toMatchObject({
    type: 'DiffNote',
    line_code: expect.stringMatching(/^[0-9a-f]{40}_0_2$/),
    position: { new_line: 2, old_line: null, line_range: null, head_sha: position.head_sha },
    discussion_id: expect.stringMatching(/^[0-9a-f]{40}$/),
  })
  expect(await threads(ask)).toMatchObject([
    { id: thread.id, notes: [{ body: 'A question' }, { body: 'Me too', type: 'DiscussionNote' }] },
    { individual_note: false, notes: [{ type: 'DiffNote', resolvable: true }] },
    { individual_note: false, notes: [{ type: 'DiffNote' }] },
    { individual_note: true, notes: [{ type: null, body: 'In general fine' }] },
  ])
  expect(list(await ask('developer', 'GET', drafts))).toEqual([])
})

test('drafts are changed, dropped and published one by one, by their author only', async () => {
  const { ask } = await opened()
  const [one, two] = [
    await ask('developer', 'POST', drafts, { note: 'one' }),
    await ask('developer', 'POST', drafts, { note: 'two' }),
  ].map(({ body }) => z.object({ id: z.number() }).parse(body).id)
  expect((await ask('maintainer', 'GET', `${drafts}/${one}`)).status).toBe(404)
  expect((await ask('developer', 'PUT', `${drafts}/${one}`, { note: 'more' })).body).toMatchObject({ note: 'more' })
  expect((await ask('developer', 'PUT', `${drafts}/${one}`, {})).status).toBe(400)
  expect((await ask('developer', 'PUT', `${drafts}/${one}/publish`)).status).toBe(204)
  expect((await ask('developer', 'DELETE', `${drafts}/${two}`)).status).toBe(204)
  expect((await ask('developer', 'POST', `${drafts}/bulk_publish`)).status).toBe(204)
  expect(await threads(ask)).toMatchObject([{ notes: [{ body: 'more' }] }])
  expect((await ask('nobody', 'GET', drafts)).status).toBe(401)
})

test('a drafted reply needs a thread of a person, opens it again, or resolves it', async () => {
  const { ask } = await opened()
  const refused = await ask('developer', 'POST', drafts, { note: 'x', in_reply_to_discussion_id: 'f'.repeat(40) })
  expect([refused.status, refused.body]).toEqual([400, { message: { base: ['Thread to reply to cannot be found'] } }])
  const thread = Thread.parse((await ask('maintainer', 'POST', `${merge}/discussions`, { body: 'A question' })).body)
  await ask('errand-bot', 'PUT', `${merge}/discussions/${thread.id}`, { resolved: true })
  const reply = { note: 'But', in_reply_to_discussion_id: thread.id }
  await ask('developer', 'POST', drafts, reply)
  await ask('developer', 'POST', `${drafts}/bulk_publish`)
  expect((await threads(ask))[0]).toMatchObject({ notes: [{ resolved: false }, { resolved: false }] })
  expect((await ask('outsider', 'POST', drafts, { ...reply, resolve_discussion: true })).status).toBe(400)
  await ask('developer', 'POST', drafts, { ...reply, resolve_discussion: true })
  await ask('developer', 'POST', `${drafts}/bulk_publish`)
  const notes = [{ resolved: true }, { resolved: true }, { resolved: true, resolved_by: { username: 'developer' } }]
  expect((await threads(ask))[0]).toMatchObject({ notes })
})

test('when the last thread is resolved the discussion says so, and the hook tells of no changes', async () => {
  const { ask } = await opened()
  const [one, two] = [
    Thread.parse((await ask('developer', 'POST', `${merge}/discussions`, { body: 'one' })).body),
    Thread.parse((await ask('developer', 'POST', `${merge}/discussions`, { body: 'two' })).body),
  ]
  expect((await ask('developer', 'GET', merge)).body).toMatchObject({ blocking_discussions_resolved: false })
  const receiver = await hooked(ask, { merge_requests_events: true, note_events: true })
  await ask('errand-bot', 'PUT', `${merge}/discussions/${one?.id}?resolved=true`)
  await ask('errand-bot', 'PUT', `${merge}/discussions/${one?.id}?resolved=true`)
  await ask('errand-bot', 'PUT', `${merge}/discussions/${two?.id}?resolved=true`)
  const [told] = await receiver.wait(1)
  expect(told).toMatchObject({
    event: 'Merge Request Hook',
    payload: {
      user: { username: 'errand-bot' },
      object_attributes: { action: 'update', blocking_discussions_resolved: true },
    },
  })
  expect(told?.payload.changes).toEqual({})
  const system = list(await ask('developer', 'GET', `${merge}/notes?activity_filter=only_activity`))
  expect(system.map((note) => note.body)).toEqual(['resolved all threads'])
  await ask('developer', 'PUT', `${merge}/discussions/${two?.id}?resolved=false`)
  expect((await ask('developer', 'GET', merge)).body).toMatchObject({ blocking_discussions_resolved: false })
})

test('each push is a version, and comments may stand on an old one', async () => {
  const { sandbox, ask, position } = await opened()
  const folder = await cloned(sandbox.url, 'errand-bot')
  await git(folder, 'checkout', '--quiet', 'work')
  const sha = await commit(folder, 'work', 'NEW.md', 'one\nTWO\n')
  expect((await git(folder, 'push', '--quiet', 'origin', 'work')).code).toBe(0)
  const versions = await vi.waitFor(async () => {
    const found = list(await ask('developer', 'GET', `${merge}/versions`))
    expect(found).toMatchObject([{ head_commit_sha: sha }, { head_commit_sha: position.head_sha }])
    return found
  })
  expect((await ask('developer', 'GET', `${merge}/versions/${versions[1]?.id}`)).body).toMatchObject({
    commits: [{ id: position.head_sha }],
    diffs: [{ new_path: 'NEW.md', diff: '@@ -0,0 +1,2 @@\n+one\n+two\n' }],
  })
  const old = await ask('developer', 'POST', `${merge}/discussions`, { body: 'why?', position })
  expect([old.status, old.body]).toMatchObject([201, { notes: [{ position: { head_sha: position.head_sha } }] }])
})

test.each([
  ['a line that is not there', { new_line: 9 }],
  ['an added line by its old number', { old_line: 1, new_line: null }],
  ['a file that did not change', { old_path: 'README.md', new_path: 'README.md' }],
  ['no commit', { head_sha: 'f'.repeat(40) }],
])('%s is no place for a comment', async (_, wrong) => {
  const { ask, position } = await opened()
  const reply = await ask('developer', 'POST', `${merge}/discussions`, {
    body: 'x',
    position: { ...position, ...wrong },
  })
  expect([reply.status, reply.body]).toEqual([
    400,
    { message: `400 Bad request - Note {:line_code=>["can't be blank", "must be a valid line code"]}` },
  ])
})

test('the three kinds of lines are named by their numbers', async () => {
  const { sandbox, ask } = await startedSandbox()
  await ask('maintainer', 'PUT', '/projects/1/repository/files/README.md', {
    branch: 'main',
    commit_message: 'Say less',
    content: 'one\ntwo\nthree\n',
  })
  await pushedBranch(sandbox.url, 'work', 'README.md', 'one\nTWO\nthree\n')
  const fields = { source_branch: 'work', target_branch: 'main', title: 'W' }
  await ask('errand-bot', 'POST', '/projects/1/merge_requests', fields)
  const receiver = await hooked(ask, { note_events: true })
  const [version] = list(await ask('developer', 'GET', `${merge}/versions`))
  const at = (lines: object) => ({
    body: 'here',
    position: {
      base_sha: version?.base_commit_sha,
      start_sha: version?.start_commit_sha,
      head_sha: version?.head_commit_sha,
      position_type: 'text',
      old_path: 'README.md',
      new_path: 'README.md',
      ...lines,
    },
  })
  await ask('developer', 'POST', `${merge}/discussions`, at({ old_line: 2 }))
  await ask('developer', 'POST', `${merge}/discussions`, at({ new_line: 2 }))
  await ask('developer', 'POST', `${merge}/discussions`, at({ old_line: 3, new_line: 3 }))
  const codes = (await receiver.wait(3)).map(({ payload }) => String(payload.object_attributes.line_code).slice(41))
  expect(codes.sort()).toEqual(['2_2', '3_2', '3_3'])
})

test('a comment may be dated by who maintains the project', async () => {
  const { ask } = await startedSandbox()
  const body = { body: 'long ago', created_at: '2026-01-02T03:04:05Z' }
  const path = '/projects/1/issues/1/notes'
  expect((await ask('maintainer', 'POST', path, body)).body).toMatchObject({ created_at: '2026-01-02T03:04:05.000Z' })
  expect((await ask('developer', 'POST', path, body)).body).not.toMatchObject({
    created_at: '2026-01-02T03:04:05.000Z',
  })
})
