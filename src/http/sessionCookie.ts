/** What a browser keeps of a login: an id, and our signature of it. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { parseCookie, stringifySetCookie } from 'cookie'

export type Cookies = ReturnType<typeof createCookies>

/** `session` of who is logged in; `begun` of who has gone to GitLab for it. */
export type Kind = 'session' | 'begun'

const NAMES: Readonly<Record<Kind, string>> = { session: 'errand', begun: 'errand-login' }
/** Seconds; the server's own time is what counts. */
const LIVES: Readonly<Record<Kind, number>> = { session: 8 * 3600, begun: 600 }

/**
 * The signature is made with ERRAND_KEY: who can write to Redis, or to this browser's cookies, makes no login of it, and a new key ends
 * them all. On https the name begins with `__Host-`, so that no other host can set it (RFC 6265bis, 4.1.3.2).
 */
export function createCookies(ownUrl: string, key: () => string) {
  const secure = ownUrl.startsWith('https:')
  const nameOf = (kind: Kind) => (secure ? `__Host-${NAMES[kind]}` : NAMES[kind])
  const sign = (kind: Kind, id: string) => createHmac('sha256', key()).update(`cookie\n${kind}\n${id}`).digest()
  const header = (kind: Kind, value: string, maxAge: number) =>
    stringifySetCookie({ name: nameOf(kind), value, maxAge, path: '/', httpOnly: true, sameSite: 'lax', secure })
  return {
    /** The `Set-Cookie` that makes the browser keep the id. */
    keep: (kind: Kind, id: string): string =>
      header(kind, `${id}.${sign(kind, id).toString('base64url')}`, LIVES[kind]),
    forget: (kind: Kind): string => header(kind, '', 0),
    /** The id, if the signature is ours. */
    read: (kind: Kind, { cookie = '' }: IncomingHttpHeaders): string | undefined => {
      const [id, given, ...more] = (parseCookie(cookie)[nameOf(kind)] ?? '').split('.')
      if (!id || given === undefined || more.length > 0) return undefined
      const [wanted, has] = [sign(kind, id), Buffer.from(given, 'base64url')]
      return has.length === wanted.length && timingSafeEqual(has, wanted) ? id : undefined
    },
  }
}
