/** Nothing is missed: deliveries that are lost, doubled, out of order and late; an Errand that was away; a project without a hook. */

import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { PREFIX } from '../../src/redis/connection.ts'
import { type Place, startWorld, type World } from './world.ts'

const pace = { sweep: 1, quiet: 1, find: 1, gitlabTimeout: 5, gitlabBackoff: 0.05, status: [0.1, 0.2, 0.2], grace: 20 }

type Told = Readonly<Record<string, unknown>>

/** A day of conversation. Gives what stands in GitLab at its end, with names of this story instead of numbers. */
async function story(world: World, lossy: boolean): Promise<Told> {
  const { delivery } = world.sandbox.faults
  const names = new Map<string, string>()
  const say = async (name: string, ...words: Parameters<World['say']>) => {
    const id = await world.say(...words)
    names.set(id, name)
    return id
  }
  if (lossy) {
    Object.assign(world.sandbox.faults, { seed: 5 })
    // The first is lost for certain.
    Object.assign(delivery, { drop: 1 })
  }
  const one = await say('one', 'developer', '/agent one')
  if (lossy) Object.assign(delivery, { drop: 0.3, late: 0.1, duplicate: 1, freshKeys: true, reorder: true })
  const two = await say('two', 'maintainer', '@errand-bot two')
  const refused = await say('refused', 'reporter', '/agent and me?')
  const help = await say('help', 'developer', '/agent help')
  const { iid } = await world.api<{ iid: number }>('developer', 'POST', 'projects/1/issues', {
    title: 'Add a label',
    labels: 'agent-todo',
  })
  const labelled: Place = { on: 'issues', iid }
  const events = await world.api<{ id: number }[]>('developer', 'GET', `projects/1/issues/${iid}/resource_label_events`)
  const label = `1-l${events[0]?.id}`
  names.set(label, 'label')
  await Promise.all([one, two, refused, help].map((id) => world.answer(id)))
  await world.answer(label, labelled)
  await Promise.all([one, two, label].map(world.over))

  const merge = (await world.mergeRequests()).find(({ source_branch: branch }) => branch === `agent/${two}`)
  const review: Place = { on: 'merge_requests', iid: merge?.iid ?? 0 }
  const { id: discussion } = await world.thread(one)
  const reply = await say('reply', 'developer', 'Say hello too', { on: 'issues', iid: 1, discussion })
  const [first, second] = await submitReview(world, review.iid, ['Say one', 'Say two'])
  names.set(first, 'review').set(second, 'second of the review')
  const status = await say('status', 'developer', '/agent status', { on: 'issues', iid: 1, discussion })
  await Promise.all([reply, status].map((id) => world.answer(id)))
  await world.answer(first, review)
  await Promise.all([reply, first].map(world.over))
  world.readAll(first)
  if (lossy) {
    // An hour later, as far as anybody can tell; then one more comment, after whose answer all that came is dealt with.
    Object.assign(delivery, { drop: 0, late: 0 })
    await fetch(`${world.sandbox.url}/-/sandbox/deliveries/release`, { method: 'POST' })
  }
  await world.answer(await say('last', 'developer', '/agent help'))
  await world.until('all deliveries to be received', async () => ((await waiting(world)) === 0 ? true : undefined))
  return told(world, names, [{ on: 'issues', iid: 1 }, labelled])
}

async function submitReview(world: World, iid: number, bodies: readonly string[]): Promise<[string, string]> {
  const path = `projects/1/merge_requests/${iid}`
  const { diff_refs: refs } = await world.api<{ diff_refs: Record<string, string> }>('developer', 'GET', path)
  for (const [line, note] of bodies.entries()) {
    const file = { new_path: 'REHEARSAL.md', old_path: 'REHEARSAL.md', new_line: line + 1 }
    await world.api('developer', 'POST', `${path}/draft_notes`, {
      note,
      position: { ...refs, position_type: 'text', ...file },
    })
  }
  await world.api('developer', 'POST', `${path}/draft_notes/bulk_publish`)
  const notes = (await world.discussions({ on: 'merge_requests', iid })).flatMap((discussion) => discussion.notes)
  const [first = '', second = ''] = bodies.map((body) => `1-n${notes.find((note) => note.body === body)?.id}`)
  return [first, second]
}

async function waiting(world: World): Promise<number> {
  const redis = new Redis(world.config.redisUrl)
  const [waits, active] = [
    await redis.llen(`${PREFIX}:deliveries:wait`),
    await redis.llen(`${PREFIX}:deliveries:active`),
  ]
  redis.disconnect()
  return waits + active
}

/** How often each comment was answered, and what the branches hold. */
async function told(world: World, names: ReadonlyMap<string, string>, issues: readonly Place[]): Promise<Told> {
  const named = (text: string) => text.replace(/1-[a-z]\d+/g, (id) => names.get(id) ?? id)
  const requests = await world.mergeRequests()
  const places = [...issues, ...requests.map(({ iid }): Place => ({ on: 'merge_requests', iid }))]
  const bodies = (await Promise.all(places.map(world.discussions))).flat().flatMap(({ notes }) => notes)
  const marks = bodies.flatMap(({ body, author }) => {
    const [, id, part] = /<!-- errand:(\S+) (status|reply)[\d ]* -->$/.exec(body) ?? []
    return author.username === 'errand-bot' && id !== undefined ? [`${names.get(id) ?? id} ${part}`] : []
  })
  const branches = await world.api<{ name: string }[]>('developer', 'GET', 'projects/1/repository/branches')
  const files: Record<string, readonly string[]> = {}
  for (const { source_branch: branch } of requests) {
    const file = await world.file('REHEARSAL.md', branch)
    files[named(branch)] = [...file.matchAll(/^- [^:]+: (.*)$/gm)].map(([, line = '']) => line)
  }
  return {
    said: marks.sort(),
    branches: branches.map(({ name }) => named(name)).sort(),
    mergeRequests: requests.map(({ source_branch: branch, state }) => `${named(branch)} ${state}`).sort(),
    files,
  }
}

test('a third of all deliveries lost, the others doubled, out of order and late: as with perfect delivery', async () => {
  await using calm = await startWorld({ config: { pace } })
  await using world = await startWorld({ config: { pace } })
  const [perfect, lossy] = await Promise.all([story(calm, false), story(world, true)])
  expect(perfect).toMatchInlineSnapshot(`
    {
      "branches": [
        "agent/label",
        "agent/one",
        "agent/two",
        "main",
      ],
      "files": {
        "agent/label": [
          "Add a label",
        ],
        "agent/one": [
          "one",
          "Say hello too",
        ],
        "agent/two": [
          "two",
          "Say one",
        ],
      },
      "mergeRequests": [
        "agent/label opened",
        "agent/one opened",
        "agent/two opened",
      ],
      "said": [
        "help reply",
        "label reply",
        "label status",
        "last reply",
        "one reply",
        "one status",
        "refused reply",
        "reply reply",
        "reply status",
        "review reply",
        "review reply",
        "review status",
        "status reply",
        "two reply",
        "two status",
      ],
    }
  `)
  expect(lossy).toEqual(perfect)
  const redis = new Redis(world.config.redisUrl)
  expect(Number(await redis.get(`${PREFIX}:sweep:found`)), 'what no hook brought is counted').toBeGreaterThan(0)
  redis.disconnect()
})

test('an outage: everything is answered, in order, and once', async () => {
  await using world = await startWorld({ config: { pace } })
  const before = await world.say('developer', '/agent begin')
  await world.answer(before)
  await world.over(before)
  const { id: discussion } = await world.thread(before)
  const there: Place = { on: 'issues', iid: 1, discussion }
  await world.down()
  const second = await world.say('developer', '/agent second', there)
  const help = await world.say('developer', '/agent help')
  const third = await world.say('maintainer', '/agent third', there)
  const reply = await world.say('developer', 'And a fourth thing', there)
  await world.up()
  for (const id of [second, third, reply, help]) await world.answer(id)
  await Promise.all([second, third, reply].map(world.over))
  const file = await world.file('REHEARSAL.md', `agent/${before}`)
  const lines = [...file.matchAll(/^- [^:]+: (.*)$/gm)].map(([, line]) => line)
  expect(lines).toEqual(['begin', 'second', 'third', 'And a fourth thing'])
  const { notes } = await world.thread(before)
  const answers = notes.flatMap(({ body }) => /<!-- errand:(\S+) reply/.exec(body)?.[1] ?? [])
  expect(answers).toEqual([before, second, third, reply])
  expect(await world.mergeRequests()).toHaveLength(1)
})

test('an outage in which Redis was emptied: what is new is done, what was stopped and what was described is not done again', async () => {
  await using world = await startWorld({ config: { pace } })
  const stopped = await world.say('developer', '/agent go on for ever\nrehearse: wait 60 s')
  await world.until('it to run', async () => ((await world.status(stopped))?.includes('Working') ? true : undefined))
  const { id: discussion } = await world.thread(stopped)
  await world.say('developer', '/agent stop', { on: 'issues', iid: 1, discussion })
  await world.answer(stopped)
  const { iid } = await world.api<{ iid: number }>('developer', 'POST', 'projects/1/issues', {
    title: 'Described',
    description: '/agent what is this?\nrehearse: change nothing',
  })
  const place: Place = { on: 'issues', iid }
  await world.answer(`1-i${iid}`, place)
  await Promise.all([stopped, `1-i${iid}`].map(world.over))
  const discussions = async () => [(await world.discussions()).length, (await world.discussions(place)).length]
  const notes = async () =>
    [...(await world.thread(stopped)).notes, ...(await world.thread(`1-i${iid}`, place)).notes].map(({ id }) => id)
  const [threads = 0, others = 0] = await discussions()
  const said = await notes()
  await world.down()
  const anew = await world.say('developer', '/agent what now?\nrehearse: change nothing')
  const then = Date.now()
  await world.flush()
  await world.up()
  await world.answer(anew)
  await world.until('all of it to have been asked for', async () => {
    const redis = new Redis(world.config.redisUrl)
    const watermark = Number((await redis.get(`${PREFIX}:sweep:watermark`)) ?? 0)
    redis.disconnect()
    // It is a minute earlier than what was looked at.
    return watermark + 60_000 > then && (await waiting(world)) === 0 ? true : undefined
  })
  expect(await tasksOf(world)).toEqual([anew])
  expect(await notes()).toEqual(said)
  expect(await discussions()).toEqual([threads + 1, others])
})

/** The tasks that are known. */
async function tasksOf(world: World): Promise<readonly string[]> {
  const redis = new Redis(world.config.redisUrl)
  const tasks = await redis.zrange(`${PREFIX}:tasks`, '0', '-1')
  redis.disconnect()
  return tasks
}

test('an order that comes late does not mean what was asked after it', async () => {
  await using world = await startWorld({ config: { pace: { ...pace, find: 60 } } })
  Object.assign(world.sandbox.faults.delivery, { late: 1 })
  const stop = await world.say('developer', '/agent stop')
  Object.assign(world.sandbox.faults.delivery, { late: 0 })
  const task = await world.say('developer', '/agent one\nrehearse: wait 3 s')
  await world.until('it to run', async () => ((await world.status(task))?.includes('Working') ? true : undefined))
  await fetch(`${world.sandbox.url}/-/sandbox/deliveries/release`, { method: 'POST' })
  expect(await world.answer(stop)).toContain('Nothing is running here')
  expect(await world.answer(task)).toContain('is ready for review')
})

test('a new project without a hook is worked in, a minute later', async () => {
  await using world = await startWorld({ config: { pace } })
  const { id } = await world.api<{ id: number }>('maintainer', 'POST', 'projects', { name: 'new', namespace_id: 1 })
  const [bot] = await world.api<{ id: number }[]>('maintainer', 'GET', 'users?username=errand-bot')
  await world.api('maintainer', 'POST', `projects/${id}/members`, { user_id: bot?.id, access_level: 30 })
  await world.api('maintainer', 'POST', `projects/${id}/issues`, { title: 'Begin' })
  const notes = `projects/${id}/issues/1/notes`
  const { id: note } = await world.api<{ id: number }>('maintainer', 'POST', notes, { body: '/agent begin' })
  const answer = await world.until('an answer', async () => {
    const all = await world.api<{ body: string }[]>('maintainer', 'GET', `${notes}?per_page=100`)
    return all.find(({ body }) => body.includes(`<!-- errand:${id}-n${note} reply`))?.body
  })
  expect(answer).toContain('is ready for review')
})
