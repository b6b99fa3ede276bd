/** Where agents run, as the configuration says. */

import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import type { Config } from '../config.ts'
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
import type { createLogbook } from '../redis/logbook.ts'
import type { createMasks } from '../redis/masks.ts'
import type { Runner } from '../tasks/runner.ts'
import type { Task } from '../tasks/task.ts'
import { StartError } from './startError.ts'

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
    case 'kubernetes':
      return openCluster(config, log, logbook, masks)
  }
}

async function openCluster(
  config: Config,
  log: Logger,
  logbook: ReturnType<typeof createLogbook>,
  masks: Masks,
): Promise<Runs> {
  await using stack = new AsyncDisposableStack()
  const settings = kubernetesOf(config)
  const { client, namespace } = connectCluster(settings)
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
      async leftLog(task, bytes) {
        const named = await valuesOf({ task: task.id, attempt: task.attempt }, { key: config.key(), masks })
        const text = Buffer.from(maskText(Buffer.from(bytes).toString(), [...config.secrets(), ...named]))
        const first = await logbook.append(task.id, task.attempt, 0, bytes.length, text)
        // The run did reach the door: then its log is there already.
        if (!first.ok && first.offset === 0) log.warn({ event: 'left-log', task: task.id }, 'its log was not kept')
      },
    }),
  )
  const parts = stack.move()
  return { runner, tasks: () => runner.listTasks(), [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

export function kubernetesOf({ kubernetes }: Config): KubernetesSettings {
  if (kubernetes === undefined) throw new Error('config.ts lets no cluster through without its settings')
  return kubernetes
}

/** The kubeconfig that is named, or KUBECONFIG, or the person's own, or the service account of our pod. */
export function connectCluster(settings: KubernetesSettings) {
  const kubeconfig = new KubeConfig()
  try {
    if (settings.kubeconfig === undefined) kubeconfig.loadFromDefault()
    else kubeconfig.loadFromFile(settings.kubeconfig)
  } catch (error) {
    throw new StartError(`kubernetes.kubeconfig: ${error instanceof Error ? error.message : String(error)}`)
  }
  const context = kubeconfig.getContextObject(kubeconfig.getCurrentContext())
  const namespace = settings.namespace ?? context?.namespace ?? 'default'
  return { client: createClient(kubeconfig, PACE), namespace, server: kubeconfig.getCurrentCluster()?.server ?? '' }
}
