/** A runner before a stand-in of a cluster, with every wait shrunk. */

import { onTestFinished } from 'vitest'
import { type Client, createClient } from '../../src/kubernetes/client.ts'
import { PACE, type Pace } from '../../src/kubernetes/pace.ts'
import { createKubernetesRunner, type KubernetesRunner } from '../../src/kubernetes/runner.ts'
import { KubernetesSettings } from '../../src/kubernetes/settings.ts'
import { createLogger } from '../../src/log.ts'
import type { Run } from '../../src/tasks/runner.ts'
import type { Task } from '../../src/tasks/task.ts'
import { aTask } from '../tasks/aTask.ts'
import { type Cluster, openCluster, type Script } from './standIn/cluster.ts'

export const QUICK: Pace = {
  ...PACE,
  call: 500,
  backoff: [20, 200],
  watch: 60_000,
  silence: 2_000,
  sweep: 150,
  settle: 50,
  ready: 5_000,
  image: 200,
  slack: 500,
  podless: 50,
}

const SETTINGS = KubernetesSettings.parse({ image: 'registry.example.com/runtime:1' })
export const TIMES = { deadline: 3_600_000, pendingLimit: 900_000, grace: 120_000 }

export type World = {
  readonly cluster: Cluster
  readonly client: Client
  readonly runner: KubernetesRunner
  /** What was left of pods that never reached the door, by task. */
  readonly left: Map<string, string>
  /** Looks until the run is as wanted; the run. */
  until(task: Task, is: Run['is']): Promise<Run>
  /** Another process of ours: its own connections, its own copy. */
  another(): KubernetesRunner
}

type Wish = {
  pace?: Partial<Pace>
  times?: Partial<typeof TIMES>
  protocols?: string[]
  door?: string
  credential?: string
}

export async function aWorld(script: Script, wish: Wish = {}): Promise<World> {
  const cluster = await openCluster(script, wish.protocols)
  onTestFinished(() => cluster[Symbol.asyncDispose]())
  const pace = { ...QUICK, ...wish.pace }
  const left = new Map<string, string>()
  const open = (): { client: Client; runner: KubernetesRunner } => {
    const client = createClient(cluster.server.config(), pace)
    const runner = createKubernetesRunner({
      client,
      namespace: 'runs',
      settings: SETTINGS,
      door: wish.door ?? 'http://door.example.com',
      sign: (task, attempt) => wish.credential ?? `credential of ${task} ${attempt}`,
      times: { ...TIMES, ...wish.times },
      pace,
      log: createLogger('silent'),
      leftLog: async (task, bytes) => void left.set(task.id, Buffer.from(bytes).toString()),
    })
    onTestFinished(async () => {
      await runner[Symbol.asyncDispose]()
      await client[Symbol.asyncDispose]()
    })
    return { client, runner }
  }
  const { client, runner } = open()
  return {
    cluster,
    client,
    runner,
    left,
    another: () => open().runner,
    async until(task, is) {
      for (;;) {
        const run = await runner.see(task)
        if (run.is === is) return run
        await new Promise((soon) => setTimeout(soon, 10))
      }
    },
  }
}

/** A task whose first attempt is recorded. */
export function recorded(note: number, changes: Partial<Task> = {}): Task {
  const at = Date.now()
  const thread = { ...aTask().thread, note }
  return aTask({ id: `42-n${note}`, thread, state: 'starting', since: at, attempt: 1, attemptAt: at, ...changes })
}

/** Waits until it is true; the test's own time limit ends it. */
export async function eventually(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((soon) => setTimeout(soon, 5))
}
