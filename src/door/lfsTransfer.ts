/** An object's bytes, between the container and where GitLab keeps them, in constant memory. */

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request } from 'express'
import type { Logger } from '../log.ts'
import type { Admitted } from './admit.ts'
import { PATIENCE } from './gitUpstream.ts'
import { lfsFailure, sayToLfs } from './lfsFailure.ts'
import { LFS_TYPE } from './lfsMessages.ts'
import { send, Unreachable } from './upstream.ts'

/** The header that brings an action back; its value is sealed. */
export const SEALED = 'errand-lfs'

/** One request as GitLab wants it, which the container never sees. */
export type LfsAction = {
  readonly kind: 'download' | 'upload' | 'verify'
  readonly oid: string
  readonly size: number
  readonly href: string
  readonly header: Readonly<Record<string, string>>
}

export type TransferNeeds = {
  secrets(): readonly string[]
  readonly log: Logger
}

/** GitLab may send to an object storage, and that to another address of its own. */
const MOST_REDIRECTS = 3

/** Set by whoever makes the connection, whatever GitLab names. */
const OURS = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
  'te',
  'trailer',
])

/** What tells the container about the bytes; names and signatures of the storage stay here. */
const TOLD = ['content-type', 'content-length', 'content-range', 'content-encoding', 'accept-ranges']

/** Answers the request with what came of the action. */
export async function moveObject(action: LfsAction, req: Request, res: Admitted, needs: TransferNeeds): Promise<void> {
  const { caller } = res.locals
  const { kind, oid, size } = action
  const said = req.headers['content-length']
  if (kind === 'upload' && said !== undefined && Number(said) !== size) {
    sayToLfs(res, { status: 422, words: `This object has ${size} bytes, not ${said}.` })
    return
  }
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  try {
    const answer = await perform(action, req, gone.signal)
    const status = answer.statusCode ?? 502
    if (status < 200 || status >= 300) {
      const failure = await lfsFailure(answer, 'the storage of LFS objects', needs.secrets())
      needs.log.warn({ ...caller, kind, oid, ...failure }, 'an LFS object was not moved')
      sayToLfs(res, failure)
    } else if (kind === 'download') {
      res.writeHead(status, Object.fromEntries(TOLD.flatMap((name) => given(name, answer.headers[name]))))
      await pipeline(answer, res)
    } else {
      // Nothing that the storage says about it is for the container.
      answer.resume()
      res.status(200).end()
    }
  } catch (error) {
    if (gone.signal.aborted) return
    needs.log.warn({ ...caller, kind, oid, err: error }, 'an LFS object was not moved')
    if (res.headersSent) res.destroy()
    else if (error instanceof Unreachable)
      sayToLfs(res, { status: 503, words: 'The storage of LFS objects cannot be reached.' })
    else throw error
  }
}

/** The storage's answer. A download goes where it is sent; everything else is told once, where GitLab said. */
async function perform({ kind, oid, size, href, header }: LfsAction, req: Request, signal: AbortSignal) {
  const named = Object.entries(header).filter(([name]) => !OURS.has(name.toLowerCase()))
  const headers: OutgoingHttpHeaders = Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), value]))
  const call = { patience: PATIENCE, signal }
  switch (kind) {
    case 'download':
      return follow(href, { ...headers, ...Object.fromEntries(given('range', req.headers.range)) }, call)
    case 'upload': {
      const type = given('content-type', headers['content-type'] ?? req.headers['content-type'])
      const length = given('content-length', req.headers['content-length'])
      const all = { ...headers, ...Object.fromEntries([...type, ...length]) }
      return send({ ...call, url: href, method: 'PUT', headers: all, body: req })
    }
    case 'verify': {
      const body = Buffer.from(JSON.stringify({ oid, size }))
      const all = { accept: LFS_TYPE, 'content-type': LFS_TYPE, ...headers, 'content-length': body.length }
      return send({ ...call, url: href, method: 'POST', headers: all, body: Readable.from([body]) })
    }
  }
}

async function follow(
  href: string,
  headers: OutgoingHttpHeaders,
  call: Pick<Parameters<typeof send>[0], 'patience' | 'signal'>,
): Promise<IncomingMessage> {
  let url = href
  let sent = headers
  for (let redirects = 0; ; redirects++) {
    const answer = await send({ ...call, url, method: 'GET', headers: sent })
    const location = answer.headers.location
    const moved = [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) && location !== undefined
    if (!moved || redirects === MOST_REDIRECTS) return answer
    answer.destroy()
    const next = new URL(location, url)
    if (next.protocol !== 'http:' && next.protocol !== 'https:')
      throw new Unreachable(`${next.protocol} is not followed`)
    // What opens GitLab is not for anybody else.
    if (next.origin !== new URL(url).origin) sent = Object.fromEntries(given('range', headers.range))
    url = next.href
  }
}

function given<T>(name: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[name, value]]
}
