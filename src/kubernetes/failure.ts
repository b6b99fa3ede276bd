/** What the cluster's API answers instead of what was asked for, as one closed union. */

/**
 * - `exists`: a create of a name that is taken. `conflict`: any other 409.
 * - `gone`: the resource version is too old (410); list again.
 * - `unauthorized`: 401, as after a token has expired.
 * - `later`: 429, 5xx, timeouts and a network that fails; `after` is what the server asked us to wait, in milliseconds.
 */
type Problem = 'not-found' | 'exists' | 'conflict' | 'forbidden' | 'invalid' | 'gone' | 'unauthorized' | 'later'

export class KubernetesError extends Error {
  override readonly name = 'KubernetesError'
  readonly problem: Problem
  readonly status: number | undefined
  readonly after: number | undefined

  constructor(problem: Problem, message: string, more: { status?: number; after?: number; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.problem = problem
    this.status = more.status
    this.after = more.after
  }
}

export function isProblem(error: unknown, problem: Problem): error is KubernetesError {
  return error instanceof KubernetesError && error.problem === problem
}

/** An answer of 400 and above. Its body is a Status where the API server wrote it, and anything where a proxy did. */
export function failureOf(status: number, body: string, retryAfter: string | undefined, call: string): KubernetesError {
  const told = readStatus(body)
  const message = `${call}: ${status} ${told?.message ?? body.slice(0, 300)}`.trim()
  const seconds = retryAfter === undefined ? Number.NaN : Number(retryAfter)
  const after = Number.isFinite(seconds) ? { after: Math.max(0, seconds) * 1000 } : {}
  return new KubernetesError(problemOf(status, told?.reason), message, { status, ...after })
}

function problemOf(status: number, reason: string | undefined): Problem {
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not-found'
  if (status === 409) return reason === 'AlreadyExists' ? 'exists' : 'conflict'
  if (status === 410) return 'gone'
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'later'
  return 'invalid'
}

function readStatus(body: string): { message?: string; reason?: string } | undefined {
  try {
    const read: unknown = JSON.parse(body)
    return typeof read === 'object' && read !== null ? read : undefined
  } catch {
    return undefined
  }
}
