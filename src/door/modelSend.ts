/** Sends one admitted call on to the provider, and gives its answer, counted while it passes. */

import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request } from 'express'
import type { Logger } from '../log.ts'
import type { Admitted } from './admit.ts'
import type { Account } from './modelAccount.ts'
import type { Gate } from './modelGate.ts'
import { requestHeaders, requestQuery } from './modelHeaders.ts'
import { createMeter, inputOf } from './modelMeter.ts'
import type { Access, Provider } from './modelProvider.ts'
import type { Refusal } from './modelRefusal.ts'
import { firstWords, type Patience, passedHeaders, send, Unreachable } from './upstream.ts'

/** One call that may be made. */
export type Sending = {
  readonly provider: Provider
  readonly access: Access
  /** Undefined for a call that costs nothing. */
  readonly account: Account | undefined
  readonly gate: Gate
  /** The model, where the path names it. */
  readonly named: string | undefined
  readonly log: Logger
  refuse(refusal: Refusal): void
}

/** A thinking model may be silent for minutes; Claude Code itself waits for ten. */
const PATIENCE: Patience = { connect: 10_000, silence: 600_000 }
/** Bytes of an error that are read for what it says. */
const LONGEST_ERROR = 64 * 1024

/** Sends it, and answers in any case: with the provider's answer, or with why there is none. Throws what is nobody's doing. */
export async function sendOn(req: Request, res: Admitted, sending: Sending): Promise<void> {
  const { provider, access, account, gate, named, log, refuse } = sending
  const { task, attempt } = res.locals.caller
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  let answer: IncomingMessage | undefined
  try {
    answer = await send({
      // Never made of req.url, which may be a whole address.
      url: provider.url(access.baseUrl.replace(/\/+$/, ''), req.path) + requestQuery(req.url, provider.query),
      method: req.method,
      headers: { ...requestHeaders(req), ...provider.keyHeaders(access) },
      ...(hasBody(req) ? { body: req.pipe(gate.stream) } : {}),
      patience: PATIENCE,
      signal: gone.signal,
    })
    await passOn(answer, res, sending)
  } catch (error) {
    if (gate.refusal !== undefined && !res.headersSent) {
      // What still comes is thrown away: the caller ends its request, and reads our answer.
      req.resume()
      refuse(gate.refusal)
    } else if (gone.signal.aborted) {
      // The provider has the whole request, works on it, and wants to be paid; what for, it can tell nobody any more.
      if (answer === undefined && gate.whole) await account?.count(unheard(gate.size), named ?? gate.model, 0)
    } else {
      log.warn({ task, attempt, err: error }, 'call to the model failed')
      if (res.headersSent) res.destroy()
      else if (error instanceof Unreachable)
        refuse({ status: 503, message: `The model cannot be reached: ${error.message}` })
      else throw error
    }
  }
}

async function passOn(answer: IncomingMessage, res: Admitted, sending: Sending): Promise<void> {
  const { provider, access, account, gate, named, log, refuse } = sending
  const { task, attempt } = res.locals.caller
  const status = answer.statusCode ?? 502
  const { wrongKey } = provider
  const words = status === wrongKey?.status ? await firstWords(answer, LONGEST_ERROR) : undefined
  if (status === 401 || (wrongKey !== undefined && words?.includes(wrongKey.says))) {
    // Passed on as it is, the agent would take its own credential for wrong, and try again for minutes.
    answer.destroy()
    log.error({ task, attempt }, `${provider.label} refused the key`)
    const none = access.apiKey === undefined && access.authToken === undefined
    refuse({ status: 403, message: none ? noKey(provider) : refusedKey(provider) })
  } else if (words !== undefined) {
    res.writeHead(status, passedHeaders(answer, ['set-cookie', 'content-length'])).end(words)
  } else if (status >= 300 && status < 400) {
    answer.destroy()
    const message = `The address set for ${provider.label} answers with a redirect; set where it leads to.`
    refuse({ status: 404, message })
  } else {
    res.writeHead(status, passedHeaders(answer, ['set-cookie']))
    res.flushHeaders()
    if (account === undefined || status !== 200) await pipeline(answer, res)
    else {
      const meter = createMeter(provider.reading, answer.headers['content-type'], gate.size)
      let counted: Promise<void> | undefined
      const count = (cut: boolean) => (counted ??= account.count(meter.sum(cut), named ?? gate.model, 1))
      await pipeline(
        answer,
        tap(meter, () => count(false)),
        res,
      ).finally(() => count(true))
    }
  }
}

/** Passes the bytes and shows them to the meter. What tells the end goes on when it has been counted, not before. */
function tap(meter: ReturnType<typeof createMeter>, count: () => Promise<void>): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      meter.read(chunk)
      if (meter.done) count().then(() => done(null, chunk), done)
      else done(null, chunk)
    },
    flush(done) {
      count().then(() => done(), done)
    },
  })
}

/** A call of which nothing was heard: its input, estimated. */
function unheard(bytes: number) {
  const tokens = { input: inputOf(bytes), cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0 }
  return { model: undefined, tokens, estimated: true }
}

/** The operator has not given a key, nor a gateway that needs none. */
export function noKey({ label, variable }: Provider): string {
  return `Errand has no key for ${label}. Set ${variable} where Errand runs.`
}

function refusedKey({ label, variable }: Provider): string {
  return `${label} refused the key that Errand uses. Set a valid ${variable} where Errand runs.`
}

/** Whether a body comes with the request (RFC 9112, 6.3). */
export function hasBody(req: Request): boolean {
  return req.headers['content-length'] !== undefined || req.headers['transfer-encoding'] !== undefined
}
