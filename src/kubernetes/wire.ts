/** Kubernetes' objects as they come over the wire, in a watch and in an answer alike: the library's types, with times as text. */

import type { CoreV1Event, V1Job, V1Pod, V1Secret } from '@kubernetes/client-node'

type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T

export type Job = Wire<V1Job>
export type Pod = Wire<V1Pod>
export type Secret = Wire<V1Secret>
export type Event = Wire<CoreV1Event>

export type ListOf<T> = {
  readonly items: readonly T[]
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
}

/** Milliseconds since 1970 of a time on the wire, or undefined where there is none. */
export function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
