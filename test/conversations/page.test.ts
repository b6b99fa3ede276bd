/** Tasks that are asked for on the page, or by the API. */

import { expect, test } from 'vitest'
import { connectRedis, PREFIX } from '../../src/redis/connection.ts'
import { createLedger } from '../../src/redis/ledger.ts'
import { createTaskList } from '../../src/redis/taskList.ts'
import type { Asked, PageRequest } from '../../src/tasks/fromPage.ts'
import { dayOf, numbers } from '../../src/tasks/numbers.ts'
import type { Task } from '../../src/tasks/task.ts'
import { ISSUE, type Person, startWorld, type World } from './world.ts'

const MERGE_REQUEST = { on: 'merge_requests', iid: 1 } as const
const HEALTH: PageRequest = { repository: 'demo/shop', prompt: 'add a health check' }

async function asked(world: World, request: PageRequest = HEALTH, who: Person = 'developer'): Promise<Task> {
  return created(await world.page.ask(await world.person(who), request))
}

function created(answer: Asked): Task {
  expect(answer.is, JSON.stringify(answer)).toBe('created')
  if (answer.is !== 'created') throw new Error('it was not created')
  return answer.task
}

async function ended(world: World, { id }: Task): Promise<Task> {
  await world.over(id)
  return world.task(id)
}

/** Every word of ours on the issue and on the merge requests. */
async function ourWords(world: World): Promise<string[]> {
  const places = [ISSUE, ...(await world.mergeRequests()).map(({ iid }) => ({ on: 'merge_requests', iid }) as const)]
  const all = (await Promise.all(places.map((place) => world.discussions(place)))).flat()
  return all.flatMap(({ notes }) =>
    notes
      .filter(({ author, body }) => author.username === 'errand-bot' && body.includes('<!-- errand:'))
      .map(({ body }) => body),
  )
}

test('asked on the page, it becomes a merge request, and is answered there', async () => {
  await using world = await startWorld()
  const task = await asked(world)
  expect(task.id).toMatch(/^1-w[0-9a-f]{16}$/)
  expect(await world.answer(task.id, MERGE_REQUEST)).toMatchInlineSnapshot(`
    "✅ **[!1](GITLAB/-/merge_requests/1) is ready for review**, from \`agent/TASK\`.

    I wrote your request into REHEARSAL.md. This was a rehearsal: no model was used.

    1 file: \`REHEARSAL.md\` +5 −0. Took N s.

    **Next:** review [!1](GITLAB/-/merge_requests/1). To have more done, reply here, or review it: every thread that you open is answered, on the same branch."
  `)
  const [made] = await world.mergeRequests()
  expect(made).toMatchObject({ source_branch: `agent/${task.id}`, target_branch: 'main' })
  expect(made?.description.replace(/http\S+/g, 'URL').replaceAll(task.id, 'TASK')).toMatchInlineSnapshot(`
    "\`@developer\` asked:

    > add a health check

    I wrote your request into REHEARSAL.md. This was a rehearsal: no model was used.

    [task TASK](URL"
  `)
  const over = await ended(world, task)
  expect(over).toMatchObject({
    state: 'succeeded',
    thread: { on: 'merge_request', iid: 1 },
    asker: { username: 'developer' },
  })
  expect(over.status, 'its status is on the page').toBeUndefined()
  expect(await ourWords(world)).toHaveLength(1)
})

test('a reply on its merge request goes on in the same session, as does a retry of that on the page', async () => {
  await using world = await startWorld()
  const task = await ended(world, await asked(world))
  await world.answer(task.id, MERGE_REQUEST)
  const { id: discussion } = await world.thread(task.id, MERGE_REQUEST)
  const reply = await world.say('developer', 'Say what it checks, too', { ...MERGE_REQUEST, discussion })
  expect(await world.answer(reply, MERGE_REQUEST)).toContain(`Pushed to \`agent/${task.id}\``.replace(task.id, 'TASK'))
  expect(await world.task(reply)).toMatchObject({ continues: task.id, first: task.id, branch: `agent/${task.id}` })
  const failing = await world.say('developer', '/agent And once more\nrehearse: fail', { ...MERGE_REQUEST, discussion })
  expect(await world.answer(failing, MERGE_REQUEST)).toContain('This did not work')
  await world.over(failing)
  const again = created(await world.page.retry(await world.person('developer'), await world.task(failing)))
  expect(again).toMatchObject({
    continues: failing,
    first: task.id,
    thread: { on: 'merge_request', iid: 1, discussion },
  })
  expect(await world.answer(again.id, MERGE_REQUEST)).toContain('This did not work')
})

test('a plan changes nothing; carried out, a new task does it on its branch', async () => {
  await using world = await startWorld()
  const developer = await world.person('developer')
  const plan = await ended(world, created(await world.page.ask(developer, { ...HEALTH, mode: 'plan' })))
  expect(plan).toMatchObject({ mode: 'plan', state: 'succeeded' })
  expect(plan.mergeRequest).toBeUndefined()
  const done = await ended(world, created(await world.page.retry(developer, plan)))
  expect(done).toMatchObject({ mode: 'do', goOn: 'plan', continues: plan.id, first: plan.id, state: 'succeeded' })
  expect(await world.answer(done.id, MERGE_REQUEST)).toContain('is ready for review')
})

test('a review of its merge request is answered in every thread', async () => {
  await using world = await startWorld()
  const task = await ended(world, await asked(world))
  await world.answer(task.id, MERGE_REQUEST)
  const path = 'projects/1/merge_requests/1/discussions'
  for (const word of ['one', 'two']) await world.api('developer', 'POST', path, { body: `Say ${word} too` })
  const answers = await world.until('both to be answered', async () => {
    const all = (await world.discussions(MERGE_REQUEST)).filter(
      ({ notes }) => notes[0]?.author.username === 'developer',
    )
    const words = all.flatMap(({ notes }) => notes.filter(({ body }) => / reply[ \d]* -->$/.test(body)))
    return words.length === 2 ? words : undefined
  })
  for (const { body } of answers) world.readAll(/errand:(\S+) reply/.exec(body)?.[1] ?? '')
  const tasks = new Set(answers.map(({ body }) => /errand:(\S+) reply/.exec(body)?.[1] ?? ''))
  for (const id of tasks) expect(await world.task(id)).toMatchObject({ first: task.id })
})

test('the same key asks once, and not for something else', async () => {
  await using world = await startWorld()
  const developer = await world.person('developer')
  const [one, other] = await Promise.all([
    world.page.ask(developer, HEALTH, 'a key'),
    world.page.ask(developer, HEALTH, 'a key'),
  ])
  expect([one?.is, other?.is].sort()).toEqual(['created', 'known'])
  expect(await world.page.ask(developer, HEALTH, 'a key')).toMatchObject({ is: 'known' })
  expect(await world.page.ask(developer, { ...HEALTH, prompt: 'something else' }, 'a key')).toEqual({ is: 'other' })
  const id = one.is === 'created' || one.is === 'known' ? one.task.id : ''
  const maintainer = await world.page.ask(await world.person('maintainer'), HEALTH, 'a key')
  expect(created(maintainer).id, 'the keys of others are others').not.toBe(id)
  const second = (
    await world.until('both merge requests', async () => {
      const all = await world.mergeRequests()
      return all.length === 2 ? all : undefined
    })
  ).map(({ iid, source_branch: branch }) => ({ iid, id: branch.slice('agent/'.length) }))
  for (const { iid, id } of second) await world.answer(id, { on: 'merge_requests', iid })
})

test('stopped, it is tried again on the page, on the branch that holds its work', async () => {
  await using world = await startWorld()
  const [developer, reporter] = [await world.person('developer'), await world.person('reporter')]
  const task = await asked(world, { ...HEALTH, prompt: 'add a health check\nrehearse: wait 60 s' })
  await world.until('the agent to work', async () =>
    (await world.store.beside(await world.task(task.id))).doing?.startsWith('waits') === true ? true : undefined,
  )
  expect(await world.page.retry(developer, await world.task(task.id))).toMatchObject({ is: 'no', why: 'not-now' })
  expect(await world.page.stop(reporter, await world.task(task.id))).toMatchObject({ is: 'no', why: 'forbidden' })
  expect(await world.page.stop(developer, await world.task(task.id))).toMatchObject({ is: 'stopping' })
  const stopped = await ended(world, task)
  expect(stopped).toMatchObject({ state: 'cancelled', end: { by: 'developer' }, thread: { on: 'page' } })
  expect(await world.page.stop(developer, stopped)).toMatchObject({ is: 'no', why: 'not-now' })
  expect(await ourWords(world), 'nobody is told of it in GitLab').toEqual([])
  const [again, twice] = await Promise.all([world.page.retry(developer, stopped), world.page.retry(developer, stopped)])
  expect([again.is, twice.is].sort(), 'a double click is one').toEqual(['created', 'known'])
  const retried = 'task' in again ? again.task : undefined
  expect(retried).toMatchObject({
    continues: task.id,
    branch: `agent/${task.id}`,
    goOn: 'rest',
    thread: { on: 'page' },
  })
  await world.page.stop(developer, await world.task(retried?.id ?? ''))
  await world.over(retried?.id ?? '')
  expect(await world.page.retry(developer, stopped, 'another key')).toMatchObject({
    is: 'no',
    why: 'not-now',
    detail: `Task ${retried?.id} goes on with it already. Try that one again instead.`,
  })
})

test('what failed on the page without a merge request leaves no word in GitLab', async () => {
  await using world = await startWorld()
  const task = await ended(world, await asked(world, { ...HEALTH, prompt: 'add a health check\nrehearse: fail' }))
  expect(task).toMatchObject({ state: 'failed', reply: {}, thread: { on: 'page' } })
  const [again, other] = [await asked(world, { ...HEALTH, mode: 'plan' }), await world.mergeRequests()]
  expect(await ended(world, again)).toMatchObject({ state: 'succeeded', thread: { on: 'page' } })
  expect(other).toEqual([])
  expect(await ourWords(world)).toEqual([])
})

test("a comment's task is tried again on the page, and told in its own thread", async () => {
  await using world = await startWorld()
  const first = await world.say('developer', '/agent add a health check\nrehearse: fail')
  await world.answer(first)
  await world.over(first)
  const before = await world.thread(first)
  const again = created(await world.page.retry(await world.person('maintainer'), await world.task(first)))
  expect(again.id).toMatch(/^1-w[0-9a-f]{16}$/)
  expect(await world.answer(again.id)).toContain('This did not work')
  await world.over(again.id)
  expect(await world.status(again.id)).toContain('Failed')
  expect((await world.thread(again.id)).id).toBe(before.id)
  expect(await world.task(again.id)).toMatchObject({ continues: first, asker: { username: 'maintainer' } })
  // A comment goes on with it, as with any other.
  const reply = await world.say('developer', 'Now without the failure', { ...ISSUE, discussion: before.id })
  expect(await world.answer(reply)).toContain('is ready for review')
  expect(await world.task(reply)).toMatchObject({ continues: again.id, first })
})

test('what does not do is said at its field, all at once', async () => {
  await using world = await startWorld({ config: { models: { names: ['opus', 'haiku'] } } })
  const developer = await world.person('developer')
  const messages = async (who: Person, request: Partial<PageRequest>) => {
    const answer = await world.page.ask(await world.person(who), { ...HEALTH, ...request })
    return answer.is === 'no' ? { why: answer.why, errors: answer.errors } : answer.is
  }
  expect({
    several: await messages('developer', {
      prompt: ' \n',
      branch: 'nowhere',
      agent: 'cloude',
      model: 'opsu',
      budget: 1000,
    }),
    long: await messages('developer', { prompt: 'x'.repeat(200_000) }),
    little: await messages('developer', { budget: 0 }),
    project: await messages('developer', { repository: 'demo/nothing' }),
    role: await messages('reporter', {}),
    outsider: await messages('outsider', {}),
  }).toMatchInlineSnapshot(`
    {
      "little": {
        "errors": [
          {
            "field": "budget",
            "message": "Give at least $0.01, or leave it out.",
          },
        ],
        "why": "invalid",
      },
      "long": {
        "errors": [
          {
            "field": "prompt",
            "message": "The prompt has 196 KB, and up to 100 KB are taken. Put the long part into a file of the repository, and name the file.",
          },
        ],
        "why": "invalid",
      },
      "outsider": {
        "errors": [
          {
            "field": "repository",
            "message": "You are not a member of this project. A Maintainer of it can add you, with the role Developer or higher, or ask in your place.",
          },
        ],
        "why": "forbidden",
      },
      "project": {
        "errors": [
          {
            "field": "repository",
            "message": "There is no project demo/nothing that you can see. Give its id, or its path as group/project.",
          },
        ],
        "why": "invalid",
      },
      "role": {
        "errors": [
          {
            "field": "repository",
            "message": "Your role in this project is Reporter, and asking needs Developer or higher. A Maintainer of the project can change that, or ask in your place.",
          },
        ],
        "why": "forbidden",
      },
      "several": {
        "errors": [
          {
            "field": "prompt",
            "message": "Say what is to be done.",
          },
          {
            "field": "branch",
            "message": "There is no branch nowhere in demo/shop. Push it first, or leave it out to begin at the default branch.",
          },
          {
            "field": "model",
            "message": "There is no model opsu here. Did you mean opus?",
          },
          {
            "field": "budget",
            "message": "$1000.00 is more than a task may cost here: give up to $100.00, or ask your Errand operator for more.",
          },
          {
            "field": "agent",
            "message": "There is no agent cloude here. Choose rehearsal, or leave it out.",
          },
        ],
        "why": "invalid",
      },
    }
  `)
  await world.api('maintainer', 'POST', 'projects/1/archive')
  expect(await messages('developer', {})).toMatchObject({ why: 'invalid', errors: [{ field: 'repository' }] })
  await world.api('maintainer', 'POST', 'projects/1/unarchive')
  expect(await world.page.ask(developer, { ...HEALTH, repository: 1, branch: 'main', model: 'opus' })).toMatchObject({
    is: 'created',
    task: { base: 'main', model: 'opus', repository: 'demo/shop' },
  })
  const connection = connectRedis(world.redis.url, 'patient', () => {})
  const { tasks } = await createTaskList(connection, PREFIX).list({}, { limit: 10 })
  connection.disconnect()
  expect(tasks, 'nothing else was created').toHaveLength(1)
  await world.answer(tasks[0]?.id ?? '', MERGE_REQUEST)
})

test('what became of it stays for the numbers, also that it was merged', async () => {
  const pace = { sweep: 1, quiet: 1, gitlabTimeout: 5, gitlabBackoff: 0.05, status: [0.1, 0.2, 0.2], merged: 1 }
  await using world = await startWorld({ config: { pace } })
  const [task, failed] = [
    await asked(world),
    await asked(world, { ...HEALTH, prompt: 'add a health check\nrehearse: fail' }),
  ]
  await world.answer(task.id, MERGE_REQUEST)
  await Promise.all([world.over(task.id), world.over(failed.id)])
  const connection = connectRedis(world.redis.url, 'patient', () => {})
  const [ledger, today] = [createLedger(connection, PREFIX), dayOf(Date.now())]
  const rows = () => ledger.rows(dayOf(task.createdAt), today)
  const before = await rows()
  expect(numbers(before, []).total).toMatchObject({ asked: 2, succeeded: 1, failed: 1, mergeRequests: 1, merged: 0 })
  await world.api('maintainer', 'PUT', 'projects/1/merge_requests/1/merge')
  const merged = await world.until('the merge to be known', async () =>
    (await rows()).find(({ mergedAt }) => mergedAt !== null),
  )
  connection.disconnect()
  expect(merged).toMatchObject({ id: task.id, mergeRequest: 1, asker: 'developer', result: 'succeeded' })
  expect(Number(merged.mergedAt)).toBeGreaterThanOrEqual(Number(merged.openedAt))
})

test('with Redis emptied, what runs for the page is found again, and answered once', async () => {
  // What is being done at that moment is missed by its queue, and by its look.
  await using world = await startWorld({
    mayFail: /(Missing key|Missing lock|Lock mismatch) for job|the record of \S+ is gone/,
  })
  const task = await asked(world, { ...HEALTH, prompt: 'add a health check\nrehearse: wait 3 s' })
  await world.until('the agent to work', async () =>
    (await world.task(task.id)).state === 'running' ? true : undefined,
  )
  await world.flush()
  await world.until('it to be found again', async () => ((await world.store.exists(task.id)) ? true : undefined))
  expect(await world.task(task.id)).toMatchObject({ onPage: true, occasion: 'page', asking: task.asking })
  await world.answer(task.id, MERGE_REQUEST)
  await world.over(task.id)
  expect(await ourWords(world)).toHaveLength(1)
})
