import { expect, test } from 'vitest'
import { startWorld } from './world.ts'

test('a comment becomes a merge request, and is answered with its link', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check')
  expect(await world.answer(task)).toMatchInlineSnapshot(`
    "✅ **[!1](GITLAB/-/merge_requests/1) is ready for review**, from \`agent/TASK\`.

    I wrote your request into REHEARSAL.md. This was a rehearsal: no model was used.

    1 file: \`REHEARSAL.md\` +5 −0. Took N s.

    **Next:** review [!1](GITLAB/-/merge_requests/1). To have more done, comment \`/agent <what>\` there, or review it: every thread that you open is answered, on the same branch."
  `)
  await world.over(task)
  expect(await world.status(task)).toMatchInlineSnapshot(
    `"✅ **Done** in N s: [!1](GITLAB/-/merge_requests/1). The answer is below."`,
  )
  expect(await world.reactions(task)).toEqual(['errand-bot eyes'])
  const [mergeRequest, ...others] = await world.mergeRequests()
  expect(others).toEqual([])
  expect(mergeRequest).toMatchObject({ source_branch: `agent/${task}`, target_branch: 'main', state: 'opened' })
  expect(await world.file('REHEARSAL.md', `agent/${task}`)).toContain('add a health check')
  const page = await world.shown(task)
  expect(page).toContain('"status":"succeeded"')
  expect(page).toContain('add a health check')
})

test('a question is answered, and nothing is changed', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent what is this?\nrehearse: change nothing')
  expect(await world.answer(task)).toMatchInlineSnapshot(`
    "Nothing was changed, as the rehearsal was told. No model was used.

    Took N s. Nothing was changed."
  `)
  expect(await world.mergeRequests()).toEqual([])
})

test('work that is asked for on the merge request goes on with its branch', async () => {
  await using world = await startWorld()
  const first = await world.say('developer', '/agent add a health check')
  await world.answer(first)
  const place = { on: 'merge_requests', iid: 1 } as const
  const second = await world.say('developer', '/agent and a test for it', place)
  expect(await world.answer(second, place)).toMatchInlineSnapshot(`
    "✅ **Pushed to \`agent/TASK\`.**

    I wrote your request into REHEARSAL.md. This was a rehearsal: no model was used. I remember 1 earlier request.

    1 file: \`REHEARSAL.md\` +6 −0. Took N s.

    **Next:** review [!1](GITLAB/-/merge_requests/1). To have more done, comment \`/agent <what>\` there, or review it: every thread that you open is answered, on the same branch."
  `)
  expect((await world.mergeRequests()).map(({ iid }) => iid)).toEqual([1])
  const file = await world.file('REHEARSAL.md', `agent/${first}`)
  expect(file).toContain('add a health check')
  expect(file).toContain('and a test for it')
})

test('two tasks on one branch run one after another', async () => {
  await using world = await startWorld()
  const first = await world.say('developer', '/agent add a health check')
  await world.answer(first)
  const place = { on: 'merge_requests', iid: 1 } as const
  const second = await world.say('developer', '/agent two\nrehearse: wait 1 s', place)
  await world.until('the second to be heard', () => world.status(second, place))
  const third = await world.say('developer', '/agent three', place)
  await world.until('the third to wait', async () => {
    const status = await world.status(third, place)
    return status?.includes('A task on the same branch comes first') === true ? true : undefined
  })
  await world.answer(second, place)
  await world.answer(third, place)
  const file = await world.file('REHEARSAL.md', `agent/${first}`)
  expect(file.match(/two|three/g)?.[0]).toBe('two')
  expect(file).toContain('three')
})

test('a full project: the next task waits in the line, says so, and has its turn', async () => {
  await using world = await startWorld({ config: { running: { project: 1 } } })
  const first = await world.say('developer', '/agent one\nrehearse: wait 2 s')
  await world.until('the first to be heard', () => world.status(first))
  const second = await world.say('maintainer', '/agent two')
  await world.until('the second to wait', async () => {
    const status = await world.status(second)
    return status?.includes('this one is number 1 in the line') === true ? true : undefined
  })
  await world.answer(first)
  await world.answer(second)
})
