/** The calls that a runner makes in its namespace; permissions.ts names the verbs behind them. */

import type { Client } from './client.ts'
import { isProblem, KubernetesError } from './failure.ts'
import { CONTAINER } from './job.ts'
import { SELECTOR } from './labels.ts'
import type { Event, Job, ListOf, Secret } from './wire.ts'

export type Namespace = ReturnType<typeof openNamespace>
export type Kind = 'jobs' | 'pods'
export type Listed<T> = { readonly items: readonly T[]; readonly version: string }
/** One line of a watch. An ERROR's object is a Status. */
type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: {
    readonly metadata?: { readonly resourceVersion?: string }
    readonly code?: number
    readonly message?: string
  }
}

/** Large lists are read in pages, so that they are never in memory as a whole. */
const PAGE = 500
/** Of a log that never reached the door: more than any complaint at the start needs. */
const LOG_BYTES = 64 * 1024

export function openNamespace(client: Client, namespace: string) {
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const core = `/api/v1/namespaces/${namespace}`
  const paths: Readonly<Record<Kind, string>> = { jobs, pods: `${core}/pods` }

  return {
    name: namespace,
    now: () => client.now(),
    /** Everything of ours, `keep` applied page by page. */
    async list<Raw, Kept>(kind: Kind, keep: (object: Raw) => Kept, signal?: AbortSignal): Promise<Listed<Kept>> {
      const items: Kept[] = []
      for (let next: string | undefined; ; ) {
        const query = { labelSelector: SELECTOR, limit: PAGE, continue: next }
        const page = await client.call<ListOf<Raw>>('GET', paths[kind], { query, ...(signal && { signal }) })
        for (const object of page.items) items.push(keep(object))
        next = page.metadata?.continue
        if (next === undefined || next === '') return { items, version: page.metadata?.resourceVersion ?? '' }
      }
    },
    async *watch(
      kind: Kind,
      version: string,
      times: { readonly watch: number; readonly silence: number },
      signal: AbortSignal,
    ): AsyncIterable<WatchEvent> {
      const query = {
        labelSelector: SELECTOR,
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: version,
        timeoutSeconds: Math.ceil(times.watch / 1000),
      }
      for await (const line of client.lines(paths[kind], query, { signal, silence: times.silence })) {
        yield parse(line)
      }
    },
    async job(name: string): Promise<Job | undefined> {
      return client.call<Job>('GET', `${jobs}/${name}`).catch((error: unknown) => {
        if (isProblem(error, 'not-found')) return undefined
        throw error
      })
    },
    createJob: (job: Job): Promise<Job> => client.call<Job>('POST', jobs, { body: job }),
    /** The pod gets its grace period; a Job that is gone already is fine. */
    async deleteJob(name: string): Promise<void> {
      const query = { propagationPolicy: 'Background' }
      await client.call('DELETE', `${jobs}/${name}`, { query }).catch(unlessGone)
    },
    createSecret: (secret: Secret): Promise<Secret> => client.call<Secret>('POST', `${core}/secrets`, { body: secret }),
    async deleteSecret(name: string): Promise<void> {
      await client.call('DELETE', `${core}/secrets/${name}`).catch(unlessGone)
    },
    log: (pod: string): Promise<Uint8Array> =>
      client.text(`${core}/pods/${pod}/log`, { container: CONTAINER, limitBytes: LOG_BYTES }),
    /** Why a Job gets no pod, in the words of its newest such event. */
    async failedCreate(job: string): Promise<string | undefined> {
      const fieldSelector = `involvedObject.kind=Job,involvedObject.name=${job},reason=FailedCreate`
      const { items } = await client.call<ListOf<Event>>('GET', `${core}/events`, { query: { fieldSelector } })
      const time = ({ lastTimestamp, eventTime, metadata }: Event): string =>
        lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? ''
      return [...items].sort((a, b) => time(a).localeCompare(time(b))).at(-1)?.message
    },
    async may(verb: string, group: string, resource: string, subresource?: string): Promise<boolean> {
      const attributes = { namespace, verb, group, resource, ...(subresource && { subresource }) }
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: attributes },
      }
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
      const { status } = await client.call<{ status?: { allowed?: boolean } }>('POST', path, { body })
      return status?.allowed === true
    },
  }
}

function unlessGone(error: unknown): void {
  if (!isProblem(error, 'not-found')) throw error
}

function parse(line: string): WatchEvent {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new KubernetesError('later', 'a watch brought a line that is not JSON', { cause })
  }
}
