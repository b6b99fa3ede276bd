/** Everything below /api: the routes, what they live on, and the description of them. */

import express, { type NextFunction, type Request, type Response, Router } from 'express'
import type { Logger } from '../log.ts'
import { createAccess } from './access.ts'
import type { ApiNeeds } from './apiNeeds.ts'
import { apiPage, PAGE_STYLE } from './apiPage.ts'
import { createEntrance } from './entrance.ts'
import { eventRoutes } from './eventRoutes.ts'
import { createLogFeeds } from './logFeed.ts'
import { logRoutes } from './logRoutes.ts'
import { sendMishap } from './mishap.ts'
import { describeApi } from './openapi.ts'
import { sendProblem } from './problem.ts'
import { projectRoutes } from './projectRoutes.ts'
import type { Route } from './route.ts'
import { createStreams } from './sse.ts'
import { taskRoutes } from './taskRoutes.ts'
import { createWatchers } from './watchers.ts'

/** A prompt of 100 KB as JSON may write it. */
const BODY_LIMIT = '1mb'
/** Milliseconds between questions whether who watches still may. */
const RECHECK = 60_000

/** `close` ends the live streams. */
export type Api = { readonly router: Router; close(): void }

export function createApi(needs: ApiNeeds, ownUrl: string, log: Logger): Api {
  const failed = (error: unknown): void => log.warn({ event: 'live-failed', err: error }, 'a live stream is late')
  const access = createAccess(needs)
  const streams = createStreams()
  const feeds = createLogFeeds(needs.log, failed)
  const watchers = createWatchers({ task: needs.task, changedAt: needs.changedAt, failed })
  const ignore = needs.news({
    changed: watchers.changed,
    logged: feeds.grew,
    all() {
      watchers.all()
      feeds.all()
    },
  })
  const recheck = setInterval(() => {
    watchers.endWho(async ({ caller, request, may }) => {
      const now = await needs.authenticate(request)
      if ('status' in now) return now.status !== 503
      return now.person.id !== caller.person.id || !(await may())
    })
  }, RECHECK)
  recheck.unref()

  const routes = [
    // Before the tasks: `events` is no name of one.
    ...eventRoutes(needs, access, { streams, watchers, feeds }),
    ...taskRoutes(needs, access),
    ...logRoutes(needs, access),
    ...projectRoutes(needs),
  ]
  const description = describeApi(routes, ownUrl)
  const enter = createEntrance(needs, ownUrl)
  const parse = express.json({ limit: BODY_LIMIT })

  async function answer(route: Route, request: Request, response: Response): Promise<void> {
    const entered = await enter(route, request, response)
    if (entered === 'answered') return
    if (route.method === 'post' && request.headers['content-length'] !== '0') {
      if (request.is('application/json') === false) {
        sendProblem(response, 415, 'Send JSON, as application/json.')
        return
      }
      await new Promise<void>((resolve, reject) => {
        parse(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)))
      })
    }
    // There is nothing of a stream to tell without its body.
    if (route.cost.of === 'stream' && request.method === 'HEAD') {
      response.type('text/event-stream').end()
      return
    }
    const reply = await route.run({ caller: entered.caller, request, response })
    if (reply === 'sent') return
    if ('problem' in reply) sendProblem(response, reply.problem, reply.detail, reply.errors)
    else
      response
        .status(reply.status)
        .set(reply.headers ?? {})
        .json(reply.body)
  }

  const mishap = (error: unknown, request: Request, response: Response): void =>
    sendMishap(error, request, response, { away: needs.away, log })
  const router = Router()
  router.use('/api', (_: Request, response: Response, next: NextFunction) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  router.get('/api', (_, response) => void response.type('html').send(apiPage(description)))
  router.get('/api/style.css', (_, response) => void response.type('css').send(PAGE_STYLE))
  router.get('/api/openapi.json', (_, response) => void response.json(description))
  for (const route of routes) {
    router[route.method](expressPath(route), async (request, response) => {
      const began = performance.now()
      // How long somebody watches tells nothing about how fast we are.
      if (route.cost.of !== 'stream')
        response.once('close', () => {
          needs.answered(route.path, request.method, response.statusCode, (performance.now() - began) / 1000)
        })
      await answer(route, request, response).catch((error: unknown) => mishap(error, request, response))
    })
  }
  for (const [path, same] of Map.groupBy(routes, expressPath)) {
    const allowed = same.map(({ method }) => (method === 'get' ? 'GET, HEAD' : 'POST')).join(', ')
    router.all(path, (request: Request, response: Response) => {
      response.set('Allow', allowed)
      sendProblem(response, 405, `${request.method} is nothing that can be done here; ${allowed} is.`)
    })
  }
  router.use('/api', (_: Request, response: Response) => {
    sendProblem(response, 404, 'There is nothing here. GET /api tells what there is.')
  })
  router.use('/api', (error: unknown, request: Request, response: Response, _next: NextFunction) => {
    mishap(error, request, response)
  })
  return {
    router,
    close() {
      clearInterval(recheck)
      ignore()
      streams.close()
    },
  }
}

function expressPath({ path }: Route): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}
