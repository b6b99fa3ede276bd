import type { NextFunction, Request, Response } from 'express'

/**
 * Without a login, being on this machine is the only proof there is. A web page in a browser here could reach us too:
 * under a name of its own that resolves to loopback (Host), or across origins (Origin), or with a plain form (content type).
 */
export function guard(ownUrl: string) {
  const own = new URL(ownUrl).host
  const isOurs = (host: string) => host === own || /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)
  return (request: Request, response: Response, next: NextFunction): void => {
    const { host = '', origin } = request.headers
    if (!isOurs(host)) {
      response.status(421).type('text').send(`This Errand answers as ${own} only.\n`)
    } else if (origin !== undefined && !isOurs(origin.replace(/^https?:\/\//, ''))) {
      response.status(403).type('text').send('Requests from other sites are refused.\n')
    } else if (request.method !== 'GET' && request.method !== 'HEAD' && request.is('application/json') === false) {
      response.status(415).type('text').send('Send application/json.\n')
    } else next()
  }
}
