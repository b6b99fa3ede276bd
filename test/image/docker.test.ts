/** The runner of src/docker, and the built runtime image, in containers of podman by its socket. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { examineEngine } from '../../src/commands/doctorEngine.ts'
import { containerOf } from '../../src/docker/container.ts'
import { connectEngine } from '../../src/docker/engine.ts'
import { createDockerRunner, type DockerRunner } from '../../src/docker/runner.ts'
import { DockerSettings } from '../../src/docker/settings.ts'
import { createLogger } from '../../src/log.ts'
import type { Run } from '../../src/tasks/runner.ts'
import type { Task } from '../../src/tasks/task.ts'
import { type Attempt, newAttempt, READY } from '../runtime/attempt.ts'
import { CREDENTIAL } from '../runtime/standInDoor.ts'
import { aTask } from '../tasks/aTask.ts'
import { IMAGE } from './container.ts'
import { type Podman, startPodman } from './podman.ts'

let podman: Podman
beforeAll(async () => {
  podman = await startPodman()
})
afterAll(() => podman[Symbol.asyncDispose]())

type Wish = { readonly settings?: object; readonly deadline?: number; readonly door?: string }

const PREFIX = `errand-test-${process.pid}`

/** A runner for one test; what it made goes with the test. */
function aRunner({ settings = {}, deadline = 3_600_000, door = 'http://127.0.0.1:9' }: Wish) {
  const engine = connectEngine(podman.socket)
  const left = new Map<string, string>()
  const runner = createDockerRunner({
    engine,
    // The door of these tests listens on loopback, so that no network of containers leads there.
    settings: DockerSettings.parse({
      socket: podman.socket,
      prefix: PREFIX,
      image: IMAGE,
      network: 'host',
      memory: '512m',
      pull: 'never',
      ...settings,
    }),
    door,
    sign: () => CREDENTIAL,
    log: createLogger('silent'),
    deadline,
    grace: 20_000,
    leftLog: async (task, bytes) => void left.set(task.id, Buffer.from(bytes).toString()),
  })
  onTestFinished(async () => {
    for (const { Id } of await engine.list(PREFIX)) await engine.remove(Id)
    await engine[Symbol.asyncDispose]()
  })
  return { runner, engine, left }
}

let notes = 0

/** A task whose first attempt is recorded. */
function recorded(changes: Partial<Task> = {}): Task {
  notes += 1
  const at = Date.now()
  return aTask({ id: `42-n${notes}`, state: 'starting', since: at, attempt: 1, attemptAt: at, ...changes })
}

async function until(runner: DockerRunner, task: Task, is: Run['is']): Promise<Run> {
  for (;;) {
    const run = await runner.see(task)
    if (run.is === is) return run
    await new Promise((soon) => setTimeout(soon, 100))
  }
}

async function doing(attempt: Attempt, what: string): Promise<void> {
  while (!attempt.door.activities.includes(what)) await new Promise((soon) => setTimeout(soon, 50))
}

const FACTS = `echo "user $(id -u):$(id -g)"
grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr '\\t' ' '
touch /usr/x 2>&1; echo > /var/run/errand/credential
touch /tmp/x /workspace/x && echo writes
`

test('a run to its end, confined: the branch is pushed, and nothing is left', async () => {
  const attempt = await newAttempt({ files: { ...READY, 'agent-setup.sh': FACTS } })
  const { runner, engine, left } = aRunner({ door: attempt.door.url })
  const task = recorded()
  await runner.launch(task)
  await runner.launch(task)
  expect(await until(runner, task, 'ended')).toMatchObject({ exit: 0 })
  expect(attempt.door.outcome).toMatchObject({ result: 'pushed', warnings: [] })
  const log = attempt.door.log.toString()
  for (const fact of [
    'user 1000:1000',
    'CapEff: 0000000000000000',
    'CapBnd: 0000000000000000',
    'NoNewPrivs: 1',
    'Seccomp: 2',
    "touch: cannot touch '/usr/x': Read-only file system",
    '/var/run/errand/credential: Permission denied',
    'writes',
  ]) {
    expect(log).toContain(fact)
  }
  expect(left.size).toBe(0)
  await runner.stop(task)
  await runner.stop(task)
  expect((await runner.see(task)).is).toBe('absent')
  expect(await engine.list(PREFIX)).toEqual([])
})

test('a stop: its work is pushed, then nothing is left; an older attempt does not live on', async () => {
  const attempt = await newAttempt({ files: READY, prompt: 'rehearse: wait 50 s' })
  const { runner, engine } = aRunner({ door: attempt.door.url })
  const task = recorded()
  await runner.launch(task)
  await until(runner, task, 'running')
  await doing(attempt, 'waits 50 s')
  await runner.stop(task)
  await until(runner, task, 'absent')
  expect(attempt.door.outcome).toMatchObject({ failure: { cause: 'interrupted' }, pushed: { commits: 1 } })
  expect(await engine.list(PREFIX)).toEqual([])
  await runner.launch(task)
  await until(runner, task, 'running')
  expect((await runner.see({ ...task, attempt: 2 })).is).toBe('absent')
  expect(await engine.list(PREFIX)).toEqual([])
})

test('a run outlives the process that began it: another one sees it, adopts it, and finds its task', async () => {
  const attempt = await newAttempt({ files: READY, prompt: 'rehearse: wait 50 s' })
  const one = aRunner({ door: attempt.door.url })
  const other = aRunner({ door: attempt.door.url })
  const task = recorded()
  const ending = new AbortController()
  onTestFinished(() => ending.abort())
  const told = other.runner.changes(ending.signal)[Symbol.asyncIterator]()
  const first = told.next()
  await one.runner.launch(task)
  const running = await until(one.runner, task, 'running')
  await other.runner.launch(task)
  expect(await other.runner.see(task)).toEqual(running)
  expect(await other.runner.listTasks()).toEqual([task])
  expect(await other.engine.list(PREFIX)).toHaveLength(1)
  expect(await first).toEqual({ done: false, value: task.id })
  await other.engine.remove(`${PREFIX}-${task.id}-1`)
  const gone = { is: 'absent', why: 'its container is gone: somebody removed it' }
  expect(await one.runner.see(task)).toEqual(gone)
  // More may have changed before.
  for (let next = await told.next(); next.value !== task.id; next = await told.next());
  await one.runner.stop(task)
})

test('a maker that died before it started the container: whoever looks goes on', async () => {
  const attempt = await newAttempt({ files: READY })
  const { runner, engine } = aRunner({ door: attempt.door.url })
  const task = recorded()
  const settings = { image: IMAGE, network: 'host', prefix: PREFIX }
  const wanted = containerOf(task, DockerSettings.parse(settings), attempt.door.url)
  await engine.create(`${PREFIX}-${task.id}-1`, wanted)
  expect(await until(runner, task, 'ended')).toMatchObject({ exit: 0 })
  expect(attempt.door.outcome).toMatchObject({ result: 'pushed' })
})

test('more memory than allowed', async () => {
  const { runner } = aRunner({ settings: { memory: '24m' } })
  const task = recorded()
  await runner.launch(task)
  // Podman tells why only where its conmon can see it; test/docker/status.test.ts has what is made of that.
  expect(await until(runner, task, 'ended')).toMatchObject({ exit: 137 })
})

test('more time than allowed', async () => {
  const attempt = await newAttempt({ files: READY, prompt: 'rehearse: wait 50 s' })
  const { runner } = aRunner({ door: attempt.door.url, deadline: 4000 })
  const task = recorded()
  await runner.launch(task)
  const run = await until(runner, task, 'ended')
  expect(run).toMatchObject({ cause: 'deadline', infrastructure: false })
  expect(attempt.door.outcome).toMatchObject({ failure: { cause: 'interrupted' } })
})

test('a door that is away: what the container said is kept', async () => {
  const { runner, left } = aRunner({ settings: { environment: { NODE_OPTIONS: '--no-such-option' } } })
  const task = recorded()
  await runner.launch(task)
  expect(await until(runner, task, 'ended')).toMatchObject({ cause: 'image', exit: 9 })
  expect(left.get(task.id)).toContain('--no-such-option is not allowed')
})

test.for([
  ['image', { image: 'localhost/none:1' }, /none:1/],
  ['image', { image: '127.0.0.1:9/none:1', pull: 'missing' }, /127\.0\.0\.1:9\/none:1 could not be fetched: .*refused/],
  ['rejected-by-cluster', { network: 'no-such-network' }, /no-such-network/],
] as const)('%s: %o is said, tried again for a while, and then the end', async ([cause, settings, why]) => {
  const task = recorded()
  const patient = aRunner({ settings: { ...settings, pendingLimit: 60 } })
  await patient.runner.launch(task)
  await vi.waitFor(
    async () => expect(await patient.runner.see(task)).toEqual({ is: 'waiting', why: expect.stringMatching(why) }),
    { timeout: 20_000, interval: 100 },
  )
  const hasty = aRunner({ settings: { ...settings, pendingLimit: 0.001 } })
  await hasty.runner.launch(task)
  expect(await until(hasty.runner, task, 'ended')).toEqual({
    is: 'ended',
    exit: undefined,
    cause,
    infrastructure: false,
    why: expect.stringMatching(why),
  })
  await hasty.runner.stop(task)
  expect((await hasty.runner.see(task)).is).toBe('absent')
})

test('a container of that name that is another request is not taken for ours', async () => {
  const { runner, engine } = aRunner({})
  const task = recorded()
  const settings = DockerSettings.parse({ image: IMAGE, network: 'host', prefix: PREFIX })
  await engine.create(`${PREFIX}-${task.id}-1`, containerOf({ ...task, prompt: 'another' }, settings, 'http://x'))
  await runner.launch(task)
  expect(await runner.see(task)).toMatchObject({ is: 'waiting', why: expect.stringContaining('was not made for this') })
})

/** What the doctor says, one line each: what was checked, what is wrong, what could be better. */
async function diagnosed(doorUrl: string, settings: object): Promise<string[]> {
  const docker = DockerSettings.parse({ socket: podman.socket, image: IMAGE, network: 'host', ...settings })
  const lines: string[] = []
  for await (const { checked, found, wrong, advice } of examineEngine({ docker, doorUrl })) {
    lines.push([`${checked}: ${found}`, ...wrong.map((words) => `✘ ${words}`), ...advice].join('; '))
  }
  return lines
}

test('the doctor finds what is missing, and says the cure', async () => {
  const internal = `errand-test-${process.pid}-internal`
  const outward = `errand-test-${process.pid}-outward`
  const call = promisify(execFile)
  await call('podman', ['network', 'create', '--internal', internal])
  await call('podman', ['network', 'create', outward])
  onTestFinished(async () => void (await call('podman', ['network', 'rm', internal, outward])))
  expect(await diagnosed('http://door:8081', { network: internal })).toEqual([
    `engine: Podman Engine ${(await call('podman', ['version', '--format', '{{.Version}}'])).stdout.trim()} at ${podman.socket}`,
    `images: ${IMAGE}`,
    `network: ${internal}, which leads nowhere else`,
  ])
  const away = 'registry.example.com/none:1'
  expect(await diagnosed('http://127.0.0.1:8081', { network: 'nowhere', images: { x: away }, pull: 'never' })).toEqual([
    expect.any(String),
    `images: 1 of 2 are there; ✘ ${away} is not there, and docker.pull is never: build or pull it here`,
    "network: there is no network nowhere; ✘ make it (`docker network create --internal nowhere`) with the door in it, or name another in docker.network; ✘ ERRAND_DOOR_URL is http://127.0.0.1:8081, which in a container is the container itself: give the door's name in nowhere",
  ])
  expect((await diagnosed('http://door:8081', { network: outward, image: away })).slice(1)).toEqual([
    `images: 0 of 1 are there; ${away} is fetched when a run needs it first`,
    expect.stringContaining(`network: ${outward}; runs reach the internet`),
  ])
  expect((await diagnosed('http://127.0.0.1:8081', {}))[2]).toContain('runs reach whatever this machine reaches')
  expect(await diagnosed('http://door:8081', { socket: '/run/no-engine.sock' })).toEqual([
    expect.stringMatching(/^engine: \/run\/no-engine\.sock does not answer: .*ENOENT.*; ✘ see that Docker or `podman/),
  ])
})
