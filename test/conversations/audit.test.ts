/** The trail that a conversation leaves. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ownEnvironment } from '../../src/config.ts'
import type { AuditLine } from '../../src/redis/audit.ts'
import { ISSUE, startWorld, type World } from './world.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** What `errand audit` prints, as an operator types it. */
async function audit(world: World, ...flags: string[]): Promise<AuditLine[]> {
  const child = spawn(process.execPath, [MAIN, 'audit', ...flags], {
    env: {
      PATH: ownEnvironment().PATH,
      GITLAB_URL: world.config.gitlab.url,
      GITLAB_TOKEN: 'glpat-demo-errand-bot',
      WEBHOOK_SECRETS: 'x',
      REDIS_URL: world.redis.url,
      ERRAND_URL: world.config.url,
      ERRAND_DOOR_URL: world.config.doorUrl,
      ERRAND_KEY: 'k'.repeat(64),
      ERRAND_RUNNER: 'local',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** The agent is at it. */
async function running(world: World, task: string): Promise<void> {
  await world.until('it to run', async () => {
    const entry = await world.store.get(task)
    return entry?.kind === 'task' && entry.state === 'running' ? true : undefined
  })
}

test('one task, from the comment to the merge request', async () => {
  await using world = await startWorld()
  const began = new Date(Date.now() - 1000).toISOString()
  const task = await world.say('developer', '/agent add a health check for the vault')
  await world.answer(task)
  await world.over(task)
  const trail = await audit(world, '--since', began, '--task', task)
  expect(trail.map(({ deed }) => deed)).toEqual(['asked', 'begun', 'pushed', 'merge-request', 'succeeded'])
  const developer = await world.person('developer')
  const project = { task, project: 'demo/shop', projectId: 1, branch: `agent/${task}` }
  const [asked, begun, pushed, opened, ended] = trail
  const who = { by: 'developer', person: developer.id, level: 30, what: 'note' }
  expect(asked).toEqual({ id: expect.any(String), at: expect.any(String), deed: 'asked', ...project, ...who })
  expect(begun).toMatchObject({ ...project, attempt: 1 })
  const [mergeRequest] = await world.mergeRequests()
  const commit = (await world.task(task)).end?.outcome?.pushed?.commit
  expect(pushed).toMatchObject({ ...project, attempt: 1, before: '0'.repeat(40), after: commit })
  expect(opened).toMatchObject({ url: `${world.config.gitlab.url}/demo/shop/-/merge_requests/${mergeRequest?.iid}` })
  expect(ended).toMatchObject({ ...project, attempt: 1 })
  expect(JSON.stringify(trail), 'nothing of what was asked').not.toContain('vault')
  expect(await audit(world, '--after', pushed?.id ?? '')).toEqual([opened, ended])
  expect(await audit(world, '--since', '2099-01-01')).toEqual([])
  expect(await world.task(task), 'where nobody traces').not.toHaveProperty('trace')
})

test('a refusal, and a stop by somebody else', async () => {
  await using world = await startWorld()
  const refused = await world.say('reporter', '/agent print the vault')
  await world.answer(refused)
  const again = await world.say('reporter', '/agent print the vault')
  await world.until('the second refusal', async () =>
    (await world.reactions(again)).includes('errand-bot thumbsdown') ? true : undefined,
  )
  const task = await world.say('developer', '/agent add a health check\nrehearse: hang')
  await running(world, task)
  await world.say('maintainer', '/agent stop', { ...ISSUE, discussion: (await world.thread(task)).id })
  await world.answer(task)
  await world.over(task)
  const trail = await audit(world)
  const [first, ...rest] = trail
  expect(first).toMatchObject({ deed: 'refused', by: 'reporter', level: 20, task: refused, projectId: 1, what: 'role' })
  expect(
    rest.filter(({ task }) => task === again),
    'once an hour',
  ).toEqual([])
  const deeds = rest.filter(({ deed }) => deed !== 'pushed')
  expect(deeds).toMatchObject([
    { deed: 'asked', by: 'developer', task },
    { deed: 'begun', task },
    { deed: 'ordered', by: 'maintainer', level: 40, task, what: 'stop' },
    { deed: 'cancelled', by: 'maintainer', task },
  ])
  expect(JSON.stringify(trail)).not.toContain('vault')
})

test('on the page: asked, refused, stopped, tried again', async () => {
  await using world = await startWorld()
  const [developer, reporter] = [await world.person('developer'), await world.person('reporter')]
  const wish = { repository: 'demo/shop', prompt: 'add a health check\nrehearse: hang' }
  const asked = await world.page.ask(developer, wish)
  if (asked.is !== 'created') throw new Error(JSON.stringify(asked))
  const { id } = asked.task
  expect(await world.page.ask(reporter, wish)).toMatchObject({ is: 'no' })
  expect(await world.page.stop(reporter, asked.task)).toMatchObject({ is: 'no' })
  await running(world, id)
  expect(await world.page.stop(developer, asked.task)).toMatchObject({ is: 'stopping' })
  await world.over(id)
  const trail = (await audit(world)).filter(({ deed }) => deed !== 'pushed')
  expect(trail).toMatchObject([
    { deed: 'asked', by: 'developer', person: developer.id, level: 30, task: id, what: 'page', project: 'demo/shop' },
    { deed: 'refused', by: 'reporter', project: 'demo/shop', what: 'role' },
    { deed: 'refused', by: 'reporter', task: id, what: 'role' },
    { deed: 'begun', task: id },
    { deed: 'ordered', by: 'developer', level: 30, task: id, what: 'stop' },
    { deed: 'cancelled', by: 'developer', task: id },
  ])
})
