import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express'
import { createApi } from './api.ts'
import type { ApiNeeds } from './apiNeeds.ts'
import { guard } from './guard.ts'
import { type HookNeeds, hookRoute } from './hook.ts'
import { sendProblem } from './problem.ts'
import { POLICY, webFiles } from './webFiles.ts'

export type HttpNeeds<Delivery> = HookNeeds<Delivery> & {
  /** Our own address, as people type it. */
  readonly url: string
  readonly api: ApiNeeds
  /** Where people log in and out; none where nobody does. */
  readonly login?: Router | undefined
  /** The folder of the built page. */
  readonly web: string
}

/** The webhook, the API and the page. `close` ends its live streams; what is asked for otherwise is still answered. */
export function httpApp<Delivery>(needs: HttpNeeds<Delivery>): { readonly app: Express; close(): void } {
  const { url, log } = needs
  const api = createApi(needs.api, url, log)
  const app = express()
  app.disable('x-powered-by')
  app.use((_: Request, response: Response, next: NextFunction) => {
    response.set({
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Content-Security-Policy': POLICY,
    })
    next()
  })
  app.use(guard(url, refuse))
  app.post('/hook', onlyJson, hookRoute(needs))
  app.all('/hook', (request: Request, response: Response) => {
    response.set('Allow', 'POST')
    refuse(request, response, 405, 'Webhooks go to POST /hook.')
  })
  app.use(api.router)
  if (needs.login !== undefined) app.use(needs.login)
  app.use(webFiles(needs.web))
  app.use((_: Request, response: Response) => {
    response.status(404).type('text').send('There is nothing here.\n')
  })
  app.use((error: Error, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    // express tells with `status` that the request was at fault: a broken escape in the path, say.
    const status = 'status' in error && Number(error.status) < 500 ? 400 : 503
    if (status === 503) log.error({ event: 'request-failed', path: request.path, err: error }, 'request failed')
    refuse(request, response, status, status === 400 ? 'That request makes no sense.' : 'Try again in a moment.')
  })
  return { app, close: () => api.close() }
}

function refuse(request: Request, response: Response, status: number, why: string): void {
  if (request.path === '/api' || request.path.startsWith('/api/')) sendProblem(response, status, why)
  else response.status(status).type('text').send(`${why}\n`)
}

function onlyJson(request: Request, response: Response, next: NextFunction): void {
  if (request.is('application/json') === false) refuse(request, response, 415, 'Send application/json.')
  else next()
}
