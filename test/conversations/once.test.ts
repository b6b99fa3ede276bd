import { expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

/** GitLab's own delivery of a note, again. */
async function deliver(world: World, task: string, key: string): Promise<number> {
  const response = await fetch(`${world.config.url}/hook`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-gitlab-event': 'Note Hook',
      'x-gitlab-token': world.config.webhookSecrets()[0] ?? '',
      'idempotency-key': key,
    },
    body: JSON.stringify({
      object_kind: 'note',
      project_id: 1,
      object_attributes: { id: Number(task.slice(3)), noteable_type: 'Issue', action: 'create', system: false },
      issue: { iid: 1 },
    }),
  })
  return response.status
}

async function expectOnce(world: World, task: string): Promise<void> {
  expect(await world.mergeRequests()).toHaveLength(1)
  const { notes } = await world.thread(task)
  const bot = notes.filter(({ author }) => author.username === 'errand-bot')
  expect(bot.map(({ body }) => /<!-- errand:\S+ (\w+) -->/.exec(body)?.[1])).toEqual(['status', 'reply'])
}

test('the same comment five times, twice in parallel, and once more after a restart: one of everything', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check')
  const key = crypto.randomUUID()
  for (let times = 0; times < 5; times++) expect(await deliver(world, task, key)).toBe(202)
  const fresh = () => deliver(world, task, crypto.randomUUID())
  expect(await Promise.all([fresh(), fresh()])).toEqual([202, 202])
  await world.answer(task)
  await world.over(task)
  await world.restart()
  expect(await deliver(world, task, key)).toBe(202)
  expect(await fresh()).toBe(202)
  // What comes after them has passed the same queue.
  await world.answer(await world.say('developer', '/agent help'))
  await expectOnce(world, task)
})

test('an emptied Redis does not start again what the thread shows as answered', async () => {
  await using world = await startWorld()
  const task = await world.say('developer', '/agent add a health check')
  await world.answer(task)
  await world.over(task)
  await world.flush()
  await world.restart()
  expect(await deliver(world, task, crypto.randomUUID())).toBe(202)
  await world.answer(await world.say('developer', '/agent help'))
  expect(await world.store.get(task)).toBeUndefined()
  await expectOnce(world, task)
})

test.each([
  ['notes', 'POST /api/v4/projects/1/issues/1/discussions'],
  ['reactions', 'POST .*award_emoji'],
  ['merge requests', 'POST /api/v4/projects/1/merge_requests'],
])('GitLab did the work and the answer was lost: one of everything all the same (%s)', async (_, only) => {
  await using world = await startWorld({ mayFail: /502/ })
  Object.assign(world.sandbox.faults.api, { failEvery: 1, times: 2, status: 502, afterCommit: true, only })
  const task = await world.say('developer', '/agent add a health check')
  await world.answer(task)
  await world.over(task)
  await expectOnce(world, task)
})

test('GitLab throttles: every comment is answered all the same', async () => {
  await using world = await startWorld({ mayFail: /429/ })
  Object.assign(world.sandbox.faults.api, {
    failEvery: 3,
    times: 12,
    status: 429,
    rateLimit: 'json',
    only: ' /api/v4/projects/1/issues/1/(discussions|notes/\\d+/award)',
  })
  const task = await world.say('developer', '/agent add a health check')
  await world.answer(task)
  await expectOnce(world, task)
})
