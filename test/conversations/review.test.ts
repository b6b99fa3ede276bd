/** Replies on the agent's merge request. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

const MERGE_REQUEST = { on: 'merge_requests', iid: 1 } as const

async function opened(world: World): Promise<string> {
  const task = await world.say('developer', '/agent add a health check')
  await world.answer(task)
  await world.over(task)
  return task
}

/** A review as a person submits it: drafts, then all of them at once. */
async function review(world: World, bodies: readonly string[]): Promise<void> {
  const path = 'projects/1/merge_requests/1/draft_notes'
  const { diff_refs: refs } = await world.api<{ diff_refs: Record<string, string> }>(
    'developer',
    'GET',
    'projects/1/merge_requests/1',
  )
  for (const [line, note] of bodies.entries()) {
    const position = {
      ...refs,
      position_type: 'text',
      new_path: 'REHEARSAL.md',
      old_path: 'REHEARSAL.md',
      new_line: line + 1,
    }
    await world.api('developer', 'POST', path, { note, position })
  }
  await world.api('developer', 'POST', `${path}/bulk_publish`)
}

const threads = async (world: World) =>
  (await world.discussions(MERGE_REQUEST)).filter(({ individual_note: alone }) => !alone)

test('a review of five comments is one follow-up, in one session, with an answer in each thread', async () => {
  await using world = await startWorld()
  const first = await opened(world)
  await review(
    world,
    ['one', 'two', 'three', 'four', 'five'].map((word) => `Say ${word} too`),
  )
  const answered = await world.until('five answers', async () => {
    const all = await threads(world)
    const with_ = all.filter(({ notes }) => notes.some(({ body }) => /<!-- errand:\S+ reply/.test(body)))
    return with_.length === 5 ? with_ : undefined
  })
  const tasks = new Set(
    answered.flatMap(({ notes }) => notes.flatMap(({ body }) => /errand:(\S+) reply/.exec(body)?.[1] ?? [])),
  )
  const [task = ''] = tasks
  expect(tasks.size).toBe(1)
  await world.over(task)
  world.readAll(task)
  const statuses = (await threads(world)).flatMap(({ notes }) =>
    notes.filter(({ body }) => body.includes(' status -->')),
  )
  expect(statuses).toHaveLength(1)
  const record = await world.store.get(task)
  expect(record).toMatchObject({ continues: first, first, branch: `agent/${first}`, remarks: { length: 5 } })
  expect(await world.answer(task, MERGE_REQUEST)).toMatchInlineSnapshot(`
    "✅ **Pushed to \`agent/TASK\`.**

    It stands in REHEARSAL.md.

    I wrote your request into REHEARSAL.md. This was a rehearsal: no model was used. I remember 1 earlier request.

    1 file: \`REHEARSAL.md\` +6 −0. Took N s.

    **Next:** review [!1](GITLAB/-/merge_requests/1). To have more done, comment \`/agent <what>\` there, or review it: every thread that you open is answered, on the same branch."
  `)
  for (const { notes } of await threads(world)) {
    expect(notes[0], JSON.stringify(notes)).toMatchObject({ resolved: true })
  }
  const file = await world.file('REHEARSAL.md', `agent/${first}`)
  expect(file).toContain('Say one too')
})

test('what is said while a follow-up runs waits for the next', async () => {
  await using world = await startWorld()
  const first = await opened(world)
  await review(world, ['Say one too\nrehearse: wait 3 s'])
  await world.until('the follow-up to run', async () =>
    (await threads(world)).some(({ notes }) => notes.some(({ body }) => body.includes('Working on it')))
      ? true
      : undefined,
  )
  await review(world, ['Say one too', 'Say two too'].slice(1))
  const tasks = await world.until('two follow-ups', async () => {
    const bodies = (await threads(world)).flatMap(({ notes }) => notes.map(({ body }) => body))
    const found = new Set(bodies.flatMap((body) => /errand:(\S+) reply/.exec(body)?.[1] ?? []))
    return found.size === 2 ? [...found] : undefined
  })
  for (const task of tasks) {
    await world.over(task)
    world.readAll(task)
    expect(await world.store.get(task)).toMatchObject({ branch: `agent/${first}` })
  }
})

test('a plain comment of people to each other starts nothing, a reply in the thread of the bot does', async () => {
  await using world = await startWorld()
  const task = await opened(world)
  await world.say('developer', 'Nice!', MERGE_REQUEST)
  const { id: discussion } = await world.thread(task)
  await world.say('developer', '@maintainer what do you think?', { on: 'issues', iid: 1, discussion })
  const reply = await world.say('developer', 'Say hello too', { on: 'issues', iid: 1, discussion })
  expect(await world.answer(reply)).toContain('✅ **Pushed to')
  expect(await world.mergeRequests()).toHaveLength(1)
  expect(await world.file('REHEARSAL.md', `agent/${task}`)).toContain('Say hello too')
})

test('a reply after the merge starts a new branch and merge request', async () => {
  await using world = await startWorld()
  const task = await opened(world)
  await world.api('maintainer', 'PUT', 'projects/1/merge_requests/1/merge')
  const { id: discussion } = await world.thread(task)
  const reply = await world.say('developer', 'Say hello too', { on: 'issues', iid: 1, discussion })
  expect(await world.answer(reply)).toContain('[!2]')
  expect((await world.mergeRequests()).map(({ state, source_branch: branch }) => `${state} ${branch}`).sort()).toEqual([
    `merged agent/${task}`,
    `opened agent/${reply}`,
  ])
})

test('two bots that answer each other end after the first exchange', async () => {
  await using world = await startWorld()
  const task = await opened(world)
  const { id: discussion } = await world.thread(task)
  // Somebody's script, under a person's name: it answers whatever the bot says.
  let answered = (await world.thread(task)).notes.length
  let said = 0
  const ending = new AbortController()
  const script = (async () => {
    while (!ending.signal.aborted) {
      const { notes } = await world.thread(task)
      if (notes.length > answered && /<!-- errand:\S+ reply/.test(notes.at(-1)?.body ?? '')) {
        answered = notes.length + 1
        said += 1
        await world.say('maintainer', 'Thank you. Say hello too', { on: 'issues', iid: 1, discussion })
      }
      await sleep(50)
    }
  })()
  const reply = await world.say('developer', 'Say hello too', { on: 'issues', iid: 1, discussion })
  await world.answer(reply)
  await world.until('the script to have answered twice', async () => (said > 1 ? true : undefined))
  await world.answer(await world.say('developer', '/agent help'))
  ending.abort()
  await script
  for (const { notes } of [await world.thread(task)]) {
    for (const { body } of notes) world.readAll(/errand:(\S+) reply/.exec(body)?.[1] ?? '')
  }
  expect(said).toBe(2)
  const { notes } = await world.thread(task)
  expect(notes.at(-1)?.author.username).toBe('maintainer')
})
