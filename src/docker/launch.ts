/** Making an attempt's container: what is repeated until it runs, or until it is said why it cannot. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import type { Run } from '../tasks/runner.ts'
import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { CREDENTIAL, containerOf, PLACES } from './container.ts'
import type { Engine } from './engine.ts'
import { DockerError, isMissing } from './failure.ts'
import { containerName, isFor } from './labels.ts'
import type { DockerSettings } from './settings.ts'
import { runOf } from './status.ts'
import { tarOf } from './tar.ts'

export type LaunchOptions = {
  readonly engine: Engine
  readonly settings: DockerSettings
  readonly door: string
  sign(task: TaskId, attempt: number): string
  readonly log: Logger
}

type Refusal = {
  readonly since: number
  readonly why: string
  readonly cause: 'image' | 'rejected-by-cluster'
  readonly fetching: boolean
}

/** Milliseconds after which an image that could not be fetched is tried again. */
const PAUSE = 30_000

export function createLaunches({ engine, settings, door, sign, log }: LaunchOptions) {
  /** Containers that the engine has not made or started yet. It is tried again, as it may be mended. */
  const refusals = new Map<string, Refusal>()
  /** Images that are on their way, or could not be fetched. */
  const pulls = new Map<string, { readonly done: Promise<void>; failed?: DockerError; at: number }>()

  /** Waits a moment at most: an image may take minutes, and a look must not. */
  async function fetched(image: string): Promise<boolean> {
    const known = pulls.get(image)
    if (known?.failed !== undefined && Date.now() - known.at < PAUSE) throw known.failed
    const pull = known === undefined || known.failed !== undefined ? begunPull(image) : known
    return Promise.race([pull.done.then(() => true), sleep(1000, false, { ref: false })])
  }

  function begunPull(image: string) {
    const failed = (error: unknown): never => {
      const words = error instanceof Error ? error.message : String(error)
      pull.failed = new DockerError(`${image} could not be fetched: ${words}`, 404, { cause: error })
      pull.at = Date.now()
      throw pull.failed
    }
    const pull: { readonly done: Promise<void>; failed?: DockerError; at: number } = {
      done: engine.pull(image).then(() => void pulls.delete(image), failed),
      at: Date.now(),
    }
    pull.done.catch(() => {})
    pulls.set(image, pull)
    return pull
  }

  /** Whether it is there now; adopts one that was made before. */
  async function made(task: Task, name: string): Promise<boolean> {
    const wanted = containerOf(task, settings, door)
    try {
      await engine.create(name, wanted)
      return true
    } catch (error) {
      if (!(error instanceof DockerError) || error.status === undefined) throw error
      if (isMissing(error) && settings.pull === 'missing') {
        if (!(await fetched(wanted.Image))) return false
        await engine.create(name, wanted)
        return true
      }
      // Engines do not agree on how to say that the name is taken.
      const found = await engine.inspect(name)
      if (found === undefined) throw error
      if (isFor(found.Config.Labels, task)) return true
      throw new DockerError(`a container ${name} is there that was not made for this request: remove it`, 409)
    }
  }

  /** Gives a container that is there its credential, and starts it. Twice does no harm. */
  async function begin(task: Task, name: string): Promise<void> {
    await engine.put(name, PLACES.credential, tarOf(CREDENTIAL, sign(task.id, task.attempt)))
    await engine.start(name)
  }

  async function launch(task: Task): Promise<void> {
    const name = containerName(settings.prefix, task.id, task.attempt)
    const since = refusals.get(name)?.since ?? Date.now()
    try {
      if (!(await made(task, name))) {
        refusals.set(name, { since, why: 'its image is being fetched', cause: 'image', fetching: true })
        return
      }
      const found = await engine.inspect(name)
      // What runs already, or has run, was begun by another process of ours.
      if (found !== undefined && runOf(found, undefined, Infinity).is === 'waiting') await begin(task, name)
      refusals.delete(name)
    } catch (error) {
      if (!(error instanceof DockerError) || error.status === undefined) throw error
      const cause = isMissing(error) ? 'image' : 'rejected-by-cluster'
      refusals.set(name, { since, why: error.message, cause, fetching: false })
      log.warn({ event: 'refused', task: task.id, attempt: task.attempt, err: error }, `${name} could not be started`)
    }
  }

  return {
    launch,
    /** What is true of an attempt that the engine has not made or started so far; undefined where it has. */
    refused({ id, attempt }: Task): Run | undefined {
      const refusal = refusals.get(containerName(settings.prefix, id, attempt))
      if (refusal === undefined) return undefined
      const { since, why, cause, fetching } = refusal
      if (fetching || Date.now() - since < settings.pendingLimit * 1000) return { is: 'waiting', why }
      return { is: 'ended', exit: undefined, cause, infrastructure: false, why }
    },
    forget: (name: string): void => void refusals.delete(name),
  }
}
