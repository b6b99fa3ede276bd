/** Whether a namespace's quotas let our runs in. Pure. https://kubernetes.io/docs/concepts/policy/resource-quotas/ */

import type { Job } from './wire.ts'

export type Quota = {
  readonly metadata?: { readonly name?: string }
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>>
    readonly used?: Readonly<Record<string, string>>
  }
}

export type Room = {
  /** How many more runs there is room for; undefined where no quota counts what a run takes. */
  readonly runs: number | undefined
  /** The quota and the resource that is used up first. */
  readonly by?: string
  /** What quotas want every pod to name, and ours does not: all are refused. */
  readonly unnamed: readonly string[]
}

export function roomFor(job: Job, quotas: readonly Quota[]): Room {
  const needs = needsOf(job)
  const unnamed = new Set<string>()
  let first: { readonly runs: number; readonly by: string } | undefined
  for (const { metadata, status } of quotas) {
    for (const [resource, hard] of Object.entries(status?.hard ?? {})) {
      const need = needs.get(resource)
      if (need === undefined && isOfPods(resource)) unnamed.add(resource)
      if (need === undefined || need === 0) continue
      const left = amountOf(hard) - amountOf(status?.used?.[resource] ?? '0')
      const runs = Math.max(0, Math.floor(left / need))
      if (first === undefined || runs < first.runs) first = { runs, by: `${metadata?.name ?? 'a quota'}: ${resource}` }
    }
  }
  return { runs: first?.runs, ...(first === undefined ? {} : { by: first.by }), unnamed: [...unnamed] }
}

/** What one run counts for, by the names that quotas use. */
function needsOf(job: Job): ReadonlyMap<string, number> {
  const { requests = {}, limits = {} } = job.spec?.template.spec?.containers[0]?.resources ?? {}
  const needs = new Map<string, number>([
    ['pods', 1],
    ['count/pods', 1],
    ['count/jobs.batch', 1],
    ['secrets', 1],
    ['count/secrets', 1],
  ])
  for (const [name, amount] of Object.entries(requests)) {
    needs.set(`requests.${name}`, amountOf(amount))
    needs.set(name, amountOf(amount))
  }
  for (const [name, amount] of Object.entries(limits)) needs.set(`limits.${name}`, amountOf(amount))
  return needs
}

/** A quota of these wants every pod to say how much it needs. */
function isOfPods(resource: string): boolean {
  return /^((requests|limits)\.)?(cpu|memory|ephemeral-storage)$/.test(resource)
}

const UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
}

/** `500m` → 0.5, `4Gi` → 4294967296. */
export function amountOf(quantity: string): number {
  const [, number = '', unit = ''] = /^(-?[\d.]+(?:[eE][+-]?\d+)?)(\w*)$/.exec(quantity) ?? []
  return Number(number) * (UNITS[unit] ?? 1)
}
