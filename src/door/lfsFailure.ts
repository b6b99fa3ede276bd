import type { IncomingMessage } from 'node:http'
import type { Response } from 'express'
import type { Failure } from './gitUpstream.ts'
import { LFS_TYPE } from './lfsMessages.ts'
import { maskText } from './mask.ts'
import { firstWords } from './upstream.ts'

/**
 * Why there is no success, in words for git-lfs. 503 for what may pass; 401 never, since git-lfs would take its own
 * credential for wrong. `who` answered, for people.
 */
export async function lfsFailure(answer: IncomingMessage, who: string, secrets: readonly string[]): Promise<Failure> {
  const status = answer.statusCode ?? 0
  const said = messageOf(await firstWords(answer))
  const why = said === '' ? '' : `: ${maskText(said, secrets)}`
  const words = `${who} answered ${status}${why}`
  if (status === 429 || (status >= 500 && status !== 501)) {
    const retryAfter = answer.headers['retry-after']
    return { status: 503, words, ...(retryAfter === undefined ? {} : { retryAfter }) }
  }
  if (status === 401) return { status: 403, words: `${who} refused Errand's token (401)${why}` }
  return { status: [403, 404, 410, 413, 422, 501, 507].includes(status) ? status : 502, words }
}

/** A sentence for git-lfs: it shows `message`. */
export function sayToLfs(res: Response, { status, words, retryAfter }: Failure): void {
  if (status === 503) res.set('Retry-After', retryAfter ?? '5')
  res
    .status(status)
    .type(LFS_TYPE)
    .send(JSON.stringify({ message: words }))
}

/** GitLab says it as JSON, an object storage as XML, which nobody wants to read. */
function messageOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : ''
  } catch {
    return ''
  }
}
