/** The token that we speak with: what it may do, and when it ends. */

import { z } from 'zod'
import { type GitLab, goneIfRefused } from './client.ts'

export type OwnToken = {
  readonly name: string
  readonly scopes: readonly string[]
  /** Milliseconds since 1970; undefined where it never ends. */
  readonly endsAt: number | undefined
}

const DAY = 24 * 3600 * 1000
/** From so many days before its end on, the people of a project read of it. */
const TOLD = 7

const schema = z.object({ name: z.string(), scopes: z.array(z.string()), expires_at: z.iso.date().nullish() })

/** `unknown`: a token of another kind, which does not tell. */
export async function ownToken(gitlab: Pick<GitLab, 'call'>): Promise<OwnToken | 'unknown'> {
  const answer = await goneIfRefused(gitlab.call('GET', 'personal_access_tokens/self'))
  if (answer === 'gone') return 'unknown'
  const { name, scopes, expires_at: expires } = schema.parse(answer.body)
  // It ends when that day begins, in UTC.
  return { name, scopes, endsAt: expires == null ? undefined : Date.parse(expires) }
}

/** Whole days that are left; none of a token that never ends. */
export function daysLeft({ endsAt }: Pick<OwnToken, 'endsAt'>, now: number): number | undefined {
  return endsAt === undefined ? undefined : Math.floor((endsAt - now) / DAY)
}

/** What stands under status comments in the last week, for the Maintainers to see. */
export function endsSoon({ endsAt }: Pick<OwnToken, 'endsAt'>, now: number): string | undefined {
  if (endsAt === undefined || endsAt - now > TOLD * DAY) return undefined
  const day = new Date(endsAt).toISOString().slice(0, 10)
  return `⚠️ My access to GitLab ends on ${day}, and then I answer nobody. Whoever runs me gives me a new token before.`
}
