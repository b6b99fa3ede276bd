/** What starts a task besides a comment on an issue. */

import { expect, test } from 'vitest'
import { startWorld } from './world.ts'

async function openIssue(
  world: Awaited<ReturnType<typeof startWorld>>,
  fields: Record<string, unknown>,
): Promise<{ iid: number; on: 'issues' }> {
  const { iid } = await world.api<{ iid: number }>('developer', 'POST', 'projects/1/issues', fields)
  return { iid, on: 'issues' }
}

test('a command in the description of a new issue', async () => {
  await using world = await startWorld()
  const place = await openIssue(world, {
    title: 'A health check',
    description: 'We need it.\n\n/agent add a health check',
  })
  const task = `1-i${place.iid}`
  expect(await world.answer(task, place)).toContain('is ready for review')
  await world.over(task)
  const { notes } = await world.thread(task, place)
  expect(notes.map(({ author }) => author.username)).toEqual(['errand-bot', 'errand-bot'])
  expect(await world.status(task, place)).toContain('✅ **Done**')
})

test('a command in the description of a new merge request goes on with its branch', async () => {
  await using world = await startWorld()
  await world.api('developer', 'POST', 'projects/1/repository/branches?branch=feature&ref=main')
  await world.api('developer', 'POST', 'projects/1/repository/commits', {
    branch: 'feature',
    commit_message: 'Begin',
    actions: [{ action: 'create', file_path: 'begin.txt', content: 'begun\n' }],
  })
  const { iid } = await world.api<{ iid: number }>('developer', 'POST', 'projects/1/merge_requests', {
    source_branch: 'feature',
    target_branch: 'main',
    title: 'A feature',
    description: '@errand-bot finish this',
  })
  const place = { on: 'merge_requests', iid } as const
  expect(await world.answer(`1-m${iid}`, place)).toContain('✅ **Pushed to `feature`.**')
})

test('a mention at the start of a line is a command, talk about the bot is none', async () => {
  await using world = await startWorld()
  await world.say('developer', 'I wonder what @errand-bot would say')
  const task = await world.say('developer', '@errand-bot add a health check')
  expect(await world.answer(task)).toContain('is ready for review')
  expect(await world.mergeRequests()).toHaveLength(1)
})

test('the label on a new issue, followed by the label of what came of it', async () => {
  await using world = await startWorld()
  const place = await openIssue(world, { title: 'Add a health check', labels: 'agent-todo,backend' })
  const labels = async () =>
    (await world.api<{ labels: string[] }>('developer', 'GET', `projects/1/issues/${place.iid}`)).labels.sort()
  const done = await world.until('the issue to be done', async () =>
    (await labels()).includes('agent-done') ? labels() : undefined,
  )
  expect(done).toEqual(['agent-done', 'backend'])
  const events = await world.api<{ id: number; action: string; label: { name: string } }[]>(
    'developer',
    'GET',
    `projects/1/issues/${place.iid}/resource_label_events`,
  )
  const [set] = events.filter(({ action, label }) => action === 'add' && label.name === 'agent-todo')
  expect(await world.answer(`1-l${set?.id}`, place)).toContain('is ready for review')
  expect(events.map(({ action, label }) => `${action} ${label.name}`)).toContain('add agent-doing')
  expect((await world.file('REHEARSAL.md', `agent/1-l${set?.id}`)).toLowerCase()).toContain('add a health check')
})

test('the label set later, on a task that fails, and set again', async () => {
  await using world = await startWorld()
  const place = await openIssue(world, { title: 'Add a health check', description: 'rehearse: fail' })
  const path = `projects/1/issues/${place.iid}`
  const labelled = async (name: string) =>
    world.until(`the label ${name}`, async () =>
      (await world.api<{ labels: string[] }>('developer', 'GET', path)).labels.includes(name) ? true : undefined,
    )
  const asked = async () =>
    (
      await world.api<{ id: number; action: string; label: { name: string } }[]>(
        'developer',
        'GET',
        `${path}/resource_label_events`,
      )
    )
      .filter(({ action, label }) => action === 'add' && label.name === 'agent-todo')
      .map(({ id }) => `1-l${id}`)
  await world.api('developer', 'PUT', path, { add_labels: 'agent-todo' })
  await labelled('agent-failed')
  const [first = ''] = await asked()
  expect(await world.answer(first, place)).toContain('This did not work')
  await world.over(first)
  await world.api('developer', 'PUT', path, { description: '', add_labels: 'agent-todo' })
  await labelled('agent-done')
  const [, second = ''] = await asked()
  expect(await world.answer(second, place)).toContain('is ready for review')
})

test('assigning the bot', async () => {
  await using world = await startWorld()
  const place = await openIssue(world, { title: 'Add a health check' })
  const { id } = await world.api<{ id: number }>('errand-bot', 'GET', 'user')
  await world.api('developer', 'PUT', `projects/1/issues/${place.iid}`, { assignee_ids: [id] })
  const note = await world.until('the assignment to be noted', async () =>
    (await world.discussions(place)).flatMap(({ notes }) => notes).find(({ body }) => body.includes('assigned to')),
  )
  expect(await world.answer(`1-a${note.id}`, place)).toContain('is ready for review')
})

test('who may not ask is refused by label too, once', async () => {
  await using world = await startWorld()
  const place = await openIssue(world, { title: 'Add a health check' })
  await world.api('reporter', 'PUT', `projects/1/issues/${place.iid}`, { add_labels: 'agent-todo' })
  const said = await world.until('the refusal', async () =>
    (await world.discussions(place))
      .flatMap(({ notes }) => notes)
      .find(({ author }) => author.username === 'errand-bot'),
  )
  const task = /errand:(\S+)/.exec(said.body)?.[1] ?? ''
  expect(await world.answer(task, place)).toContain('you need the role Developer or higher')
})
