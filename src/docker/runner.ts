/** The seam as containers of one machine, by Docker's or Podman's socket: each attempt of a task is one container. */

import { setTimeout as sleep } from 'node:timers/promises'
import { reachedDoor } from '../tasks/exitCode.ts'
import type { Ended, Run, Runner } from '../tasks/runner.ts'
import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { LAST_WORDS } from './container.ts'
import type { Container } from './engine.ts'
import { containerName, ownerOf, recordIn, TASK_LABEL } from './labels.ts'
import { createLaunches, type LaunchOptions } from './launch.ts'
import { spoken } from './leftLog.ts'
import { runOf } from './status.ts'
import { fileOf } from './tar.ts'

type DockerOptions = LaunchOptions & {
  /** Milliseconds that a run may take. */
  readonly deadline: number
  /** Milliseconds a stopped run may take to save its work. */
  readonly grace: number
  /** Gets, once per run and process, what a container said that may never have reached the door: not masked yet. */
  leftLog(task: Task, bytes: Uint8Array): Promise<void>
}

export type DockerRunner = Runner & {
  /** The tasks of all containers that are there: for a Redis that was emptied. */
  listTasks(): Promise<readonly Task[]>
}

/** Milliseconds between two looks at the list of containers. */
const POLL = 1000

export function createDockerRunner(options: DockerOptions): DockerRunner {
  const { engine, settings, log, deadline, grace } = options
  const launches = createLaunches(options)
  const stopping = new Set<string>()
  const read = new Set<string>()
  const nameOf = ({ id, attempt }: Task) => containerName(settings.prefix, id, attempt)

  /** A stop takes as long as the push does; the look must not wait for it. */
  function endSoon(name: string, then: 'remove' | 'keep'): void {
    if (stopping.has(name)) return
    stopping.add(name)
    const ended = async () => {
      await engine.stop(name, Math.ceil(grace / 1000))
      if (then === 'remove') await engine.remove(name)
    }
    ended()
      .catch((error: unknown) => log.warn({ event: 'stop', container: name, err: error }, `${name} did not end yet`))
      .finally(() => stopping.delete(name))
  }

  async function removeOlder(task: Task): Promise<void> {
    for (const { Id, Labels } of await engine.list(settings.prefix, [`${TASK_LABEL}=${task.id}`])) {
      const attempt = ownerOf(Labels)?.attempt
      if (attempt !== undefined && attempt < task.attempt) await engine.remove(Id)
    }
  }

  async function keepLog(task: Task, { Id }: Container, end: Ended): Promise<void> {
    if (reachedDoor(end) || read.has(Id)) return
    read.add(Id)
    try {
      const bytes = spoken(await engine.logs(Id))
      if (bytes.length > 0) await options.leftLog(task, bytes)
    } catch (error) {
      // The end is told all the same.
      log.info({ event: 'no-log', task: task.id, err: error }, `the log of ${nameOf(task)} could not be read`)
    }
  }

  async function judge(task: Task, container: Container | undefined): Promise<Run> {
    const run = runOf(container, undefined, deadline)
    if (container === undefined || run.is !== 'ended') return run
    const words = await engine.read(container.Id, LAST_WORDS)
    const end = runOf(container, words === undefined ? undefined : fileOf(words), deadline)
    if (end.is === 'ended') await keepLog(task, container, end)
    return end
  }

  return {
    async see(task) {
      await removeOlder(task)
      const name = nameOf(task)
      const container = await engine.inspect(name)
      const run = await judge(task, container)
      if (run.is === 'running' && Date.now() - run.since > deadline) endSoon(name, 'keep')
      // A container whose maker died before it could start it, or was refused: whoever looks goes on.
      const unbegun = run.is === 'waiting' || (run.is === 'absent' && launches.refused(task) !== undefined)
      if (unbegun && !stopping.has(name)) await launches.launch(task)
      return run.is === 'absent' || run.is === 'waiting' ? (launches.refused(task) ?? run) : run
    },
    launch: (task) => launches.launch(task),
    async stop(task) {
      await removeOlder(task)
      const name = nameOf(task)
      launches.forget(name)
      const run = runOf(await engine.inspect(name), undefined, deadline)
      if (run.is === 'running') endSoon(name, 'remove')
      else if (run.is !== 'absent') await engine.remove(name)
    },
    async *changes(aborted) {
      let before = new Map<string, string>()
      let tasks = new Map<string, TaskId>()
      while (!aborted.aborted) {
        // While the engine is away nothing has changed, as far as we know.
        const listed = await engine.list(settings.prefix).catch(() => undefined)
        if (listed !== undefined) {
          const now = new Map(listed.map(({ Id, State }) => [Id, State]))
          for (const { Id, Labels } of listed) tasks.set(Id, ownerOf(Labels)?.task ?? '')
          const changed = [...tasks.keys()].filter((id) => before.get(id) !== now.get(id))
          for (const task of new Set(changed.map((id) => tasks.get(id)))) if (task) yield task
          tasks = new Map([...tasks].filter(([id]) => now.has(id)))
          before = now
        }
        await sleep(POLL, undefined, { signal: aborted }).catch(() => {})
      }
    },
    async listTasks() {
      const newest = new Map<TaskId, Task>()
      for (const { Labels } of await engine.list(settings.prefix)) {
        const task = recordIn(Labels)
        if (task !== undefined && (newest.get(task.id)?.attempt ?? 0) < task.attempt) newest.set(task.id, task)
      }
      return [...newest.values()]
    },
  }
}
