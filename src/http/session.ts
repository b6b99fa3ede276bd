/** Who makes a request: by a token of GitLab's, by a login, or where nobody logs in, the person everybody acts as. */

import type { IncomingMessage } from 'node:http'
import type { Person } from '../tasks/task.ts'
import type { Caller, Denied } from './apiNeeds.ts'
import type { Cookies } from './sessionCookie.ts'
import { callerOf, type TokenOwner, tokenIn } from './tokens.ts'

export type SessionNeeds = {
  readonly cookies: Cookies
  readonly logins: {
    find(id: string): Promise<Person | undefined>
    endAll(person: Person): Promise<unknown>
  }
  /** Whose token it is, by GitLab; GitLab away is thrown. */
  whoIs(token: string): Promise<TokenOwner>
  /** Whether GitLab lets the person in, now or a minute ago; GitLab away is thrown. */
  isActive(personId: number): Promise<boolean>
  /** How people log in, and whom everybody acts as where nobody does; `unknown`: GitLab has no such user. */
  readonly login: 'gitlab' | 'tokens' | { acting(): Promise<Person | 'unknown'>; readonly actsAs: string }
}

/** Redis or GitLab away is thrown. */
export function createAuthenticate({ cookies, logins, whoIs, isActive, login }: SessionNeeds) {
  return async ({ headers }: Pick<IncomingMessage, 'headers'>): Promise<Caller | Denied> => {
    const token = tokenIn(headers)
    if (token !== undefined) return callerOf(await whoIs(token))
    if (typeof login === 'object') {
      const person = await login.acting()
      if (person !== 'unknown') return { person, browser: true, mayWrite: true }
      return {
        status: 403,
        detail: `login.actAs names ${login.actsAs}, whom GitLab does not know: show this to your Errand operator.`,
      }
    }
    const id = login === 'gitlab' ? cookies.read('session', headers) : undefined
    const person = id === undefined ? undefined : await logins.find(id)
    if (person === undefined) return { status: 401, detail: NOBODY[login] }
    if (await isActive(person.id)) return { person, browser: true, mayWrite: true }
    await logins.endAll(person)
    return { status: 403, detail: `GitLab says that @${person.username} is not active. Ask your GitLab administrator.` }
  }
}

const NOBODY = {
  gitlab: 'Nobody is logged in. Log in at /login, or send a GitLab token in the header PRIVATE-TOKEN.',
  tokens:
    'Send a GitLab token in the header PRIVATE-TOKEN or as Authorization: Bearer; its scope is read_api, or api to write.',
}
