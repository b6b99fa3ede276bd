import type { Request, Response } from 'express'
import type { Logger } from '../log.ts'

/** GitLab itself sends up to 25 MB; a note has at most 1 MB of text. */
const BODY_LIMIT = 10 * 1024 * 1024
/** Bytes of bodies that may be in memory at the same time; who comes beyond them is asked to come again. */
const READING = 256 * 1024 * 1024
/** GitLab waits 10 s and never tries again; whoever cannot take a delivery has to say so at once. */
const TAKE_WITHIN = 950

export type HookNeeds<Delivery> = {
  refuseByHeaders(headers: Request['headers']): string | undefined
  translate(
    headers: Request['headers'],
    body: Buffer,
  ):
    | { readonly hook: 'taken'; readonly id: string; readonly delivery: Delivery }
    | { readonly hook: 'ignored'; readonly why: string }
    | { readonly hook: 'refused'; readonly status: number; readonly why: string }
  take(id: string, delivery: Delivery): Promise<void>
  /** Told of every answer, by its status. */
  answeredHook?(status: number): void
  readonly log: Logger
}

/** `POST /hook`: 202 taken, 200 ignored with the reason, 400, 401, 413, 415 refused, 503 when Redis is away. */
export function hookRoute<Delivery>(needs: HookNeeds<Delivery>) {
  const { log } = needs
  let reading = 0
  return async (request: Request, response: Response): Promise<void> => {
    response.once('finish', () => needs.answeredHook?.(response.statusCode))
    const refuse = (status: number, why: string): void => {
      log.warn({ event: 'delivery-refused', status, why }, 'delivery refused')
      // What is still on its way is not read.
      response.set('Connection', 'close').status(status).json({ refused: why })
    }
    const refused = needs.refuseByHeaders(request.headers)
    if (refused !== undefined) return refuse(401, refused)
    if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT)
      return refuse(413, `the body is over ${BODY_LIMIT} bytes`)
    if (reading > READING) return refuse(503, 'too many deliveries at once')
    let read = 0
    const count = (bytes: number): number => {
      read += bytes
      reading += bytes
      return read
    }
    const body = await readBody(request, count).finally(() => {
      reading -= read
    })
    if (body === undefined) return refuse(413, `the body is over ${BODY_LIMIT} bytes`)
    const translated = needs.translate(request.headers, body)
    switch (translated.hook) {
      case 'refused':
        return refuse(translated.status, translated.why)
      case 'ignored':
        log.debug({ event: 'delivery-ignored', why: translated.why }, 'delivery ignored')
        response.status(200).json({ ignored: translated.why })
        return
      case 'taken':
        try {
          await within(TAKE_WITHIN, needs.take(translated.id, translated.delivery))
        } catch (error) {
          log.error({ event: 'delivery-not-taken', err: error }, 'delivery not taken')
          response.status(503).set('Retry-After', '5').json({ refused: 'Redis is away; deliver again' })
          return
        }
        log.info({ event: 'delivery-taken', delivery: translated.id }, 'delivery taken')
        response.status(202).json({ taken: translated.id })
    }
  }
}

/** The raw bytes, which are what is signed; undefined when they are too many. */
async function readBody(request: Request, count: (bytes: number) => number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (count(chunk.length) > BODY_LIMIT) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${milliseconds} ms`)), milliseconds)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
