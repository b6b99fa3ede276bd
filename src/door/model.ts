/** To the model's provider: Anthropic's API with Errand's key put in. What it answers passes unread. */

import { pipeline } from 'node:stream/promises'
import { type Request, type Response, Router } from 'express'
import type { Logger } from '../log.ts'
import { type AdmitNeeds, type Admitted, admit, apiKey, bearer } from './admit.ts'
import { type Patience, passedHeaders, send, Unreachable } from './upstream.ts'

export type ModelNeeds = AdmitNeeds & {
  readonly model: {
    readonly anthropic?:
      | undefined
      | {
          /** Without `/v1`: `https://api.anthropic.com`. */
          readonly baseUrl: string
          /** One of the two, the key first; neither where the address is a gateway that needs none. */
          readonly apiKey?: string
          readonly authToken?: string
        }
  }
  readonly log: Logger
}

/** The whole of the API that agents use; a key is not lent for anything else, such as files or an organization's settings. */
const OPEN: readonly { readonly method: RegExp; readonly path: RegExp }[] = [
  { method: /^POST$/, path: /^\/v1\/messages(\/count_tokens)?$/ },
  { method: /^GET$/, path: /^\/v1\/models(\/[A-Za-z0-9._:@-]+)?$/ },
  { method: /^(GET|HEAD)$/, path: /^\/api\/hello$/ },
]

const NO_KEY = 'Errand has no key for Anthropic. Set ANTHROPIC_API_KEY where Errand runs.'
const WRONG_KEY = 'Anthropic refused the key that Errand uses. Set a valid ANTHROPIC_API_KEY where Errand runs.'

/** A thinking model may be silent for minutes; Claude Code itself waits for ten. */
const PATIENCE: Patience = { connect: 10_000, silence: 600_000 }

/** Ours stays here: the caller's credential opens this door and no other. */
const NOT_SENT = [
  'host',
  'authorization',
  'x-api-key',
  'cookie',
  'expect',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
]

/** Everything below `/v1/model/anthropic`. */
export function modelRoutes(needs: ModelNeeds): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const manners = {
    credential: (headers: Request['headers']) => apiKey(headers) ?? bearer(headers),
    refuse: (res: Response, status: 401 | 503, words: string) =>
      refuse(res, status, status === 401 ? 'authentication_error' : 'api_error', words),
  }
  router.use(admit(needs, manners), (req: Request, res: Admitted) => pass(req, res, needs))
  return router
}

async function pass(req: Request, res: Admitted, { model: { anthropic }, log }: ModelNeeds): Promise<void> {
  const { task, attempt } = res.locals.caller
  if (!OPEN.some(({ method, path }) => method.test(req.method) && path.test(req.path))) {
    refuse(res, 404, 'not_found_error', `${req.method} ${req.path} is not passed on by Errand.`)
    return
  }
  if (anthropic === undefined) {
    refuse(res, 403, 'permission_error', NO_KEY)
    return
  }
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  try {
    const answer = await send({
      // Never made of req.url, which may be a whole address.
      url: `${anthropic.baseUrl.replace(/\/+$/, '')}${req.path}${new URL(req.url, 'http://door').search}`,
      method: req.method,
      headers: { ...passedHeaders(req, NOT_SENT), ...keyHeader(anthropic) },
      ...(hasBody(req) ? { body: req } : {}),
      patience: PATIENCE,
      signal: gone.signal,
    })
    const status = answer.statusCode ?? 502
    if (status === 401) {
      // Passed on as it is, the agent would take its own credential for wrong, and try again for minutes.
      answer.destroy()
      log.error({ task, attempt }, 'Anthropic refused the key')
      const none = anthropic.apiKey === undefined && anthropic.authToken === undefined
      refuse(res, 403, 'permission_error', none ? NO_KEY : WRONG_KEY)
    } else if (status >= 300 && status < 400) {
      answer.destroy()
      refuse(
        res,
        404,
        'not_found_error',
        'The address set for Anthropic answers with a redirect; set where it leads to.',
      )
    } else {
      res.writeHead(status, passedHeaders(answer, ['set-cookie']))
      res.flushHeaders()
      await pipeline(answer, res)
    }
  } catch (error) {
    if (gone.signal.aborted) return
    log.warn({ task, attempt, err: error }, 'call to the model failed')
    if (res.headersSent) res.destroy()
    else if (error instanceof Unreachable)
      refuse(res, 503, 'api_error', `The model cannot be reached: ${error.message}`)
    else throw error
  }
}

function keyHeader({ apiKey, authToken }: { apiKey?: string; authToken?: string }): Record<string, string> {
  if (apiKey !== undefined) return { 'x-api-key': apiKey }
  return authToken === undefined ? {} : { authorization: `Bearer ${authToken}` }
}

function hasBody(req: Request): boolean {
  return req.headers['content-length'] !== undefined || req.headers['transfer-encoding'] !== undefined
}

/** Anthropic's shape of an error, so that the agent shows the sentence. */
function refuse(res: Response, status: number, type: string, message: string): void {
  res.status(status).json({ type: 'error', error: { type, message } })
}
