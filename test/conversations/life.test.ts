/** Life around a task: what is deleted, closed, edited or confidential. */

import { expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

/** The next task waits while this one runs. */
async function busy(world: World): Promise<string> {
  const task = await world.say('developer', '/agent one\nrehearse: wait 4 s')
  await world.until('the first to run', async () =>
    (await world.status(task))?.includes(': waits') === true ? true : undefined,
  )
  return task
}

test('deleted or closed while queued, a task is not begun, and says so', async () => {
  await using world = await startWorld({ config: { running: { all: 1 } } })
  const first = await busy(world)
  const { iid } = await world.api<{ iid: number }>('developer', 'POST', 'projects/1/issues', { title: 'Another' })
  const other = { on: 'issues', iid } as const
  const closed = await world.say('developer', '/agent two', other)
  const deleted = await world.say('developer', '/agent three')
  const { id: discussion } = await world.thread(deleted)
  await world.until('both to wait', async () => {
    const told = [await world.status(closed, other), await world.status(deleted)]
    return told.every((status) => status?.includes('in the line')) ? true : undefined
  })
  await world.api('developer', 'DELETE', `projects/1/issues/1/notes/${deleted.slice(3)}`)
  await world.api('developer', 'PUT', `projects/1/issues/${iid}`, { state_event: 'close' })
  await world.answer(first)
  expect(await world.answer(closed, other)).toMatchInlineSnapshot(`
    "⏹️ **Not begun:** what it was asked under is closed.

    **Next:** to ask again, comment \`/agent <what>\`."
  `)
  await world.over(deleted)
  world.readAll(deleted)
  expect(await world.store.get(deleted)).toMatchObject({ state: 'cancelled', end: { because: 'comment-deleted' } })
  const { notes } = (await world.discussions()).find(({ id }) => id === discussion) ?? { notes: [] }
  expect(notes.map(({ body }) => body).join('\n')).toContain('the comment that asked was deleted')
  expect(await world.mergeRequests()).toHaveLength(1)
})

test('a comment that is edited into a command gets one hint', async () => {
  await using world = await startWorld()
  const note = await world.say('developer', 'We need a health check')
  // What is asked later has passed the same queue: the comment has been heard.
  await world.answer(await world.say('developer', '/agent help'))
  const path = `projects/1/issues/1/notes/${note.slice(3)}`
  await world.api('developer', 'PUT', path, { body: '/agent add a health check' })
  expect(await world.answer(note)).toMatchInlineSnapshot(
    `"I do not act on a comment that became a command by an edit, or that somebody else has edited. Write it as a new comment, and I begin."`,
  )
  await world.api('developer', 'PUT', path, { body: '/agent add a health check, please' })
  await world.answer(await world.say('developer', '/agent help'))
  const { notes } = await world.thread(note)
  expect(notes.filter(({ author }) => author.username === 'errand-bot')).toHaveLength(1)
})

test('confidential, where more people read the project: asked first, and nothing is said where they see it', async () => {
  await using world = await startWorld()
  await world.api('maintainer', 'PUT', 'projects/1', { visibility: 'internal' })
  const { iid } = await world.api<{ iid: number }>('developer', 'POST', 'projects/1/issues', {
    title: 'The password is hunter2',
    confidential: true,
  })
  const place = { on: 'issues', iid } as const
  const asked = await world.say('developer', '/agent change the hunter2 password', place)
  expect(await world.answer(asked, place)).toMatchInlineSnapshot(
    `"More people can read this project than this discussion, and what I push they can read too. So I have not begun. Reply \`/agent go\` here to begin all the same: the branch, the commit messages and the title of the merge request will say nothing of what was asked; the change itself can be seen."`,
  )
  expect(await world.mergeRequests()).toEqual([])
  const { id: discussion } = await world.thread(asked, place)
  const go = await world.say('developer', '/agent go', { ...place, discussion })
  expect(await world.answer(go, place)).toContain('is ready for review')
  const [made] = await world.mergeRequests()
  expect(made?.source_branch).toBe(`agent/${go}`)
  const commits = await world.api<{ message: string }[]>(
    'developer',
    'GET',
    `projects/1/repository/commits?ref_name=agent/${go}`,
  )
  const seen = JSON.stringify([made, commits])
  expect(seen).not.toContain('hunter2')
})
