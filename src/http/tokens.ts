/** Programs show who they are with a token of GitLab's. */

import type { IncomingHttpHeaders } from 'node:http'
import type { Person } from '../tasks/task.ts'
import type { Caller, Denied } from './apiNeeds.ts'

/** Whose token it is. `why`: what GitLab says of it, if anything. */
export type TokenOwner =
  | { readonly is: 'known'; readonly person: Person; readonly mayWrite: boolean }
  | { readonly is: 'unknown' | 'blocked' | 'scope'; readonly why: string }

/** The token that a request carries, in either of the places that GitLab's own API looks in. */
export function tokenIn(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['private-token']
  if (own !== undefined) return String(own)
  return /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** What is said of a token names it by what it may, and never by itself. */
export function callerOf(owner: TokenOwner): Caller | Denied {
  switch (owner.is) {
    case 'known':
      return { person: owner.person, browser: false, mayWrite: owner.mayWrite }
    case 'unknown':
      return {
        status: 401,
        detail: `GitLab does not accept this token${said(owner.why)}. Make a new one in GitLab, with the scope read_api, or api to write.`,
      }
    case 'blocked':
      return {
        status: 401,
        detail: `GitLab refuses the account of this token${said(owner.why)}. Ask your GitLab administrator.`,
      }
    case 'scope':
      return {
        status: 403,
        detail: 'This token does not read the API: make one in GitLab with the scope read_api, or api to write.',
      }
  }
}

function said(why: string): string {
  return why === '' ? '' : ` (${why.replace(/[.\s]+$/, '')})`
}
