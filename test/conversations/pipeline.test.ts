/** A pipeline that fails on what the agent pushed. */

import { expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

const PLACE = { on: 'merge_requests', iid: 1 } as const

async function pipeline(
  world: World,
  ref: string,
  failing: readonly string[],
  more: Record<string, unknown> = {},
): Promise<number> {
  const { commit } = await world.api<{ commit: { id: string } }>(
    'developer',
    'GET',
    `projects/1/repository/branches/${encodeURIComponent(ref)}`,
  )
  const jobs = ['build', 'test', 'lint'].map((name) => ({
    name,
    stage: 'test',
    status: failing.includes(name) ? 'failed' : 'success',
    trace: failing.includes(name) ? `running ${name}\nError: ${name} is broken\n` : 'fine\n',
  }))
  return world.pipeline({ ref, sha: commit.id, jobs, ...more })
}

async function opened(world: World): Promise<string> {
  const task = await world.say('developer', '/agent add a health check')
  await world.answer(task)
  await world.over(task)
  return task
}

test('a failed pipeline is repaired, twice, and then told about', async () => {
  await using world = await startWorld()
  const first = await opened(world)
  const branch = `agent/${first}`
  // The second is a merge request's pipeline, which GitLab shows under another name.
  for (const [attempt, more] of [{}, { merge_request: 1 }].entries()) {
    const task = `1-p${await pipeline(world, branch, ['lint'], more)}`
    expect(await world.answer(task, PLACE), `attempt ${attempt}`).toContain('✅ **Pushed to')
    await world.over(task)
    expect(await world.store.get(task)).toMatchObject({
      occasion: 'pipeline',
      branch,
      asker: { username: 'developer' },
    })
  }
  const last = `1-p${await pipeline(world, branch, ['lint'])}`
  expect(await world.answer(last, PLACE)).toMatchInlineSnapshot(
    `"Pipeline [#5103](GITLAB/-/pipelines/5103) failed in \`lint\`. I have tried to repair it 2 times, and stop here. Reply with what I should try, or look at the log of the pipeline yourself."`,
  )
})

test('what fails on the target branch too is left alone, and said', async () => {
  await using world = await startWorld()
  const first = await opened(world)
  await pipeline(world, 'main', ['test'])
  const task = `1-p${await pipeline(world, `agent/${first}`, ['test'])}`
  expect(await world.answer(task, PLACE)).toMatchInlineSnapshot(
    `"Pipeline [#5102](GITLAB/-/pipelines/5102) failed in \`test\`. The same fails on \`main\`, so it does not come from this change, and I leave it. To have it repaired all the same, reply with that."`,
  )
})

test('a pipeline of what people pushed is none of ours', async () => {
  await using world = await startWorld()
  await world.api('developer', 'POST', 'projects/1/repository/branches?branch=feature&ref=main')
  const id = await pipeline(world, 'feature', ['test'])
  await world.answer(await world.say('developer', '/agent help'))
  expect(await world.store.get(`1-p${id}`)).toBeUndefined()
})
