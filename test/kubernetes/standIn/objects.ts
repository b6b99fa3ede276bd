/** The stand-in's etcd: objects with resource versions, their history for watches, and its compaction. */

import { randomUUID } from 'node:crypto'

export type Kind = 'jobs' | 'pods' | 'secrets' | 'events'

export type Stored = {
  metadata: {
    name: string
    uid: string
    resourceVersion: string
    creationTimestamp: string
    deletionTimestamp?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: { uid: string }[]
  }
  [field: string]: unknown
}

export type Change = { readonly version: number; readonly kind: Kind; readonly type: string; readonly object: Stored }

export class StatusError extends Error {
  readonly code: number
  readonly reason: string
  constructor(code: number, reason: string, message: string) {
    super(message)
    this.code = code
    this.reason = reason
  }
}

export type Objects = ReturnType<typeof createObjects>

export function createObjects() {
  const all: Record<Kind, Map<string, Stored>> = {
    jobs: new Map(),
    pods: new Map(),
    secrets: new Map(),
    events: new Map(),
  }
  let version = 1000
  let compactedTo = 0
  const history: Change[] = []
  const followers = new Set<(change: Change) => void>()

  function tell(kind: Kind, type: string, object: Stored): void {
    const change = { version, kind, type, object: structuredClone(object) }
    history.push(change)
    for (const follower of followers) follower(change)
  }

  return {
    version: () => String(version),
    get: (kind: Kind, name: string): Stored | undefined => all[kind].get(name),
    list: (kind: Kind, selector: string): Stored[] =>
      [...all[kind].values()]
        .filter((object) => selects(selector, object))
        .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
    create(kind: Kind, given: { metadata?: Partial<Stored['metadata']>; [field: string]: unknown }): Stored {
      const name = given.metadata?.name ?? ''
      if (all[kind].has(name)) throw new StatusError(409, 'AlreadyExists', `${kind} "${name}" already exists`)
      version++
      const metadata = {
        ...given.metadata,
        name,
        uid: randomUUID(),
        resourceVersion: String(version),
        creationTimestamp: wireTime(Date.now()),
      }
      const object = { ...given, metadata }
      all[kind].set(name, object)
      tell(kind, 'ADDED', object)
      return object
    },
    /** Changes what is there; nothing where it is gone. */
    update(kind: Kind, name: string, change: (object: Stored) => void): void {
      const object = all[kind].get(name)
      if (object === undefined) return
      version++
      const changed = structuredClone(object)
      change(changed)
      changed.metadata.resourceVersion = String(version)
      all[kind].set(name, changed)
      tell(kind, 'MODIFIED', changed)
    },
    remove(kind: Kind, name: string): void {
      const object = all[kind].get(name)
      if (object === undefined) return
      version++
      all[kind].delete(name)
      tell(kind, 'DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } })
    },
    /** Forgets what happened: a watch from before gets 410. */
    compact(): void {
      compactedTo = version
      history.length = 0
    },
    /** What happened after a version, and from now on. */
    follow(from: string, follower: (change: Change) => void): () => void {
      if (Number(from) < compactedTo) {
        throw new StatusError(410, 'Expired', `too old resource version: ${from} (${compactedTo})`)
      }
      for (const change of history) if (change.version > Number(from)) follower(change)
      followers.add(follower)
      return () => followers.delete(follower)
    },
  }
}

/** `a=b,c=d` over labels. */
export function selects(selector: string, { metadata }: Stored): boolean {
  if (selector === '') return true
  return selector.split(',').every((pair) => {
    const [name = '', value] = pair.split('=')
    return metadata.labels?.[name] === value
  })
}

/** Kubernetes writes whole seconds. */
export function wireTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z/, 'Z')
}
