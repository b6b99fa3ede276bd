/** How the door speaks to GitLab's git, and what it says to ours when that does not work. */

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Response } from 'express'
import { maskText } from './mask.ts'
import { firstWords, type Patience, passedHeaders, send, Unreachable } from './upstream.ts'

/** A repository at GitLab that may be read. */
export type Source = {
  /** `https://host/group/project.git`, never made of what a caller or a payload said. */
  readonly url: string
  /** The header's value for GitLab. */
  readonly authorization: string
}

/** The repository of the task's project, as the door may use it. */
export type Repository = Source & {
  /** The one branch that may be pushed. */
  readonly branch: string
}

/** The words for git and the status it gets; git shows them behind `remote:`. */
export type Failure = { readonly status: number; readonly words: string; readonly retryAfter?: string }

/** GitLab may compute for minutes before it sends a first byte: counting objects, or running its hooks on a push. */
export const PATIENCE: Patience = { connect: 10_000, silence: 300_000 }

/** What git says about the bytes and the protocol; everything else, above all its credential, stays here. */
const PASSED_ON = ['accept', 'accept-language', 'content-type', 'git-protocol', 'user-agent', 'pragma', 'cache-control']

export type GitCall = {
  readonly repository: Source
  /** Behind the repository's address: `/info/refs?service=git-upload-pack`. */
  readonly path: string
  readonly from: IncomingMessage
  readonly body?: Readable
  /** Headers that describe the body. */
  readonly bodyHeaders?: OutgoingHttpHeaders
  readonly signal: AbortSignal
  readonly secrets: readonly string[]
}

/** GitLab's successful answer, its body still to be read, or why there is none. */
export async function askGitLab(call: GitCall): Promise<IncomingMessage | Failure> {
  const { repository, path, from, body, bodyHeaders, signal, secrets } = call
  const passed = PASSED_ON.flatMap((name) => (from.headers[name] === undefined ? [] : [[name, from.headers[name]]]))
  const headers = { ...Object.fromEntries(passed), ...bodyHeaders, authorization: repository.authorization }
  try {
    const url = `${repository.url}${path}`
    const method = from.method ?? 'GET'
    const answer = await send({
      url,
      method,
      headers,
      patience: PATIENCE,
      signal,
      ...(body === undefined ? {} : { body }),
    })
    return answer.statusCode === 200 ? answer : await failure(answer, secrets)
  } catch (error) {
    if (error instanceof Unreachable) return { status: 503, words: `GitLab cannot be reached: ${error.message}` }
    throw error
  }
}

/** 503 for what may pass, so that the run tries again; 401 never, since git would take its own credential for wrong. */
async function failure(answer: IncomingMessage, secrets: readonly string[]): Promise<Failure> {
  const status = answer.statusCode ?? 0
  const said = maskText(await firstWords(answer), secrets).trim()
  const text = /^text\/plain/.test(answer.headers['content-type'] ?? '') && said !== '' ? `: ${said}` : ''
  if (status === 429 || status >= 500) {
    const retryAfter = answer.headers['retry-after']
    const words = `GitLab answered ${status}${text}`
    return { status: 503, words, ...(retryAfter === undefined ? {} : { retryAfter }) }
  }
  if (status === 401) return { status: 403, words: `GitLab refused Errand's token (401)${text}` }
  if (status >= 300 && status < 400)
    return { status: 502, words: 'GitLab answered with a redirect; is GITLAB_URL right?' }
  return { status: status === 403 || status === 404 ? status : 502, words: `GitLab answered ${status}${text}` }
}

/** A sentence for git: it shows text/plain only. */
export function sayToGit(res: Response, { status, words, retryAfter }: Failure): void {
  if (status === 503) res.set('Retry-After', retryAfter ?? '5')
  res.status(status).type('text/plain').send(`${words}\n`)
}

/** Begins the answer to git with GitLab's headers, without those that are about its own session with us. */
export function beginAnswer(res: Response, answer: IncomingMessage): void {
  res.writeHead(
    answer.statusCode ?? 200,
    passedHeaders(answer, ['set-cookie', 'www-authenticate', 'strict-transport-security']),
  )
  res.flushHeaders()
}
