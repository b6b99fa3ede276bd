/** A comment to a merge request on a real Kubernetes: see clusterWorld.ts. */

import { beforeAll, expect, test } from 'vitest'
import { examine } from '../../src/commands/doctor.ts'
import { ISSUE, type World } from '../conversations/world.ts'
import { client, createNamespace, pods, podsOf, startClusterWorld } from './clusterWorld.ts'

beforeAll(createNamespace)

async function running(world: World, task: string): Promise<void> {
  await world.until('the agent to work', async () =>
    /: (waits|hangs)/.test((await world.status(task)) ?? '') ? true : undefined,
  )
}

test('a comment becomes a Job, a pod and a merge request, and nothing is left in the cluster', async () => {
  await using world = await startClusterWorld()
  const task = await world.say('developer', '/agent add a health check')
  expect(await world.answer(task)).toContain('is ready for review')
  await world.over(task)
  expect(await world.mergeRequests()).toHaveLength(1)
  expect(await world.file('REHEARSAL.md', `agent/${task}`)).toContain('add a health check')
  // The cluster removes a Job's pod after the Job.
  await world.until('its pod to go', async () =>
    (await podsOf(task)).every(({ metadata }) => metadata.deletionTimestamp !== undefined) ? true : undefined,
  )
})

test('a stop ends the pod, and the work is saved', async () => {
  await using world = await startClusterWorld()
  const task = await world.say('developer', '/agent add a health check\nrehearse: wait 60 s')
  await running(world, task)
  await world.say('developer', '/agent stop', { ...ISSUE, discussion: (await world.thread(task)).id })
  expect(await world.answer(task)).toMatch(/\*\*Stopped\*\*, as `@developer` asked.\n\nThe work so far is on/)
})

test('a pod that is killed is replaced, and the task ends once', async () => {
  await using world = await startClusterWorld()
  const task = await world.say('developer', '/agent add a health check\nrehearse: wait 5 s')
  await running(world, task)
  for (const { metadata } of await podsOf(task))
    await client.call('DELETE', `${pods}/${metadata.name}`, { query: { gracePeriodSeconds: 0 } })
  expect(await world.answer(task)).toContain('is ready for review')
  expect(await world.mergeRequests()).toHaveLength(1)
  expect(await world.store.get(task)).toMatchObject({ attempt: 2 })
})

test('an image that cannot be pulled is told in the words of the kubelet', async () => {
  await using world = await startClusterWorld({ image: 'localhost/no-such-image:1', pullPolicy: 'Never' })
  const task = await world.say('developer', '/agent add a health check')
  expect(await world.answer(task)).toMatch(/This did not work: .*image[\s\S]*no-such-image/)
})

test('too little memory is told, with the limit', async () => {
  const resources = {
    cpu: { request: '50m' },
    memory: { limit: '24Mi' },
    ephemeralStorage: { request: '64Mi', limit: '2Gi' },
  }
  await using world = await startClusterWorld({ resources })
  const task = await world.say('developer', '/agent add a health check')
  expect(await world.answer(task)).toMatch(/memory[\s\S]*24Mi/)
})

test('a deadline is told', async () => {
  await using world = await startClusterWorld({}, { limits: { agent: 3 } })
  const task = await world.say('developer', '/agent add a health check\nrehearse: hang')
  expect(await world.answer(task)).toContain('it ran into its time limit')
})

// Ten of them, as a crowd, are in test/faults/cluster.test.ts; here they have two cores between them.
test('Redis is emptied while Jobs run: all are adopted, and end with one merge request each', async () => {
  await using world = await startClusterWorld()
  const tasks: string[] = []
  for (let n = 1; n <= 4; n++) tasks.push(await world.say('developer', `/agent number ${n}\nrehearse: wait 30 s`))
  for (const task of tasks) {
    await world.until(`${task} to run`, async () => {
      const entry = await world.store.get(task)
      return entry?.kind === 'task' && entry.state === 'running' ? true : undefined
    })
  }
  await world.flush()
  for (const task of tasks) await world.answer(task)
  const branches = (await world.mergeRequests()).map(({ source_branch }) => source_branch)
  expect(branches.sort()).toEqual(tasks.map((task) => `agent/${task}`).sort())
  for (const task of tasks) expect(await world.store.get(task)).toMatchObject({ attempt: 1 })
})

test('the worker is away while a Job ends: the next one finds out, and the task ends once', async () => {
  await using world = await startClusterWorld()
  const task = await world.say('developer', '/agent add a health check\nrehearse: wait 3 s')
  await running(world, task)
  await world.restart()
  expect(await world.answer(task)).toContain('is ready for review')
  expect(await world.store.get(task)).toMatchObject({ attempt: 1 })
})

test('the doctor finds all well, and proves that a pod reaches the door', async () => {
  await using world = await startClusterWorld()
  const findings = await Array.fromAsync(examine(world.config))
  expect(findings.flatMap(({ wrong }) => wrong)).toEqual([])
  expect(findings.map(({ checked }) => checked).slice(-5)).toEqual(['cluster', 'rights', 'quota', 'a run', 'network'])
  expect(findings.at(-2)?.found).toMatch(/a pod reached the door in \d+ s/)
  // What it reaches is the cluster's matter; that it could tell is ours.
  expect(findings.at(-1)?.found).toMatch(/^a run reaches /)
})

test('the doctor says why a pod does not start', async () => {
  await using world = await startClusterWorld({ image: 'localhost/no-such-image:1', pullPolicy: 'Never' })
  const run = (await Array.fromAsync(examine(world.config))).at(-1)
  expect(run?.found).toContain('no-such-image')
  expect(run?.wrong.join()).toContain('can pull the image localhost/no-such-image:1')
})
