import { Gitlab } from '@gitbeaker/rest'
import { expect, test } from 'vitest'
import { pushedBranch } from './clone.ts'
import { steer } from './controls.ts'
import { startedSandbox } from './startedSandbox.ts'

async function clients() {
  const { sandbox } = await startedSandbox()
  const as = (who: string) => new Gitlab({ host: sandbox.url, token: `glpat-demo-${who}` })
  return { sandbox, bot: as('errand-bot'), developer: as('developer'), maintainer: as('maintainer') }
}

test('the real client finds what no hook brought', async () => {
  const { bot, developer, maintainer } = await clients()
  await developer.IssueNotes.create(1, 1, '@errand-bot fix it')
  await maintainer.Issues.edit(1, 1, { addLabels: 'agent-todo', assigneeIds: [6] })
  const todos = await bot.TodoLists.all({ state: 'pending', perPage: 100, maxPages: 1 })
  expect(todos.map((todo) => todo.action_name)).toEqual(['assigned', 'directly_addressed'])
  expect(await bot.TodoLists.done({ todoId: todos[0]?.id ?? 0 })).toMatchObject({ state: 'done' })
  const day = new Date(Date.now() - 24 * 3600 * 1000).toISOString().slice(0, 10)
  const events = await bot.Events.all({ projectId: 1, targetType: 'note', after: day, sort: 'asc' })
  expect(events).toMatchObject([{ action_name: 'commented on', note: { body: '@errand-bot fix it' } }])
  expect(await bot.Events.all({ scope: 'all', targetType: 'note' })).toHaveLength(1)
  const issues = await bot.Issues.all({ scope: 'all', labels: 'agent-todo', state: 'opened' })
  expect(issues).toMatchObject([{ iid: 1, project_id: 1 }])
  const changed = await bot.Issues.all({ projectId: 1, updatedAfter: new Date(0).toISOString(), orderBy: 'updated_at' })
  expect(changed).toHaveLength(1)
  expect(await bot.IssueLabelEvents.all(1, 1)).toMatchObject([{ action: 'add', user: { username: 'maintainer' } }])
  await maintainer.Issues.edit(1, 1, { stateEvent: 'close' })
  expect(await bot.IssueStateEvents.all(1, 1)).toMatchObject([{ state: 'closed' }])
  const system = await bot.IssueNotes.all(1, 1, { activityFilter: 'only_activity' } as object)
  expect(system).toMatchObject([{ system: true, body: 'assigned to @errand-bot' }])
})

test('the real client reads pipelines and the logs of their jobs', async () => {
  const { sandbox, bot } = await clients()
  const sha = await pushedBranch(sandbox.url, 'work')
  const jobs = [{ name: 'unit', status: 'failed', trace: 'it broke\n' }]
  await steer(sandbox.url, 'POST', '/pipelines', { project: 1, ref: 'work', jobs })
  const [pipeline] = await bot.Pipelines.all(1, { ref: 'work', sha })
  expect(await bot.Pipelines.show(1, pipeline?.id ?? 0)).toMatchObject({ status: 'failed', sha })
  const [job] = await bot.Jobs.all(1, { pipelineId: pipeline?.id ?? 0, scope: 'failed' })
  expect(job).toMatchObject({ name: 'unit', allow_failure: false, failure_reason: 'script_failure' })
  expect(await bot.Jobs.showLog(1, job?.id ?? 0)).toBe('it broke\n')
  expect(await bot.Pipelines.retry(1, pipeline?.id ?? 0)).toMatchObject({ status: 'pending' })
})

test('the real client submits a review, and answers it', async () => {
  const { sandbox, bot, developer } = await clients()
  await pushedBranch(sandbox.url, 'work')
  await bot.MergeRequests.create(1, 'work', 'main', 'Work')
  const [version] = await bot.MergeRequests.allDiffVersions(1, 1)
  const position = {
    baseSha: version?.base_commit_sha ?? '',
    startSha: version?.start_commit_sha ?? '',
    headSha: version?.head_commit_sha ?? '',
    positionType: 'text' as const,
    oldPath: 'NEW.md',
    newPath: 'NEW.md',
    newLine: '1',
  }
  await developer.MergeRequestDraftNotes.create(1, 1, 'Why?', { position })
  await developer.MergeRequestDraftNotes.create(1, 1, 'And in general')
  expect(await developer.MergeRequestDraftNotes.all(1, 1)).toHaveLength(2)
  await developer.MergeRequestDraftNotes.publishBulk(1, 1)
  const [thread, comment] = await bot.MergeRequestDiscussions.all(1, 1)
  expect(thread).toMatchObject({ notes: [{ type: 'DiffNote', position: { new_path: 'NEW.md', new_line: 1 } }] })
  expect(comment).toMatchObject({ individual_note: true })
  const { id = '' } = thread ?? {}
  await bot.MergeRequestDiscussions.addNote(1, 1, id, 'Because')
  await bot.MergeRequestDiscussions.resolve(1, 1, id, true)
  expect(await bot.MergeRequestDiscussions.show(1, 1, id)).toMatchObject({
    notes: [{ resolved: true }, { body: 'Because', resolved: true }],
  })
  expect(await bot.MergeRequests.allDiffs(1, 1)).toMatchObject([{ new_path: 'NEW.md', diff: '@@ -0,0 +1 @@\n+new\n' }])
  await developer.MergeRequests.edit(1, 1, { discussionLocked: true })
  expect(await bot.MergeRequests.show(1, 1)).toMatchObject({ discussion_locked: true })
  await bot.MergeRequestNotes.remove(1, 1, (await bot.MergeRequestNotes.create(1, 1, 'oops')).id)
})

test('the real client looks at people, projects, groups and branches', async () => {
  const { bot, developer, maintainer } = await clients()
  expect(await bot.PersonalAccessTokens.show()).toMatchObject({ scopes: ['api', 'self_rotate'], expires_at: null })
  expect(await bot.Users.show(3)).toMatchObject({ username: 'developer', bot: false, state: 'active' })
  expect(await maintainer.ProjectMembers.show(3, 3, { includeInherited: true })).toMatchObject({ access_level: 30 })
  const mine = await bot.Projects.all({ membership: true, minAccessLevel: 30, search: 'shop' })
  expect(mine).toMatchObject([{ path_with_namespace: 'demo/shop' }])
  expect(await maintainer.Groups.allProjects('demo', { includeSubgroups: true } as object)).toHaveLength(3)
  await developer.Issues.create(1, 'Two', { labels: 'agent-todo', description: '/agent do it' })
  await developer.IssueLinks.create(1, 1, 1, 2)
  expect(await bot.IssueLinks.all(1, 1)).toMatchObject([{ iid: 2 }])
  const { id } = await developer.Commits.create(
    1,
    'work',
    'Write',
    [{ action: 'create', filePath: 'A.md', content: 'a\n' }],
    {
      startBranch: 'main',
    },
  )
  expect(await bot.RepositoryFiles.showRaw(1, 'A.md', 'work')).toBe('a\n')
  const main = await bot.Branches.show(1, 'main')
  expect(await bot.Repositories.mergeBase(1, ['main', 'work'])).toMatchObject({ id: main.commit.id })
  expect(await bot.Repositories.compare(1, 'main', 'work')).toMatchObject({
    commits: [{ id }],
    diffs: [{ new_path: 'A.md' }],
  })
  await bot.MergeRequests.create(1, 'work', 'main', 'Work')
  await maintainer.MergeRequestApprovals.approve(1, 1)
  expect(await bot.MergeRequestApprovals.showConfiguration(1, { mergerequestIId: 1 })).toMatchObject({
    approved_by: [{ user: { username: 'maintainer' } }],
  })
})
