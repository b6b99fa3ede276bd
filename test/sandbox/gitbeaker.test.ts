import { Gitlab } from '@gitbeaker/rest'
import { expect, test } from 'vitest'
import { pushedBranch } from './clone.ts'
import { startReceiver } from './hookReceiver.ts'
import { startedSandbox } from './startedSandbox.ts'

test('the real client reads and writes a conversation', async () => {
  const { sandbox } = await startedSandbox()
  const host = sandbox.url
  const [developer, bot] = ['developer', 'errand-bot'].map((who) => new Gitlab({ host, token: `glpat-demo-${who}` }))
  if (developer === undefined || bot === undefined) throw new Error('unreachable')

  expect(await bot.Users.showCurrentUser()).toMatchObject({ username: 'errand-bot', bot: true })
  const issue = await bot.Issues.show(1, { projectId: 'demo/shop' })
  expect(issue).toMatchObject({ iid: 1, title: 'Add a health check' })
  const note = await developer.IssueNotes.create(1, 1, '/agent add a health check')
  await bot.IssueNoteAwardEmojis.award(1, 1, note.id, 'eyes')
  await expect(bot.IssueNoteAwardEmojis.award(1, 1, note.id, 'eyes')).rejects.toMatchObject({
    cause: { description: '404 Award Emoji Name has already been taken Not Found', response: { status: 404 } },
  })
  const [discussion] = await bot.IssueDiscussions.all(1, 1)
  if (discussion === undefined) throw new Error('There is no discussion.')
  const reply = await bot.IssueDiscussions.addNote(1, 1, discussion.id, 'Queued')
  expect(reply).toMatchObject({ body: 'Queued', type: 'DiscussionNote' })
  await bot.IssueNotes.edit(1, 1, reply.id, { body: 'Running' })
  const notes = await bot.IssueNotes.all(1, 1, { sort: 'asc', orderBy: 'created_at', perPage: 1 })
  expect(notes.map((entry) => entry.body)).toEqual(['/agent add a health check', 'Running'])
  const commands = await developer.IssueNotes.create(1, 1, '/close', { showExpanded: true })
  expect(commands.status).toBe(202)
  expect(await bot.ProjectMembers.show(1, 3, { includeInherited: true })).toMatchObject({ access_level: 30 })
  await expect(bot.ProjectMembers.show(1, 5, { includeInherited: true })).rejects.toMatchObject({
    cause: { response: { status: 404 } },
  })
})

test('the real client opens, adopts, discusses and merges a merge request', async () => {
  const { sandbox } = await startedSandbox()
  const bot = new Gitlab({ host: sandbox.url, token: 'glpat-demo-errand-bot' })
  const maintainer = new Gitlab({ host: sandbox.url, token: 'glpat-demo-maintainer' })
  const sha = await pushedBranch(sandbox.url, 'agent/1-n7')
  const open = () =>
    bot.MergeRequests.create(1, 'agent/1-n7', 'main', 'Add a file', {
      description: 'One\n\nCloses #1',
      removeSourceBranch: true,
      squash: true,
      assigneeId: 3,
      reviewerIds: [3],
    })
  expect(await open()).toMatchObject({ iid: 1, sha, squash: true, force_remove_source_branch: true })
  await expect(open()).rejects.toMatchObject({ cause: { response: { status: 409 } } })
  const found = await bot.MergeRequests.all({
    projectId: 1,
    sourceBranch: 'agent/1-n7',
    targetBranch: 'main',
    state: 'opened',
  })
  expect(found).toMatchObject([{ iid: 1 }])
  expect(await bot.MergeRequests.allDiffs(1, 1)).toMatchObject([{ new_path: 'NEW.md' }])
  const [version] = await bot.MergeRequests.allDiffVersions(1, 1)
  const thread = await maintainer.MergeRequestDiscussions.create(1, 1, 'Why?', {
    position: {
      baseSha: version?.base_commit_sha ?? '',
      startSha: version?.start_commit_sha ?? '',
      headSha: version?.head_commit_sha ?? '',
      positionType: 'text',
      oldPath: 'NEW.md',
      newPath: 'NEW.md',
      newLine: '1',
    },
  })
  expect(thread.notes).toMatchObject([{ type: 'DiffNote', position: { new_line: 1 } }])
  await bot.MergeRequestDiscussions.resolve(1, 1, thread.id, true)
  expect(await bot.MergeRequestDiscussions.show(1, 1, thread.id)).toMatchObject({ notes: [{ resolved: true }] })
  expect(await maintainer.MergeRequests.merge(1, 1)).toMatchObject({ state: 'merged' })
  expect(await bot.RepositoryFiles.showRaw(1, 'NEW.md', 'main')).toBe('new\n')
  expect(await bot.Branches.all(1)).toHaveLength(1)
  expect(await bot.Issues.show(1, { projectId: 1 })).toMatchObject({ state: 'closed' })
})

test('the real client sets up a hook, and labels start something', async () => {
  const { sandbox } = await startedSandbox()
  const receiver = await startReceiver()
  const maintainer = new Gitlab({ host: sandbox.url, token: 'glpat-demo-maintainer' })
  const hook = await maintainer.ProjectHooks.add(1, receiver.url, {
    issuesEvents: true,
    pushEvents: false,
    token: 'secret',
  })
  expect(await maintainer.ProjectHooks.all(1)).toMatchObject([{ id: hook.id, issues_events: true, push_events: false }])
  await maintainer.Issues.edit(1, 1, { addLabels: 'agent-todo' })
  const [told] = await receiver.wait(1)
  expect(told?.headers['x-gitlab-token']).toBe('secret')
  expect(told?.payload.changes).toHaveProperty('labels')
  expect(await maintainer.IssueLabelEvents.all(1, 1)).toMatchObject([{ action: 'add', label: { name: 'agent-todo' } }])
})
