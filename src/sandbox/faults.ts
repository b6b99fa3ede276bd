import { z } from 'zod'

const Rule = z.strictObject({
  delayMs: z.number().int().min(0).default(0).describe('every matching call waits so long before it is looked at'),
  failEvery: z.number().int().min(0).default(0).describe('every n-th matching call fails; 1: all, 0: none'),
  times: z.number().int().min(0).optional().describe('at most so many failures'),
  status: z.union([z.literal(429), z.literal(500), z.literal(502), z.literal(503)]).default(500),
  rateLimit: z.enum(['json', 'text']).default('json').describe('the shape of a 429'),
  afterCommit: z.boolean().default(false).describe('the work is done, and only the answer fails, with 502'),
  only: z
    .string()
    .refine((text) => isPattern(text), 'is not a regular expression')
    .optional()
    .describe('a regular expression over "METHOD /path"'),
})

const Share = z.number().min(0).max(1).default(0)

const Delivery = z.strictObject({
  drop: Share.describe('the share of deliveries that is never sent, and stands in no log'),
  fail: Share.describe('the share that gets nowhere, and stands in the log as an internal error, to be sent again'),
  late: Share.describe('the share that is kept back until it is released'),
  duplicate: z.number().int().min(0).default(0).describe('so many more copies of each delivery'),
  freshKeys: z.boolean().default(false).describe('copies come with keys of their own, as from a worker run again'),
  reorder: z.boolean().default(false).describe('of two deliveries the second is sent first'),
  delayMs: z.number().int().min(0).default(0),
  timeoutMs: z.number().int().min(1).default(10_000).describe("GitLab's webhook_timeout"),
  autoDisable: z.boolean().default(false).describe('hooks that fail four times in a row are switched off for a while'),
})

const Limits = z.strictObject({
  hookResends: z.number().int().min(0).default(5).describe('a minute, by project and person; 0: no limit'),
  hookTests: z.number().int().min(0).default(5).describe('a minute, by project and person; 0: no limit'),
  notes: z.number().int().min(0).default(0).describe("a minute, by person; GitLab's default is 300. 0: no limit"),
})

/** What shall go wrong, as JSON; whatever is left out does not. */
export const FaultSettings = z.strictObject({
  seed: z.number().int().default(1).describe('of the dice that decide what is dropped'),
  delivery: Delivery.prefault({}),
  api: Rule.prefault({}),
  git: Rule.prefault({}),
  limits: Limits.prefault({}),
})

/** What shall go wrong. Fields may be set at any time. */
export type Faults = z.infer<typeof FaultSettings>

/** Settings of the faults of one kind of call. */
export type FaultRule = Faults['api']

/** How one call shall fail. */
export type Failure = {
  readonly status: 429 | 500 | 502 | 503
  readonly shape: 'json' | 'text'
  readonly afterCommit: boolean
}

/** Counts the calls that a rule matches, anew whenever a rule is set or changed. */
export function faultCounter(): (rule: FaultRule, call: string) => { delayMs: number; failure: Failure | undefined } {
  const changed = changeDetector()
  let seen = 0
  let failed = 0
  return (rule, call) => {
    if (changed(rule)) [seen, failed] = [0, 0]
    if (rule.only !== undefined && !new RegExp(rule.only).test(call)) return { delayMs: 0, failure: undefined }
    seen += 1
    const fails = rule.failEvery > 0 && seen % rule.failEvery === 0 && failed < (rule.times ?? Number.POSITIVE_INFINITY)
    if (!fails) return { delayMs: rule.delayMs, failure: undefined }
    failed += 1
    const failure = { status: rule.status, shape: rule.rateLimit, afterCommit: rule.afterCommit }
    return { delayMs: rule.delayMs, failure }
  }
}

/** Dice between 0 and 1 that fall the same way for the same seed (mulberry32), from the start whenever the settings change. */
export function dice(): (faults: Faults) => number {
  const changed = changeDetector()
  let state = 0
  return ({ seed, delivery }) => {
    if (changed(delivery)) state = seed
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Settings change by being replaced, also by equal ones, or in their fields. */
function changeDetector(): (settings: object) => boolean {
  let known: object | undefined
  let text = ''
  return (settings) => {
    const same = settings === known && JSON.stringify(settings) === text
    known = settings
    text = JSON.stringify(settings)
    return !same
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}
