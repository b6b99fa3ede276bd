import { setTimeout as wait } from 'node:timers/promises'
import express, { type Express, type Request, type Response, Router } from 'express'
import type { Answer, Call, Handler, Routes } from './call.ts'
import type { CallCounts } from './callCounts.ts'
import type { Deliveries } from './deliveries.ts'
import type { Token } from './entities.ts'
import { type Failure, faultCounter } from './faults.ts'
import { recordEvents } from './hookEventLog.ts'
import { checked, nested, readBody } from './input.ts'
import { tooMany } from './rateLimits.ts'
import { Refusal, unauthorized } from './refusal.ts'
import { endFamilyOf, requireScope, tokenOf } from './tokens.ts'
import type { World } from './world.ts'

/** What the API answers: REST by path, and GraphQL. */
export type Api = {
  readonly rest: (on: Routes) => void
  readonly graphql: Handler
}

/** The API below /api: who calls, what shall go wrong, the answer, and after it the webhooks. */
export function apiServer(world: World, deliveries: Deliveries, counts: CallCounts, api: Api): Express {
  const faultOf = faultCounter()
  const serve = (path: string, handle: Handler) => async (req: Request, res: Response) => {
    const outbox: number[] = []
    const { delayMs, failure } = faultOf(world.faults.api, `${req.method} ${req.baseUrl}${req.path}`)
    if (delayMs > 0) await wait(delayMs)
    let answer: Answer = { status: 502 }
    if (failure === undefined || failure.afterCommit) {
      answer = await answered(world, req, handle, path, counts, outbox)
    }
    world.flush()
    // Webhooks are jobs of their own in GitLab: the caller has its answer first, whether it still listens or not.
    if (res.closed) deliveries.send(outbox)
    else res.once('close', () => deliveries.send(outbox))
    send(res, failure === undefined ? answer : failed(failure))
  }
  const router = Router({ caseSensitive: true })
  api.rest((method, path, handle) => router[method](path, serve(path, handle)))
  const app = express()
  const raw = express.raw({ type: () => true, limit: '10mb' })
  app.disable('x-powered-by')
  app.set('etag', false)
  app.use('/api/v4', raw, router, (_req, res) => {
    send(res, { status: 404, body: { error: '404 Not Found' } })
  })
  app.post('/api/graphql', raw, serve('/api/graphql', api.graphql))
  return app
}

async function answered(
  world: World,
  req: Request,
  handle: Handler,
  path: string,
  counts: CallCounts,
  outbox: number[],
): Promise<Answer> {
  try {
    const url = new URL(req.originalUrl, world.url)
    const token = tokenOfCall(world, req)
    const visitor = token === undefined ? undefined : world.people.get(token.personId)
    counts.count(visitor?.username ?? null, req.method, path)
    const body = Buffer.isBuffer(req.body) ? await readBody(req.get('content-type') ?? '', req.body) : {}
    const fields = { ...nested(url.searchParams), ...body }
    const call: Call = {
      world,
      visitor,
      token,
      url,
      param: (name) => String(req.params[name] ?? ''),
      input: (schema) => checked(schema, fields),
      deed: () => {
        if (visitor === undefined) throw unauthorized()
        return {
          world,
          person: visitor,
          tell: (flag, project, payload) => outbox.push(...recordEvents(world, flag, project, payload)),
        }
      },
    }
    return await handle(call)
  } catch (error) {
    if (error instanceof Refusal) return refused(req, error)
    console.error(error)
    return { status: 500, body: { message: '500 Internal Server Error' } }
  }
}

/** GraphQL has words of its own for a token that is none. */
function refused(req: Request, { status, body }: Refusal): Answer {
  if (req.path !== '/api/graphql' || status !== 401) return { status, body }
  return { status, body: { errors: [{ message: 'Invalid token' }] } }
}

/** The token that the call carries, in any of the places that GitLab looks. */
function tokenOfCall(world: World, req: Request): Token | undefined {
  const bearer = /^Bearer (.+)$/i.exec(req.get('authorization') ?? '')?.[1]
  const own = req.get('private-token')
  const value = own ?? bearer
  if (value === undefined) return undefined
  const rotates = req.path.endsWith('/self/rotate')
  if (rotates) endFamilyOf(world, value)
  const token = tokenOf(world, value)
  // An application's token is taken as a bearer only; any token may look at itself.
  if (own !== undefined && token.applicationId !== undefined) throw unauthorized()
  if (req.method === 'GET' && req.path.endsWith('/personal_access_tokens/self')) return token
  // There are only queries here, which read.
  const reads = req.method === 'GET' || req.path === '/api/graphql'
  const aboutPeople =
    req.method === 'GET' && /^\/api\/v4\/(user|users\/[^/]+|users|version)$/.test(req.baseUrl + req.path)
  const more = [
    ...(reads ? ['read_api'] : []),
    ...(aboutPeople ? ['read_user'] : []),
    ...(rotates ? ['self_rotate'] : []),
  ]
  requireScope(token, ['api', ...more])
  return token
}

function failed(failure: Failure): Answer {
  if (failure.afterCommit) return gateway(502)
  if (failure.status === 500) return { status: 500, body: { message: '500 Internal Server Error' } }
  if (failure.status !== 429) return gateway(failure.status)
  // The application's own limits send no Retry-After.
  if (failure.shape === 'json') return { status: 429, body: tooMany().body }
  const headers = {
    'retry-after': '1',
    'ratelimit-limit': '1',
    'ratelimit-observed': '2',
    'ratelimit-remaining': '0',
    'ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 1),
    'ratelimit-name': 'throttle_authenticated_api',
  }
  return { status: 429, body: 'Retry later\n', type: 'text/plain', headers }
}

/** What a proxy in front of GitLab says. */
function gateway(status: 502 | 503): Answer {
  const words = status === 502 ? '502 Bad Gateway' : '503 Service Unavailable'
  return { status, body: `<html><head><title>${words}</title></head><body>${words}</body></html>`, type: 'text/html' }
}

function send(res: Response, answer: Answer): void {
  res.status(answer.status)
  for (const [name, value] of Object.entries(answer.headers ?? {})) res.setHeader(name, value)
  if (answer.body === undefined) res.end()
  else if (answer.type === undefined) res.json(answer.body)
  else res.type(answer.type).send(answer.body)
}
