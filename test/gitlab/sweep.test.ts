/** What the sweep finds on a GitLab whose hooks bring nothing, and what that costs. */

import { Redis } from 'ioredis'
import { afterAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { createAsk } from '../../src/gitlab/ask.ts'
import { changedSince } from '../../src/gitlab/changes.ts'
import { connectGitLab } from '../../src/gitlab/client.ts'
import { createChanges } from '../../src/gitlab/ourChanges.ts'
import { type SweepNeeds, sweep } from '../../src/gitlab/sweep.ts'
import { createWatermark } from '../../src/redis/watermark.ts'
import { type Delivery, describeDelivery } from '../../src/tasks/delivery.ts'
import { steer } from '../sandbox/controls.ts'
import { type Ask, idOf, list, startedSandbox, type Who } from '../sandbox/startedSandbox.ts'

const redis = new Redis(inject('redisUrl'))
afterAll(() => redis.disconnect())
let prefixes = 0

const LABELS = { todo: 'agent-todo', doing: 'agent-doing', done: 'agent-done', failed: 'agent-failed' }

async function started(needs: Partial<SweepNeeds> & { readonly crowd?: number } = {}) {
  const { sandbox, ask } = await startedSandbox()
  const gitlab = connectGitLab(sandbox.url, async () => 'glpat-demo-errand-bot', { timeout: 5000, backoff: 1 })
  const prefix = `{sweep-${process.pid}-${prefixes++}}`
  const watermark = createWatermark(redis, prefix)
  onTestFinished(async () => {
    await redis.del(`${prefix}:sweep:watermark`, `${prefix}:sweep:heard`)
  })
  const delivered: Delivery[] = []
  const all: SweepNeeds = {
    gitlab,
    changes: createChanges(gitlab, needs.crowd),
    me: createAsk(gitlab).me,
    headStart: 0,
    watermark: watermark.read,
    finished: watermark.write,
    unheard: watermark.unheard,
    hear: watermark.hear,
    ways: async () => ({ trigger: '/agent', labels: LABELS }),
    projectsSince: async () => [],
    deliver: async (delivery) => void delivered.push(delivery),
    signal: new AbortController().signal,
    ...needs,
  }
  return {
    sandbox,
    ask,
    gitlab,
    watermark,
    delivered,
    /** The names of what one sweep finds. */
    async sweep(): Promise<readonly string[]> {
      delivered.length = 0
      await sweep(all)
      return delivered.map(describeDelivery)
    },
    /** Sweeps until it finds this: GitLab tells its time in whole seconds, and what is younger is left to the next sweep. */
    async finds(names: readonly string[]): Promise<void> {
      const find = async () => {
        delivered.length = 0
        await sweep(all)
        expect(delivered.map(describeDelivery)).toEqual(names)
      }
      await vi.waitFor(find, { timeout: 20_000, interval: 100 })
    },
    /** The sweep's calls, without those that it makes once for all. */
    async calls(): Promise<readonly string[]> {
      const counted = list(await steer(sandbox.url, 'GET', '/calls'))
      await steer(sandbox.url, 'DELETE', '/calls')
      return counted
        .filter(({ user, route }) => user === 'errand-bot' && route !== '/user')
        .map(({ method, route, count }) => `${count} × ${method} ${route}`)
    },
  }
}

async function say(ask: Ask, who: Who, place: string, body: string): Promise<string> {
  return `${place.split('/')[0]}-n${idOf(await ask(who, 'POST', `/projects/${place}/notes`, { body }))}`
}

async function openIssue(ask: Ask, fields: Record<string, unknown>, project = 1): Promise<number> {
  const reply = await ask('developer', 'POST', `/projects/${project}/issues`, fields)
  expect(reply.status, reply.text).toBe(201)
  return Number((reply.body as { iid: number }).iid)
}

test('comments of people are found, the oldest first; ours and those that a hook brought are not', async () => {
  const world = await started()
  const { ask, watermark } = world
  const first = await say(ask, 'developer', '1/issues/1', '/agent one')
  const brought = await say(ask, 'developer', '1/issues/1', '/agent two')
  await watermark.hear(brought)
  await say(ask, 'errand-bot', '1/issues/1', 'I am on it')
  await ask('maintainer', 'PUT', '/projects/1/issues/1', { title: 'A system note tells of it' })
  const third = await say(ask, 'outsider', '1/issues/1', 'three')
  await world.finds([first, third])
  expect(world.delivered[0]).toMatchObject({ kind: 'note', projectId: 1, on: 'issue', iid: 1, found: true })
})

test('many comments on one issue, more than a page', async () => {
  const world = await started()
  const names: string[] = []
  for (let n = 0; n < 45; n++) names.push(await say(world.ask, 'developer', '1/issues/1', `comment ${n}`))
  await world.finds(names)
})

test('descriptions, labels and assignments are found as items; what asks for nothing is not', async () => {
  const world = await started()
  const { ask } = world
  const described = await openIssue(ask, { title: 'One', description: '/agent add a health check' })
  await openIssue(ask, { title: 'Nothing', description: 'It says `/agent` in code', labels: 'backend' })
  const labelled = await openIssue(ask, { title: 'Two', labels: 'backend,agent-todo' })
  const bot = list(await ask('developer', 'GET', '/users?username=errand-bot'))[0]
  const assigned = await openIssue(ask, { title: 'Three', assignee_ids: [bot?.id] })
  const closed = await openIssue(ask, { title: 'Four', labels: 'agent-todo' })
  await ask('developer', 'PUT', `/projects/1/issues/${closed}`, { state_event: 'close' })
  await world.finds([`1-i${described}`, `1-i${labelled}`, `1-i${assigned}`])
  expect(world.delivered[0]).toEqual({
    kind: 'item',
    projectId: 1,
    on: 'issue',
    iid: described,
    opened: true,
    found: true,
  })
})

test('a comment and the description of a merge request', async () => {
  const world = await started()
  await world.ask('developer', 'POST', '/projects/1/repository/branches?branch=feature&ref=main')
  await world.ask('developer', 'POST', '/projects/1/repository/commits', {
    branch: 'feature',
    commit_message: 'Begin',
    actions: [{ action: 'create', file_path: 'begin.txt', content: 'begun\n' }],
  })
  const made = await world.ask('developer', 'POST', '/projects/1/merge_requests', {
    source_branch: 'feature',
    target_branch: 'main',
    title: 'A feature',
    description: '@errand-bot finish this',
  })
  expect(made.status, made.text).toBe(201)
  const note = await say(world.ask, 'maintainer', '1/merge_requests/1', '/agent and a test')
  await world.finds(['1-m1', note])
})

test("failed pipelines of our own pushes are found where tasks were asked for, nobody else's", async () => {
  const world = await started({ projectsSince: async () => [1] })
  const jobs = [{ name: 'test', status: 'failed' }]
  const pipeline = async (user: string) =>
    idOf(await steer(world.sandbox.url, 'POST', '/pipelines', { project: 1, ref: 'main', user, jobs }))
  await pipeline('developer')
  const ours = await pipeline('errand-bot')
  await world.finds([`1-p${ours}`])
})

test('an idle GitLab is asked twice, and a busy one once more for each thing that changed', async () => {
  const world = await started()
  await world.sweep()
  await world.calls()
  // The only issue there is was made a moment ago; as long as that is so, it is looked into.
  const [issues, requests] = ['1 × GET /issues', '1 × GET /merge_requests']
  await world.watermark.write(Date.now() + 10 * 60_000)
  await world.sweep()
  const idle = await world.calls()
  console.log(`A sweep over an idle GitLab: ${idle.join(', ')}`)
  expect(idle).toEqual([issues, requests])
  await world.watermark.write(Date.now() - 60_000)
  await openIssue(world.ask, { title: 'Two' })
  await world.sweep()
  const busy = await world.calls()
  console.log(`With two issues that changed: ${busy.join(', ')}`)
  expect([...busy].sort()).toEqual([issues, requests, '2 × GET /projects/:id/issues/:iid/notes'].sort())
})

test('what is settled is not looked into again', async () => {
  const settled: string[] = []
  const later = Date.now() + 5 * 60_000
  const world = await started({ headStart: -later + Date.now(), hear: async (name) => void settled.push(name) })
  await world.sweep()
  expect(settled).toEqual([expect.stringMatching(/^1-issue-1:\d+$/)])
  await world.calls()
  const again = await started({ unheard: async (names) => new Set(names.filter((name) => !name.includes('-issue-'))) })
  await again.sweep()
  expect((await again.calls()).filter((call) => call.includes('notes'))).toEqual([])
})

test('lists of several pages are read whole, also while they change', async () => {
  const { ask, gitlab } = await started()
  const since = Date.now() - 60_000
  const iids: number[] = [1]
  for (let n = 0; n < 230; n++) iids.push(await openIssue(ask, { title: `Issue ${n}` }))
  const found: number[] = []
  for await (const { changed } of changedSince(gitlab, 'issue', since)) {
    found.push(...changed.map(({ iid }) => iid))
    // Everything on the first page moves to the end: whoever counts pages leaves out as many.
    if (found.length === 100)
      for (const iid of found) await ask('developer', 'PUT', `/projects/1/issues/${iid}`, { title: 'Changed' })
  }
  expect([...found].sort((a, b) => a - b)).toEqual(iids)
})

test('what others do where we are no member is not looked into; where it is too much, each project is asked', async () => {
  const world = await started({ crowd: 10 })
  const { ask } = world
  const made = await ask('maintainer', 'POST', '/projects', { name: 'square', namespace_id: 1, visibility: 'public' })
  const square = idOf(made)
  for (let n = 0; n < 12; n++) {
    const reply = await ask('maintainer', 'POST', `/projects/${square}/issues`, { title: `/agent ${n}` })
    expect(reply.status, reply.text).toBe(201)
  }
  await say(ask, 'maintainer', `${square}/issues/1`, '/agent you are not here')
  const ours = await say(ask, 'developer', '1/issues/1', '/agent one')
  await world.sweep()
  await world.calls()
  await world.finds([ours])
  const calls = await world.calls()
  expect(calls.map((call) => call.replace(/^\d+ × /, ''))).toContain('GET /projects/:id/issues')
  // From the moment on in which we are: nothing was forgotten meanwhile.
  const bot = list(await ask('maintainer', 'GET', '/users?username=errand-bot'))[0]
  await ask('maintainer', 'POST', `/projects/${square}/members`, { user_id: bot?.id, access_level: 30 })
  const invited = await say(ask, 'maintainer', `${square}/issues/2`, '/agent now you are')
  await vi.waitFor(async () => expect(await world.sweep()).toContain(invited), { timeout: 20_000, interval: 100 })
})

test('while GitLab is away the watermark stays; what makes it stumble keeps nobody else from being found', async () => {
  const world = await started()
  const { ask, sandbox, watermark } = world
  const sick = await openIssue(ask, { title: 'Sick' })
  const note = await say(ask, 'developer', '1/issues/1', '/agent one')
  const other = await say(ask, 'developer', `1/issues/${sick}`, '/agent two')
  Object.assign(sandbox.faults.api, { failEvery: 1, status: 503, only: 'GET /api/v4/merge_requests' })
  await expect(world.sweep()).rejects.toThrow('503')
  expect(await watermark.read()).toBeUndefined()
  Object.assign(sandbox.faults.api, { status: 500, only: `GET /api/v4/projects/1/issues/${sick}/notes` })
  await vi.waitFor(
    async () => {
      await expect(world.sweep()).rejects.toThrow('1 could not be looked into')
      expect(world.delivered.map(describeDelivery)).toEqual([note])
    },
    { timeout: 20_000, interval: 100 },
  )
  expect(await watermark.read()).toBeUndefined()
  await watermark.hear(note)
  Object.assign(sandbox.faults.api, { failEvery: 0 })
  await world.finds([other])
  expect(await watermark.read()).toBeGreaterThan(Date.now() - 3 * 60_000)
})

test('the window begins a minute before the watermark, and without one a day ago', async () => {
  const asked: number[] = []
  const world = await started({
    changes: async function* (_, since) {
      asked.push(since)
      yield { changed: [], date: 1_800_000_000_000 }
    },
  })
  await world.sweep()
  expect(Date.now() - (asked[0] ?? 0)).toBeGreaterThanOrEqual(24 * 3600_000 + 60_000)
  // Up to when it has looked, less a minute for what was not yet to be read.
  const watermark = 1_800_000_000_000 - 60_000
  expect(await world.watermark.read()).toBe(watermark)
  await world.sweep()
  expect(asked.at(-1)).toBe(watermark - 60_000)
})

test('a sweep that is stopped is not finished', async () => {
  const stop = new AbortController()
  const world = await started({ signal: stop.signal })
  stop.abort()
  await world.sweep()
  expect(await world.watermark.read()).toBeUndefined()
})
