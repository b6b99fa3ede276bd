/** What was thrown while a request was answered, as a problem. */

import type { Request, Response } from 'express'
import type { Logger } from '../log.ts'
import type { ApiNeeds } from './apiNeeds.ts'
import { AGAIN } from './entrance.ts'
import { sendProblem } from './problem.ts'

export function sendMishap(
  error: unknown,
  request: Request,
  response: Response,
  { away, log }: { readonly away: ApiNeeds['away']; readonly log: Logger },
): void {
  if (response.destroyed) return
  // It has begun to answer: only the end of the connection can say that something is missing.
  if (response.headersSent) {
    log.warn({ event: 'answer-broken-off', path: request.path, err: error }, 'an answer was broken off')
    response.destroy()
    return
  }
  const { status, detail } = problemOf(error, request, away)
  if (status === 500) log.error({ event: 'request-failed', path: request.path, err: error }, 'request failed')
  if (status === 503) response.set('Retry-After', AGAIN)
  sendProblem(response, status, detail)
}

function problemOf(error: unknown, request: Request, away: ApiNeeds['away']): { status: number; detail: string } {
  const gone = away(error)
  if (gone !== undefined) return { status: 503, detail: gone }
  // express and its parser tell with `status` that the request was at fault.
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
  if (status === 413) return { status, detail: 'That is too much at once: send at most 1 MB.' }
  if (status === 415) return { status, detail: 'Send JSON in UTF-8, as application/json.' }
  if (status >= 400 && status < 500)
    return request.method === 'POST' && !isAddress(error)
      ? { status: 400, detail: 'That is no JSON object.' }
      : { status: 404, detail: 'There is nothing of this name.' }
  return {
    status: 500,
    detail: 'Errand made a mistake. Try again; if it stays so, show this to your Errand operator.',
  }
}

/** A broken escape in the address. */
function isAddress(error: unknown): boolean {
  return error instanceof URIError
}
