/** Who may come in by a route: known, from our own page where only a browser vouches for them, and not too often. */

import type { Request, Response } from 'express'
import type { ApiNeeds, Caller } from './apiNeeds.ts'
import { originOf } from './guard.ts'
import { sendProblem } from './problem.ts'
import type { Route } from './route.ts'
import { tokenIn } from './tokens.ts'

/** Streams that one person may have open at the same time, in this process. */
const STREAMS = 20
/** Seconds after which one comes again when a neighbour is away, or a stream too many is open. */
export const AGAIN = '5'

/** Who came in (undefined: nobody, by a route that is open), or that it was answered already. */
export type Entered = { readonly caller: Caller | undefined } | 'answered'

export function createEntrance(needs: ApiNeeds, ownUrl: string) {
  const open = new Map<number, number>()

  /** Takes one of a person's streams until the response is over; false where there is none left. */
  function opens({ id }: Caller['person'], response: Response): boolean {
    const already = open.get(id) ?? 0
    if (already >= STREAMS) return false
    open.set(id, already + 1)
    needs.watching(1)
    response.once('close', () => {
      const rest = (open.get(id) ?? 1) - 1
      if (rest === 0) open.delete(id)
      else open.set(id, rest)
      needs.watching(-1)
    })
    return true
  }

  /** Whether it is within what the person may do; otherwise it is answered. */
  async function pays({ cost }: Route, { person }: Caller, response: Response): Promise<boolean> {
    if (cost.of === 'stream') {
      const over = await needs.take('read', person, 1)
      if (over === undefined && opens(person, response)) return true
      if (over !== undefined) return tooMuch(over.wait, response)
      response.set('Retry-After', AGAIN)
      sendProblem(response, 429, `You have ${STREAMS} live streams open: close some of their pages.`)
      return false
    }
    const over = await needs.take(cost.of, person, cost.points)
    return over === undefined || tooMuch(over.wait, response)
  }

  function tooMuch(seconds: number, response: Response): false {
    const wait = Math.max(1, Math.ceil(seconds))
    response.set('Retry-After', String(wait))
    sendProblem(response, 429, `That was a lot within a minute: come again in ${wait} s.`)
    return false
  }

  /** Why it may not change anything, if that is so. */
  function noWriter({ browser, mayWrite }: Caller, request: Request): string | undefined {
    if (browser && originOf(request, ownUrl) !== 'own')
      return `What changes something has to come from Errand's own page: send "Origin: ${new URL(ownUrl).origin}", or a GitLab token.`
    return mayWrite ? undefined : 'This token may only read: to ask for something it needs the scope `api`.'
  }

  return async (route: Route, request: Request, response: Response): Promise<Entered> => {
    const caller = await needs.authenticate(request)
    if ('status' in caller) {
      const { status, detail } = caller
      if (route.open === true && status === 401 && tokenIn(request.headers) === undefined) return { caller: undefined }
      if (status === 401) response.set('WWW-Authenticate', 'Bearer realm="Errand, with a GitLab token"')
      if (status === 503) response.set('Retry-After', AGAIN)
      sendProblem(response, status, detail)
      return 'answered'
    }
    const no = route.method === 'get' ? undefined : noWriter(caller, request)
    if (no !== undefined) {
      sendProblem(response, 403, no)
      return 'answered'
    }
    return (await pays(route, caller, response)) ? { caller } : 'answered'
  }
}
