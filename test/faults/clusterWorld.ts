/** The whole program before a stand-in of a cluster, whose pods work for a while and leave an outcome at the door. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../../runtime/protocol.ts'
import { startWorld } from '../conversations/world.ts'
import { openCluster, type Script } from '../kubernetes/standIn/cluster.ts'
import { runningStatus, terminatedStatus } from '../kubernetes/standIn/scripts.ts'

const OUTCOME: Outcome = { protocol: 1, result: 'unchanged', answer: 'Nothing to do.', warnings: [], took: {} }

type Options = {
  /** Milliseconds that a pod works. */
  readonly works: number
  readonly config?: Record<string, unknown>
  /** Told when a pod of a project begins and ends. */
  readonly watched?: (project: string, change: 1 | -1) => void
  readonly mayFail?: RegExp
}

export async function startClusterWorld({ works, config = {}, watched, mayFail }: Options) {
  await using stack = new AsyncDisposableStack()
  const door = { url: '' }
  const script: Script = async (actor) => {
    const project = actor.job.metadata?.labels?.['errand/project'] ?? ''
    watched?.(project, 1)
    actor.show(runningStatus())
    const headers = { authorization: `Bearer ${await actor.credential()}`, 'content-type': 'application/json' }
    await sleep(works, undefined, { signal: actor.asked }).catch(() => {})
    const left = await fetch(`${door.url}/v1/outcome`, { method: 'PUT', headers, body: JSON.stringify(OUTCOME) })
    watched?.(project, -1)
    actor.show(terminatedStatus({ exitCode: left.ok ? 0 : 20 }))
  }
  const cluster = stack.use(await openCluster(script))
  const folder = await mkdtemp(join(tmpdir(), 'errand-cluster-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, cluster.server.config().exportConfig())
  const kubernetes = { image: 'registry.example.com/runtime:1', namespace: 'runs', kubeconfig }
  const world = stack.use(
    await startWorld({
      environment: { ERRAND_RUNNER: 'kubernetes' },
      config: { kubernetes, ...config },
      ...(mayFail === undefined ? {} : { mayFail }),
    }),
  )
  door.url = world.config.doorUrl
  const parts = stack.move()
  return { world, cluster, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}
