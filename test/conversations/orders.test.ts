/** Orders that go on with what was asked before. */

import { expect, test } from 'vitest'
import { ISSUE, startWorld } from './world.ts'

test('a plan is made first, and go carries it out in the same thread', async () => {
  await using world = await startWorld()
  const plan = await world.say('developer', '/agent plan add a health check')
  expect(await world.answer(plan)).toMatchInlineSnapshot(`
    "📋 **The plan:**

    I would write your request into REHEARSAL.md. No model was used.

    Took N s.

    **Next:** to have it done, reply \`/agent go\`. To change it, reply with what should be different."
  `)
  expect(await world.mergeRequests()).toEqual([])
  const { id: discussion } = await world.thread(plan)
  const go = await world.say('developer', '/agent go', { ...ISSUE, discussion })
  expect(await world.answer(go)).toContain('is ready for review')
  expect(await world.mergeRequests()).toHaveLength(1)
})

test('what was stopped goes on with a reply, on the branch that holds its work', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check\nrehearse: wait 60 s')
  await world.until('the agent to work', async () =>
    (await world.status(task))?.includes(': waits') === true ? true : undefined,
  )
  const { id: discussion } = await world.thread(task)
  await world.say('developer', '/agent stop', { ...ISSUE, discussion })
  expect(await world.answer(task)).toContain('The work so far is on')
  const reply = await world.say('developer', 'Go on, without waiting', { ...ISSUE, discussion })
  expect(await world.answer(reply)).toContain(`✅ **[!1]`)
  const file = await world.file('REHEARSAL.md', `agent/${task}`)
  expect(file).toContain('Go on, without waiting')
})

test('retry after a failure', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check\nrehearse: fail')
  expect(await world.answer(task)).toContain('This did not work')
  const { id: discussion } = await world.thread(task)
  const again = await world.say('developer', '/agent retry', { ...ISSUE, discussion })
  expect(await world.answer(again)).toContain('This did not work')
  const entry = await world.store.get(again)
  expect(entry).toMatchObject({ continues: task, first: task, branch: `agent/${task}` })
})

const NOTHING: readonly (readonly [comment: string, answer: RegExp])[] = [
  ['/agent stop', /Nothing is running here/],
  ['/agent retry', /nothing to try again/],
  ['/agent go', /plan/],
  ['/agent budget 5', /budget/],
  ['/agent model opus', /model/],
  ['/agent stpo', /Did you mean `\/agent stop`/],
  ['/agent --modle opus fix it', /--model/],
  ['/agent plan', /plan/],
  ['/agent --budget 1000 fix it', /\$1000\.00 is more than a task may cost here: up to \$100\.00/],
]

test('an order about nothing gets a sentence', async () => {
  await using world = await startWorld()
  for (const [comment, answer] of NOTHING) {
    const said = await world.answer(await world.say('developer', comment))
    expect(said, comment).toMatch(answer)
  }
  expect(await world.mergeRequests()).toEqual([])
})

test('retry of what succeeded asks for what should be different', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check')
  await world.answer(task)
  const { id: discussion } = await world.thread(task)
  expect(
    await world.answer(await world.say('developer', '/agent retry', { ...ISSUE, discussion })),
  ).toMatchInlineSnapshot(
    `"[TASK](ERRAND/tasks/TASK) has worked, so there is nothing to try again. To have more done, comment \`/agent <what to do>\`."`,
  )
})

test('flags before the prompt', async () => {
  await using world = await startWorld()
  await world.api('developer', 'POST', 'projects/1/repository/branches?branch=release&ref=main')
  const task = await world.say(
    'developer',
    '/agent --branch release --budget 3 --model opus --draft add a health check',
  )
  await world.answer(task)
  const [made] = await world.mergeRequests()
  expect(made).toMatchObject({ target_branch: 'release', title: expect.stringMatching(/^Draft: /) })
  expect(await world.store.get(task)).toMatchObject({ budget: 3, model: 'opus', prompt: 'add a health check' })
})
