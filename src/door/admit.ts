/** Who may come in: the credential is checked before anything of the body is read. */

import type { IncomingHttpHeaders } from 'node:http'
import type { NextFunction, Request, Response } from 'express'
import type { Logger } from '../log.ts'
import { type Caller, claimed, verify } from './credential.ts'

/** What the check needs; see DoorNeeds. */
export type AdmitNeeds = {
  readonly key: string
  /** Whether this attempt is its task's current, unfinished one. `unknown`: there is no record of the task (Redis was emptied). */
  standing(task: string, attempt: number): Promise<'current' | 'over' | 'unknown'>
  readonly log: Logger
}

/** A response whose caller has been admitted. */
export type Admitted = Response<unknown, { caller: Caller }>

/** Where a room expects its credential, and how it says no: git and Anthropic's clients each understand their own words. */
export type Manners = {
  readonly credential: (headers: IncomingHttpHeaders) => string | undefined
  readonly refuse: (res: Response, status: 401 | 503, words: string) => void
}

/** Seconds after which a container whose task is not known (yet) asks again. */
const COME_BACK = 5

/** Lets only the current attempt of a task through, and leaves it in `res.locals.caller`. */
export function admit(needs: AdmitNeeds, { credential, refuse }: Manners) {
  const { standing, log } = needs
  return async (req: Request, res: Admitted, next: NextFunction): Promise<void> => {
    const text = credential(req.headers)
    const caller = text === undefined ? undefined : verify(needs.key, text)
    const state = caller === undefined ? 'forged' : await standing(caller.task, caller.attempt)
    if (caller !== undefined && state === 'current') {
      res.locals.caller = caller
      next()
    } else if (state === 'unknown') {
      res.set('Retry-After', String(COME_BACK))
      refuse(res, 503, 'Errand does not know this task at the moment; try again.')
    } else if (text === undefined) {
      // Not logged: git first asks without one, to learn whether one is wanted.
      refuse(res, 401, 'This door opens to the credential of a task only.')
    } else {
      const reason = state === 'over' ? 'this attempt is over' : 'not signed by this Errand'
      log.warn({ ...claimed(text), reason, method: req.method, path: req.baseUrl + req.path }, 'credential refused')
      refuse(res, 401, state === 'over' ? 'This attempt of the task is over.' : 'This credential is not valid here.')
    }
  }
}

/** `Authorization: Bearer …` */
export function bearer(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}

/** The password of `Authorization: Basic …`, whatever the user name. */
export function basicPassword(headers: IncomingHttpHeaders): string | undefined {
  const encoded = /^Basic +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString()
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined
}

/** `x-api-key: …` */
export function apiKey(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['x-api-key']
  return typeof value === 'string' ? value : undefined
}
