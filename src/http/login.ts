/** Logging in and out: GitLab says who somebody is, Errand remembers it for eight hours. */

import express, { type Request, type Response, Router } from 'express'
import type { Logger } from '../log.ts'
import type { Person } from '../tasks/task.ts'
import { originOf } from './guard.ts'
import { type NoLogin, sendNoLogin } from './loginPage.ts'
import type { Expected, Provider } from './loginProvider.ts'
import { pathOfOurs } from './loginTo.ts'
import type { Cookies } from './sessionCookie.ts'

type Begun = Expected & { readonly to: string }

export type LoginNeeds = {
  /** Our own address. */
  readonly url: string
  /** Undefined where people cannot log in. */
  readonly provider: Provider | undefined
  /** Whether everybody acts as one person: then there is nothing to log in for. */
  readonly acting: boolean
  readonly cookies: Cookies
  readonly logins: {
    begin(what: Begun): Promise<string>
    take(id: string): Promise<Begun | undefined>
    open(person: Person): Promise<string>
    find(id: string): Promise<Person | undefined>
    end(id: string, person: Person): Promise<void>
    endAll(person: Person): Promise<number>
  }
  /** Whether GitLab lets the person in now. */
  isActive(personId: number): Promise<boolean>
  /** For the trail; what cannot be told there does not happen. */
  noted(deed: 'logged-in' | 'logged-out' | 'refused', person: Person, what?: string): Promise<void>
  readonly log: Logger
}

/** `GET /login?to=`, `GET /login/callback`, `POST /logout` with `everywhere` or without, as JSON or as a form. */
export function loginRoutes({ url, provider, acting, cookies, logins, isActive, noted, log }: LoginNeeds): Router {
  const router = Router()
  const refuse = (response: Response, noLogin: NoLogin, to: string): void => {
    log.warn({ event: 'no-login', ...noLogin }, 'no login')
    sendNoLogin(response, noLogin, url, to)
  }
  const whoseIs = async ({ headers }: Request): Promise<{ id: string; person: Person } | undefined> => {
    const id = cookies.read('session', headers)
    const person = id === undefined ? undefined : await logins.find(id)
    return id === undefined || person === undefined ? undefined : { id, person }
  }

  router.use(['/login', '/logout'], (_, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })

  router.get('/login', async (request, response) => {
    const to = pathOfOurs(request.query.to)
    if (acting) return response.redirect(303, to)
    if (provider === undefined) return refuse(response, { no: 'unconfigured' }, to)
    // GitLab sends people back to our one address, and a cookie of another name of this machine does not come along.
    if (request.headers.host !== new URL(url).host)
      return response.redirect(303, `${url}/login?to=${encodeURIComponent(to)}`)
    const known = await whoseIs(request)
    if (known !== undefined && (await isActive(known.person.id))) return response.redirect(303, to)
    const begun = await provider.begin()
    if ('no' in begun) return refuse(response, begun, to)
    const { at, ...expected } = begun
    response.append('Set-Cookie', cookies.keep('begun', await logins.begin({ ...expected, to })))
    response.redirect(303, at)
  })

  router.get('/login/callback', async (request, response) => {
    if (provider === undefined) return refuse(response, { no: 'unconfigured' }, '/')
    const id = cookies.read('begun', request.headers)
    const begun = id === undefined ? undefined : await logins.take(id)
    response.append('Set-Cookie', cookies.forget('begun'))
    if (begun === undefined || request.query.state !== begun.state)
      return refuse(response, { no: 'stale' }, begun?.to ?? '/')
    const person = await provider.finish(request.originalUrl.split('?')[1] ?? '', begun)
    if ('no' in person) return refuse(response, person, begun.to)
    if (!(await isActive(person.id))) {
      await noted('refused', person, 'not-active')
      return refuse(response, { no: 'blocked', username: person.username }, begun.to)
    }
    const before = await whoseIs(request)
    if (before !== undefined) await logins.end(before.id, before.person)
    await noted('logged-in', person)
    response.append('Set-Cookie', cookies.keep('session', await logins.open(person)))
    log.info({ event: 'login', person: person.username }, 'logged in')
    response.redirect(303, begun.to)
  })

  router.post('/logout', express.urlencoded({ extended: false }), express.json(), async (request, response) => {
    if (originOf(request, url) !== 'own') return refuse(response, { no: 'other-site' }, '/')
    const known = await whoseIs(request)
    const everywhere = ['true', true, '1', 'on'].includes(request.body?.everywhere)
    if (known !== undefined) {
      if (everywhere) await logins.endAll(known.person)
      else await logins.end(known.id, known.person)
      await noted('logged-out', known.person, everywhere ? 'everywhere' : undefined)
      log.info({ event: 'logout', person: known.person.username, everywhere }, 'logged out')
    }
    response.append('Set-Cookie', cookies.forget('session'))
    if (request.is('urlencoded')) response.redirect(303, '/')
    else response.status(204).end()
  })
  return router
}
