import { expect, test } from 'vitest'
import { ISSUE, startWorld, type World } from './world.ts'

async function running(world: World, task: string): Promise<string> {
  await world.until('the agent to work', async () =>
    /: (waits|hangs)/.test((await world.status(task)) ?? '') ? true : undefined,
  )
  return (await world.thread(task)).id
}

test('stop in the thread ends the run, saves its work and says so', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check\nrehearse: wait 60 s')
  const discussion = await running(world, task)
  const order = await world.say('developer', '/agent stop', { ...ISSUE, discussion })
  expect(await world.answer(task)).toMatchInlineSnapshot(`
    "⏹️ **Stopped**, as \`@developer\` asked.

    The work so far is on \`agent/TASK\`, commit COMMIT.

    **Next:** to go on from here, reply with what should be different, or \`/agent retry\`."
  `)
  await world.over(task)
  expect(await world.status(task)).toMatchInlineSnapshot(`"⏹️ **Stopped** after N s."`)
  expect(await world.reactions(order)).toEqual(['errand-bot eyes'])
  expect(await world.mergeRequests()).toEqual([])
})

test('stop elsewhere means the one task that is live; somebody else may not, a maintainer may', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check\nrehearse: hang')
  await running(world, task)
  expect(await world.answer(await world.say('reporter', '/agent stop'))).toContain('you need the role Developer')
  await world.say('maintainer', '/agent stop')
  expect(await world.answer(task)).toContain('**Stopped**, as `@maintainer` asked.')
})

test('stop with two tasks live asks which', async () => {
  await using world = await startWorld()
  const [one, two] = [
    await world.say('developer', '/agent one\nrehearse: wait 60 s'),
    await world.say('developer', '/agent two\nrehearse: wait 60 s'),
  ]
  const threads = [await running(world, one), await running(world, two)]
  expect(await world.answer(await world.say('developer', '/agent stop'))).toMatch(
    /More than one task is running here:\n\n- .*one.*\n- .*two/,
  )
  for (const discussion of threads) await world.say('developer', '/agent stop', { ...ISSUE, discussion })
  await world.answer(one)
  await world.answer(two)
})
