import { expect, test } from 'vitest'
import { BOT, startWorld } from './world.ts'

test('a reporter and an outsider are refused in words, a developer is not', async () => {
  await using world = await startWorld()
  const [reporter, outsider, developer] = [
    await world.say('reporter', '/agent add a health check'),
    await world.say('outsider', '/agent add a health check'),
    await world.say('developer', '/agent add a health check'),
  ]
  expect(await world.answer(reporter)).toMatchInlineSnapshot(
    `"Sorry, you need the role Developer or higher in this project, and yours is Reporter. A Maintainer of the project can change it, or ask in your place."`,
  )
  expect(await world.answer(outsider)).toMatchInlineSnapshot(
    `"Sorry, I only work for members of this project with the role Developer or higher. A Maintainer of the project can add you, or ask in your place."`,
  )
  expect(await world.answer(developer)).toContain('is ready for review')
  expect((await world.mergeRequests()).map(({ source_branch }) => source_branch)).toEqual([`agent/${developer}`])
})

test('who was refused in words gets a reaction the next time', async () => {
  await using world = await startWorld()
  await world.answer(await world.say('reporter', '/agent add a health check'))
  const again = await world.say('reporter', '/agent please')
  await world.over(again)
  expect(await world.reactions(again)).toEqual(['errand-bot thumbsdown'])
  expect((await world.thread(again)).notes).toHaveLength(1)
})

test('what the bot writes starts nothing, whatever it says', async () => {
  await using world = await startWorld()
  await world.say(BOT, '/agent do it again')
  await world.answer(await world.say('developer', '/agent add a health check'))
  expect(await world.mergeRequests()).toHaveLength(1)
})

test('what is no command of the writer is left alone', async () => {
  await using world = await startWorld()
  const quiet = [
    '> /agent quoted',
    '```\n/agent in code\n```',
    'could /agent do it?',
    '<!--\n/agent hidden\n-->\nhello',
    '/agents',
  ]
  for (const body of quiet) await world.say('developer', body)
  await world.answer(await world.say('developer', '/agent add a health check'))
  const notes = (await world.discussions()).filter(({ notes: [first] }) => quiet.includes(first?.body ?? ''))
  expect(notes).toHaveLength(quiet.length)
  expect(notes.every(({ notes }) => notes.length === 1)).toBe(true)
})

test('help, a misspelt order, and orders about nothing', async () => {
  await using world = await startWorld()
  expect(await world.answer(await world.say('developer', '/agent'))).toContain(
    'Comment `/agent <what to do>` on an issue',
  )
  expect(await world.answer(await world.say('developer', '/agent stpo'))).toContain('Did you mean `/agent stop`?')
  expect(await world.answer(await world.say('developer', '/agent stop'))).toContain('Nothing is running here')
  expect(await world.answer(await world.say('developer', '/agent status'))).toContain('no task here yet')
})

test('a prompt over the limit is refused with the limit', async () => {
  await using world = await startWorld()
  expect(await world.answer(await world.say('developer', `/agent ${'x'.repeat(110_000)}`))).toContain(
    'I take up to 100 KB',
  )
})

test('an internal note is answered internally', async () => {
  await using world = await startWorld()
  const { id } = await world.api<{ id: number }>('developer', 'POST', 'projects/1/issues/1/notes', {
    body: '/agent help',
    internal: true,
  })
  await world.answer(`1-n${id}`)
  expect((await world.thread(`1-n${id}`)).notes.map(({ internal }) => internal)).toEqual([true, true])
})

test('an archived project gets a reason in the log, and nothing breaks', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check\nrehearse: wait 2 s')
  await world.until('the run', async () => ((await world.status(task))?.includes('Working') ? true : undefined))
  await world.api('maintainer', 'POST', 'projects/1/archive')
  await world.over(task)
  expect(await world.store.get(task)).toMatchObject({ state: 'failed' })
  await world.api('maintainer', 'POST', 'projects/1/unarchive')
})
