/** Where agents run, as the configuration says. */

import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import type { Config } from '../config.ts'
import { connectEngine } from '../docker/engine.ts'
import { createDockerRunner } from '../docker/runner.ts'
import type { DockerSettings } from '../docker/settings.ts'
import { sign } from '../door/credential.ts'
import { maskText } from '../door/mask.ts'
import { valuesOf } from '../door/secretValues.ts'
import { createClient } from '../kubernetes/client.ts'
import { openNamespace } from '../kubernetes/namespace.ts'
import { PACE } from '../kubernetes/pace.ts'
import { missingPermissions } from '../kubernetes/permissions.ts'
import { createKubernetesRunner } from '../kubernetes/runner.ts'
import type { KubernetesSettings } from '../kubernetes/settings.ts'
import { createLocalRunner, localTasks } from '../local/runner.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { createLogbook } from '../redis/logbook.ts'
import type { createMasks } from '../redis/masks.ts'
import type { Runner } from '../tasks/runner.ts'
import type { Task } from '../tasks/task.ts'
import { StartError } from './startError.ts'
import type { Vitals } from './vitals.ts'

type Masks = ReturnType<typeof createMasks>

export type Runs = AsyncDisposable & {
  readonly runner: Runner
  /** The tasks whose runs are there, for a Redis that was emptied. */
  tasks(): Promise<readonly Task[]>
}

/** Where the local runner keeps its runs. */
export function runsFolder({ data }: Config): string {
  return join(data, 'runs')
}

/** The longest that an attempt's steps may take, in milliseconds, with a margin for the push of an interrupted run. */
export function attemptTime({ limits }: Config): number {
  return (limits.clone + limits.setup + limits.agent + 2 * limits.push) * 1000
}

export async function openRuns(
  config: Config,
  log: Logger,
  logbook: ReturnType<typeof createLogbook>,
  masks: Masks,
  vitals: Vitals,
): Promise<Runs> {
  switch (config.runner) {
    case 'local': {
      const runner = createLocalRunner({
        folder: runsFolder(config),
        door: config.doorUrl,
        environment: config.passedOn,
        sign: (task, attempt) => sign(config.key(), task, attempt),
        grace: config.pace.grace * 1000,
      })
      return { runner, tasks: () => localTasks(runsFolder(config)), [Symbol.asyncDispose]: async () => {} }
    }
    case 'docker':
      return openEngine(config, log, leftLogOf(config, log, logbook, masks), vitals)
    case 'kubernetes':
      return openCluster(config, log, leftLogOf(config, log, logbook, masks), vitals)
  }
}

type LeftLog = (task: Task, bytes: Uint8Array) => Promise<void>

/** Keeps, masked, what a container said that never reached the door. */
function leftLogOf(config: Config, log: Logger, logbook: ReturnType<typeof createLogbook>, masks: Masks): LeftLog {
  return async (task, bytes) => {
    const named = await valuesOf({ task: task.id, attempt: task.attempt }, { key: config.key(), masks })
    const text = Buffer.from(maskText(Buffer.from(bytes).toString(), [...config.secrets(), ...named]))
    const first = await logbook.append(task.id, task.attempt, 0, bytes.length, text)
    // The run did reach the door: then its log is there already.
    if (!first.ok && first.offset === 0) log.warn({ event: 'left-log', task: task.id }, 'its log was not kept')
  }
}

async function openEngine(config: Config, log: Logger, leftLog: LeftLog, { depend }: Vitals): Promise<Runs> {
  const settings = dockerOf(config)
  const engine = connectEngine(settings.socket)
  await engine.ping().catch((error: unknown) => {
    // It may be started after us.
    log.error({ event: 'engine-away', err: error }, 'Docker cannot be reached yet')
  })
  const runner = createDockerRunner({
    engine,
    settings,
    door: config.doorUrl,
    sign: (task, attempt) => sign(config.key(), task, attempt),
    deadline: attemptTime(config),
    grace: config.pace.grace * 1000,
    log,
    leftLog,
  })
  depend({
    name: 'docker',
    needed: false,
    async ask() {
      await engine.ping()
      return undefined
    },
  })
  return {
    runner,
    tasks: () => runner.listTasks(),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}

async function openCluster(config: Config, log: Logger, leftLog: LeftLog, { metrics, depend }: Vitals): Promise<Runs> {
  await using stack = new AsyncDisposableStack()
  const settings = kubernetesOf(config)
  const { client, namespace } = connectCluster(settings, metrics)
  stack.use(client)
  const missing = await missingPermissions(openNamespace(client, namespace)).catch((error: unknown) => {
    // A cluster that is away now comes back; a missing right does not come by itself.
    log.error({ event: 'cluster-away', err: error }, 'the cluster cannot be reached yet')
    return []
  })
  if (missing.length > 0) throw new StartError(missing.join('\n'))
  const runner = stack.use(
    createKubernetesRunner({
      client,
      namespace,
      settings,
      door: config.doorUrl,
      sign: (task, attempt) => sign(config.key(), task, attempt),
      times: {
        deadline: attemptTime(config),
        pendingLimit: settings.pendingLimit * 1000,
        grace: config.pace.grace * 1000,
      },
      pace: { ...PACE, sweep: config.pace.sweep * 1000 },
      log,
      leftLog,
    }),
  )
  metrics.beforeReading(async () => metrics.watchIs((Date.now() - runner.heardAt()) / 1000))
  depend({ name: 'cluster', needed: false, ask: async () => runner.problem() })
  const parts = stack.move()
  return { runner, tasks: () => runner.listTasks(), [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

export function dockerOf({ docker }: Pick<Config, 'docker'>): DockerSettings {
  if (docker === undefined) throw new Error('config.ts lets no engine through without its settings')
  return docker
}

export function kubernetesOf({ kubernetes }: Config): KubernetesSettings {
  if (kubernetes === undefined) throw new Error('config.ts lets no cluster through without its settings')
  return kubernetes
}

/** The kubeconfig that is named, or KUBECONFIG, or the person's own, or the service account of our pod. */
export function connectCluster(settings: KubernetesSettings, metrics?: Metrics) {
  const kubeconfig = new KubeConfig()
  try {
    if (settings.kubeconfig === undefined) kubeconfig.loadFromDefault()
    else kubeconfig.loadFromFile(settings.kubeconfig)
  } catch (error) {
    throw new StartError(`kubernetes.kubeconfig: ${error instanceof Error ? error.message : String(error)}`)
  }
  const context = kubeconfig.getContextObject(kubeconfig.getCurrentContext())
  const namespace = settings.namespace ?? context?.namespace ?? 'default'
  return {
    client: createClient(kubeconfig, PACE, metrics?.calledCluster),
    namespace,
    server: kubeconfig.getCurrentCluster()?.server ?? '',
  }
}
