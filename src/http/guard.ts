/**
 * Where a request comes from. Who acts without a login is proven by being on this machine, and who has one by a cookie; so a page
 * elsewhere must not get at us through a browser: neither under a name of its own that resolves to us (Host), nor across origins.
 */

import type { IncomingMessage } from 'node:http'
import type { NextFunction, Request, Response } from 'express'

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/

type Refuse = (request: Request, response: Response, status: number, why: string) => void

/** 421 for requests under a name that is not ours, 403 for those that another site's page made. */
export function guard(ownUrl: string, refuse: Refuse) {
  const own = new URL(ownUrl).host
  return (request: Request, response: Response, next: NextFunction): void => {
    const { host = '' } = request.headers
    if (host !== own && !LOOPBACK.test(host)) refuse(request, response, 421, `This Errand answers as ${own} only.`)
    else if (originOf(request, ownUrl) === 'foreign')
      refuse(request, response, 403, 'Requests from other sites are refused.')
    else next()
  }
}

/**
 * Whether our own page made a request: `own` or `foreign` by what the browser says of it in headers that no page can set, `unsaid` where
 * nothing is said, as by programs (T16). Call it behind `guard`, which has proven the Host.
 */
export function originOf({ headers }: Pick<IncomingMessage, 'headers'>, ownUrl: string): 'own' | 'foreign' | 'unsaid' {
  const { origin, host = '', 'sec-fetch-site': site } = headers
  // A form's origin is "null" where pages tell no referrer, as ours do.
  if (origin === undefined || (origin === 'null' && site === 'same-origin')) {
    // A link elsewhere leads here with `cross-site`: it may be followed, and changes nothing.
    return site === 'same-origin' || site === 'none' ? 'own' : 'unsaid'
  }
  if (origin === new URL(ownUrl).origin) return 'own'
  // On this machine we have more names than one.
  return LOOPBACK.test(host) && origin === `http://${host}` ? 'own' : 'foreign'
}
