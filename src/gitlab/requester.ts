/**
 * How @gitbeaker/rest's calls travel. Its own requester retries a POST after a 502 (a second note, a second merge request),
 * ignores Retry-After, follows a redirected POST as a GET, and prints the token with its errors (gitlab.md §7).
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { createRequesterFn, type FormattedResponse, type RequestOptions } from '@gitbeaker/requester-utils'

/** GitLab's answer that was no success, without the request that holds the token. `status` 0: no answer came. */
export class GitLabError extends Error {
  override readonly name = 'GitLabError'
  readonly status: number
  /** Whether GitLab's API said it, and not a throttle, a ban or a proxy before it, which speak plain text. */
  readonly byApi: boolean
  constructor(call: string, status: number, why: string, byApi: boolean) {
    super(`${call}: ${status === 0 ? 'no answer' : status}${why === '' ? '' : `, ${why}`}`)
    this.status = status
    this.byApi = byApi
  }
}

/** The project, note or merge request is not there, may not be touched, or the request makes no sense: asking again does not help. */
export function isRefusal(error: unknown): error is GitLabError {
  return error instanceof GitLabError && error.byApi && [400, 403, 404, 405, 409, 422].includes(error.status)
}

export type Pace = {
  /** Milliseconds one call may take. */
  readonly timeout: number
  /** Milliseconds before the first repetition; doubled for each later one. */
  readonly backoff: number
  /** Told of every call that went out, repetitions too; status 0 where no answer came. */
  heard?(method: string, status: number, seconds: number): void
}

const TRIES = 4
/** A longer Retry-After is left to the next look. */
const PATIENCE = 10_000

export function createRequester(pace: Pace) {
  return createRequesterFn(
    async (_, options) => options,
    (endpoint, options) => send(endpoint, options as RequestOptions & { method: string }, pace),
  )
}

/**
 * A call that @gitbeaker/rest has no name for, or whose headers it keeps to itself; `query` is what follows the `?`, `most` the bytes of
 * the answer that are read.
 */
export async function callDirectly(
  url: string,
  method: string,
  path: string,
  token: string,
  pace: Pace,
  {
    query = '',
    body,
    most,
  }: { readonly query?: string; readonly body?: unknown; readonly most?: number | undefined } = {},
): Promise<FormattedResponse> {
  const headers = { 'PRIVATE-TOKEN': token, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const options = { method, prefixUrl: url, headers, searchParams: query, ...sent }
  return send(path, options as RequestOptions & { method: string }, pace, most)
}

async function send(
  endpoint: string,
  { method, prefixUrl = '', searchParams = '', headers = {}, body }: RequestOptions & { method: string },
  pace: Pace,
  most?: number | undefined,
): Promise<FormattedResponse> {
  const url = new URL(endpoint, prefixUrl.endsWith('/') ? prefixUrl : `${prefixUrl}/`)
  url.search = searchParams
  const call = `${method} ${url.pathname}`
  for (let attempt = 1; ; attempt++) {
    const began = performance.now()
    const answer = await once(call, url, { method, headers, body: body ?? null }, pace.timeout)
    pace.heard?.(method, answer.status, (performance.now() - began) / 1000)
    const read = answer instanceof Response ? await readAnswer(call, answer, most) : answer
    if (!(read instanceof GitLabError)) return read
    const wait = answer instanceof Response ? retryAfter(answer) : undefined
    const delay = wait ?? pace.backoff * 2 ** (attempt - 1)
    if (attempt === TRIES || delay > PATIENCE || !mayRepeat(method, read.status)) throw read
    await sleep(delay)
  }
}

/** 429 was not carried out, whatever the method; otherwise only what changes nothing, or changes it to the same, is repeated. */
function mayRepeat(method: string, status: number): boolean {
  if (status === 429) return true
  return (method === 'GET' || method === 'PUT') && (status === 0 || status === 502 || status === 503 || status === 504)
}

async function once(
  call: string,
  url: URL,
  init: { method: string; headers: Record<string, string>; body: string | FormData | null },
  timeout: number,
): Promise<Response | GitLabError> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeout) })
  } catch (error) {
    return new GitLabError(call, 0, reason(error), false)
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : undefined
}

async function readAnswer(
  call: string,
  response: Response,
  most?: number | undefined,
): Promise<FormattedResponse | GitLabError> {
  let text: string
  try {
    text = most === undefined ? await response.text() : await beginning(response, most)
  } catch (error) {
    return new GitLabError(call, 0, reason(error), false)
  }
  if (!response.ok) return failure(call, response.status, text)
  const json = response.headers.get('content-type')?.startsWith('application/json') === true
  const headers = Object.fromEntries(response.headers.entries())
  return { status: response.status, headers, body: json && text !== '' ? JSON.parse(text) : text }
}

/** What comes behind so many bytes is not even fetched. */
async function beginning(response: Response, most: number): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    parts.push(part)
    size += part.length
    if (size >= most) break
  }
  return Buffer.concat(parts).subarray(0, most).toString()
}

/** GitLab has four shapes of error bodies (gitlab.md §3). */
function failure(call: string, status: number, text: string): GitLabError {
  let why: unknown = text
  let byApi = true
  try {
    const body = JSON.parse(text)
    why = body.error_description ?? body.message ?? body.error ?? text
  } catch {
    byApi = false
  }
  return new GitLabError(call, status, (typeof why === 'string' ? why : JSON.stringify(why)).slice(0, 500), byApi)
}
