/** The seam against a stand-in of the API server: one attempt is one Job, whatever is repeated, lost or refused. */

import { expect, onTestFinished, test } from 'vitest'
import { TASK_ANNOTATION } from '../../src/kubernetes/record.ts'
import { aWorld, eventually, recorded } from './aWorld.ts'
import { ends, runningStatus, runs, shows, terminatedStatus, unscheduled, waitingStatus } from './standIn/scripts.ts'

const runningContainers = runningStatus().containerStatuses ?? []
const post = (what: string) => (call: { method: string; path: string }) =>
  call.method === 'POST' && call.path.endsWith(`/${what}`)

test('a run: absent, launched, running, ended, removed, absent again', async () => {
  const { runner, until, cluster } = await aWorld(ends(200))
  const task = recorded(1)
  expect((await runner.see(task)).is).toBe('absent')
  await runner.launch(task)
  await until(task, 'running')
  const end = await until(task, 'ended')
  expect(end).toMatchObject({ exit: 0 })
  await runner.stop(task)
  expect((await until(task, 'absent')).is).toBe('absent')
  const { objects } = cluster.server
  await eventually(
    () => [...objects.list('jobs', ''), ...objects.list('pods', ''), ...objects.list('secrets', '')].length === 0,
  )
})

test('the Secret holds the credential and nothing else, and is owned by the Job from birth', async () => {
  const { runner, cluster } = await aWorld(runs)
  const task = recorded(1)
  await runner.launch(task)
  const { objects } = cluster.server
  const job = objects.get('jobs', '42-n1-1')
  const secret = objects.get('secrets', '42-n1-1')
  expect(secret).toMatchObject({
    stringData: { credential: 'credential of 42-n1 1' },
    metadata: { ownerReferences: [{ kind: 'Job', name: '42-n1-1', uid: job?.metadata.uid }] },
  })
  expect(JSON.stringify(job)).not.toContain('credential of')
})

test('launched five times at once, by two processes: one Job', async () => {
  const { runner, another, cluster, until } = await aWorld(runs)
  const task = recorded(1)
  const other = another()
  await Promise.all([1, 2, 3].map(() => runner.launch(task)).concat([1, 2].map(() => other.launch(task))))
  expect(cluster.server.objects.list('jobs', '')).toHaveLength(1)
  await until(task, 'running')
})

test('K2: a Job that was made, and whose answer was lost, is adopted', async () => {
  const { runner, cluster, until } = await aWorld(runs)
  cluster.server.faults.add(post('jobs'), { do: 'reset-after' })
  cluster.server.faults.add(post('secrets'), { do: 'reset-after' })
  const task = recorded(1)
  await runner.launch(task)
  await until(task, 'running')
  expect(cluster.server.objects.list('jobs', '')).toHaveLength(1)
})

test('K2: a Job of that name that is somebody else’s is not adopted', async () => {
  const { runner, cluster } = await aWorld(runs)
  const foreign = { metadata: { name: '42-n1-1', labels: { 'errand/task': '42-n1', 'errand/attempt': '1' } } }
  cluster.server.objects.create('jobs', foreign)
  const task = recorded(1)
  await runner.launch(task)
  expect(await runner.see(task)).toMatchObject({ is: 'ended', cause: 'rejected-by-cluster' })
})

test('K3: a process that dies between Job and Secret: whoever sees the Job wait makes the Secret', async () => {
  const { runner, another, cluster, until } = await aWorld(runs)
  cluster.server.faults.add(post('secrets'), { do: 'answer', status: 500 }, 4)
  const task = recorded(1)
  await expect(runner.launch(task)).rejects.toThrow('500')
  expect(cluster.server.objects.list('secrets', '')).toHaveLength(0)
  expect((await another().see(task)).is).toBe('waiting')
  await until(task, 'running')
})

test('a Secret that an earlier Job of this name has left is replaced', async () => {
  const { runner, cluster, until } = await aWorld(runs)
  const { objects } = cluster.server
  objects.create('secrets', {
    metadata: { name: '42-n1-1', ownerReferences: [{ uid: 'gone' }] },
    stringData: { credential: 'old' },
  })
  const task = recorded(1)
  await runner.launch(task)
  expect(objects.get('secrets', '42-n1-1')?.stringData).toEqual({ credential: 'credential of 42-n1 1' })
  await until(task, 'running')
})

test('a stop: the pod saves its work while the Job is gone already, and repeated stops ask nothing', async () => {
  const { runner, cluster, until } = await aWorld(runs)
  const saved = Promise.withResolvers<void>()
  cluster.script = () => async (actor) => {
    await runs(actor)
    actor.show({ ...terminatedStatus({ exitCode: 0 }), phase: 'Running', containerStatuses: runningContainers })
    await saved.promise
    actor.show(terminatedStatus({ exitCode: 143 }))
  }
  const task = recorded(1)
  await runner.launch(task)
  await until(task, 'running')
  await runner.stop(task)
  for (let times = 0; times < 3; times++) {
    expect((await runner.see(task)).is).toBe('running')
    await runner.stop(task)
  }
  expect(cluster.server.calls.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
  saved.resolve()
  await until(task, 'absent')
})

test('K14: a Job that somebody deleted is absent, in words', async () => {
  const { runner, cluster, until } = await aWorld(runs)
  const task = recorded(1)
  await runner.launch(task)
  await until(task, 'running')
  cluster.server.deleted('jobs', '42-n1-1')
  expect(await until(task, 'absent')).toMatchObject({ why: expect.stringContaining('somebody deleted it') })
})

test('K8: a pod that somebody deleted, and for which the Job’s controller makes a second one, ends the attempt', async () => {
  const { runner, cluster, until } = await aWorld(runs)
  const { objects } = cluster.server
  const task = recorded(1)
  await runner.launch(task)
  await until(task, 'running')
  const [pod] = objects.list('pods', '')
  if (pod === undefined) throw new Error('no pod')
  const second = { ...pod, metadata: { ...pod.metadata, name: '42-n1-1-second' }, status: { phase: 'Pending' } }
  objects.create('pods', second)
  cluster.server.deleted('pods', pod.metadata.name)
  expect(await until(task, 'ended')).toMatchObject({ cause: 'lost', infrastructure: true })
})

test('K9: a node that does not answer: the attempt ends when its pod’s time is over', async () => {
  const { runner, cluster, until } = await aWorld(async (actor) => {
    await actor.credential()
    actor.show(runningStatus())
    await new Promise((end) => onTestFinished(() => end(undefined)))
  })
  cluster.grace = 0
  const task = recorded(1)
  await runner.launch(task)
  await until(task, 'running')
  const [pod] = cluster.server.objects.list('pods', '')
  cluster.server.deleted('pods', pod?.metadata.name ?? '')
  expect((await runner.see(task)).is).toBe('running')
  expect(await until(task, 'ended')).toMatchObject({ cause: 'lost', why: expect.stringContaining('does not answer') })
})

test('of an older attempt nothing is left', async () => {
  const { runner, cluster, until } = await aWorld(runs)
  const first = recorded(1)
  await runner.launch(first)
  await until(first, 'running')
  const second = { ...first, attempt: 2 }
  expect((await runner.see(second)).is).toBe('absent')
  expect(cluster.server.objects.get('jobs', '42-n1-1')).toBeUndefined()
  await runner.launch(second)
  await until(second, 'running')
})

test('K11: out of memory is told with the limit', async () => {
  const { runner, until } = await aWorld(ends(10, { exitCode: 137, reason: 'OOMKilled' }))
  const task = recorded(1)
  await runner.launch(task)
  expect(await until(task, 'ended')).toMatchObject({
    cause: 'out-of-memory',
    infrastructure: false,
    why: expect.stringContaining('4Gi'),
  })
})

test('K10: an image that cannot be pulled waits, in the words of the kubelet, and then ends', async () => {
  const { runner, until } = await aWorld(shows(waitingStatus('ImagePullBackOff', 'manifest unknown')))
  const task = recorded(1)
  await runner.launch(task)
  const end = await until(task, 'ended')
  expect(end).toMatchObject({ cause: 'image', why: 'its image cannot be pulled: manifest unknown' })
})

test('K13: no node has room: told, and after the limit ended', async () => {
  const { runner, until } = await aWorld(shows(unscheduled), { times: { pendingLimit: 1500 } })
  const task = recorded(1)
  await runner.launch(task)
  await eventually(() => true)
  expect(await until(task, 'ended')).toMatchObject({
    cause: 'unschedulable',
    why: expect.stringContaining('0/5 nodes are available'),
  })
})

test('K12: a pod that the quota keeps away waits, and is told; when there is room again it runs', async () => {
  const { runner, cluster, until } = await aWorld(runs)
  cluster.quota = 0
  const task = recorded(1)
  await runner.launch(task)
  let told = ''
  while (told === '') {
    const run = await runner.see(task)
    told = run.is === 'waiting' ? run.why : ''
    await new Promise((soon) => setTimeout(soon, 20))
  }
  expect(told).toContain('exceeded quota')
  cluster.quota = 10
  await until(task, 'running')
})

test('K12: a Job that the quota keeps away is tried again', async () => {
  const { runner, cluster, until } = await aWorld(runs)
  const message = 'jobs.batch "42-n1-1" is forbidden: exceeded quota: jobs'
  cluster.server.faults.add(post('jobs'), { do: 'answer', status: 403, body: { reason: 'Forbidden', message } })
  const task = recorded(1)
  await runner.launch(task)
  expect(await runner.see(task)).toMatchObject({ is: 'waiting', why: expect.stringContaining('exceeded quota') })
  await until(task, 'running')
})

test('K12: a policy that refuses the Job ends it with the policy’s words', async () => {
  const { runner, cluster } = await aWorld(runs)
  const message = 'admission webhook "policy.example.com" denied the request: unsigned image'
  cluster.server.faults.add(post('jobs'), { do: 'answer', status: 403, body: { reason: 'Forbidden', message } })
  const task = recorded(1)
  await runner.launch(task)
  expect(await runner.see(task)).toMatchObject({
    cause: 'rejected-by-cluster',
    why: expect.stringContaining('unsigned image'),
  })
})

test('K15: without the right to create Jobs nothing ends: it is thrown, and works when the right is back', async () => {
  const { runner, cluster, until } = await aWorld(runs)
  const message = 'jobs.batch is forbidden: User "errand" cannot create resource "jobs" in API group "batch"'
  cluster.server.faults.add(post('jobs'), { do: 'answer', status: 403, body: { reason: 'Forbidden', message } })
  const task = recorded(1)
  await expect(runner.launch(task)).rejects.toMatchObject({ problem: 'forbidden' })
  expect((await runner.see(task)).is).toBe('absent')
  await runner.launch(task)
  await until(task, 'running')
})

test('what a pod said that never reached the door is read, once', async () => {
  const { runner, until, left, cluster } = await aWorld(ends(10, { exitCode: 127 }, 'sh: node: not found\n'))
  const task = recorded(1)
  await runner.launch(task)
  expect(await until(task, 'ended')).toMatchObject({ cause: 'image', exit: 127 })
  await runner.see(task)
  expect(left.get(task.id)).toBe('sh: node: not found\n')
  expect(cluster.server.calls.filter(({ path }) => path.endsWith('/log'))).toHaveLength(1)
})

test('what the door has is not read again', async () => {
  const { runner, until, cluster } = await aWorld(ends(10, { exitCode: 12 }, 'noise'))
  const task = recorded(1)
  await runner.launch(task)
  await until(task, 'ended')
  expect(cluster.server.calls.some(({ path }) => path.endsWith('/log'))).toBe(false)
})

test('the tasks of all Jobs come back from the cluster alone', async () => {
  const { runner, cluster } = await aWorld(runs)
  const tasks = Array.from({ length: 12 }, (_, index) =>
    recorded(index + 1, { prompt: `tidy ${index} — ä\n`.repeat(500) }),
  )
  for (const task of tasks) await runner.launch(task)
  const second = { ...tasks[0], attempt: 2 } as (typeof tasks)[number]
  await runner.launch(second)
  const broken = cluster.server.objects.get('jobs', '42-n12-1')
  if (broken?.metadata.annotations) broken.metadata.annotations[TASK_ANNOTATION] = 'bm90IG91cnM='
  const found = await runner.listTasks()
  expect(found.map(({ id, attempt }) => `${id} ${attempt}`).sort()).toEqual(
    ['42-n1 2', ...tasks.slice(1, 11).map(({ id }) => `${id} 1`)].sort(),
  )
  expect(found.find(({ id }) => id === '42-n5')).toEqual({ ...tasks[4], launched: true })
})
