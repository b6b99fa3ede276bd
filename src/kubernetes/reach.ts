/**
 * What a run's pod can reach: a Job like every other, labelled, walled in and configured the same, whose container runs a program of
 * ours instead of the entrypoint, and tells in its log.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { secretOf } from './job.ts'
import { ownerOf } from './labels.ts'
import type { Namespace } from './namespace.ts'
import type { Job, Pod } from './wire.ts'

/**
 * `connect`: a TCP connection, to `host:port`. `get`: an HTTP request, by the pod's own settings for proxies and CAs; an answer that may
 * be a proxy's refusal (403, 407, 5xx) is none of whom we asked.
 */
export type Target =
  | { readonly name: string; readonly connect: string }
  | { readonly name: string; readonly get: string }

/** `why` it was not reached. */
export type Reached = { readonly name: string; readonly reached: boolean; readonly why: string }

const reachedSchema = z.array(z.object({ name: z.string(), reached: z.boolean(), why: z.string() }))

/** Before what the pod tells, on a line of its log. */
const MARK = 'errand-reach '

/** Where the pod's own API server is: the kubelet fills this in, in what a container is told to run. */
export const API_SERVER = '$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)'

/** The program, for Node in the pod: it must need nothing from around it. */
async function program(targets: readonly Target[]): Promise<void> {
  // Not imported: whatever translates this file would translate that, too.
  const { connect } = process.getBuiltinModule('node:net')
  const reach = async (target: Target): Promise<string> => {
    if ('get' in target) {
      return fetch(target.get, { redirect: 'manual', signal: AbortSignal.timeout(10_000) }).then(
        ({ status }) => (status === 403 || status === 407 || status >= 500 ? `it is answered ${status}` : ''),
        (error: Error) => (error.cause instanceof Error ? error.cause.message : error.message),
      )
    }
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(target.connect) ?? []
    if (host === '') return 'no address'
    return new Promise((done) => {
      const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port: Number(port), timeout: 4000 })
      const end = (why: string) => {
        socket.destroy()
        done(why)
      }
      socket.once('connect', () => end(''))
      socket.once('timeout', () => end('no answer'))
      socket.once('error', (error) => end(error.message))
    })
  }
  const told = await Promise.all(
    targets.map(async (target) => {
      const why = await reach(target)
      return { name: target.name, reached: why === '', why }
    }),
  )
  console.log(`errand-reach ${JSON.stringify(told)}`)
}

/** Undefined where the pod told nothing within `patience` milliseconds; then `why`. */
export async function reachFrom(
  namespace: Namespace,
  job: Job,
  targets: readonly Target[],
  patience: number,
): Promise<readonly Reached[] | { readonly why: string }> {
  const name = job.metadata?.name ?? ''
  const created = await namespace.createJob(withProgram(job, targets))
  try {
    await namespace.createSecret(secretOf(created, 'none'))
    const owner = ownerOf(job)
    const end = Date.now() + patience
    for (let why = 'no pod came'; ; await sleep(500)) {
      const { items } = await namespace.list<Pod, Pod>('pods', (pod) => pod)
      const pod = items.find((one) => ownerOf(one)?.task === owner?.task)
      const phase = pod?.status?.phase
      if (pod !== undefined) why = `its pod is ${phase ?? 'not there'}`
      if (phase === 'Succeeded' || phase === 'Failed')
        return read(Buffer.from(await namespace.log(pod?.metadata?.name ?? '')))
      if (Date.now() > end) return { why: `after ${Math.round(patience / 1000)} s: ${why}` }
    }
  } finally {
    await namespace.deleteJob(name)
  }
}

function withProgram(job: Job, targets: readonly Target[]): Job {
  const given = structuredClone(job)
  const [container] = given.spec?.template.spec?.containers ?? []
  if (container === undefined) throw new Error('a Job has a container')
  container.command = ['node', '--input-type=module', '-e', `await (${program})(${JSON.stringify(targets)})`]
  // Node 24 heeds HTTPS_PROXY by this alone.
  container.env = [...(container.env ?? []), { name: 'NODE_USE_ENV_PROXY', value: '1' }]
  // No run of anybody's, to be taken up by who finds it.
  if (given.metadata !== undefined) given.metadata.annotations = {}
  return given
}

function read(log: Buffer): readonly Reached[] | { readonly why: string } {
  const line = log
    .toString()
    .split('\n')
    .find((one) => one.startsWith(MARK))
  if (line === undefined) return { why: `it said: ${log.toString().trim().slice(-300)}` }
  return reachedSchema.parse(JSON.parse(line.slice(MARK.length)))
}
