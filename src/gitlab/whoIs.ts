/** Whose token a program sends us, and what it may do: asked of GitLab with that very token. */

import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Person } from '../tasks/task.ts'
import { GitLabError } from './requester.ts'
import { shortMemory } from './shortMemory.ts'

/**
 * - `unknown`: GitLab has no such token, or had it: never made, revoked, expired; `why` is GitLab's word for it where it has one.
 * - `blocked`: its owner may not use GitLab; `why` says it.
 * - `scope`: it reads no API: neither `read_api` nor `api`.
 */
export type Identity =
  | { readonly is: 'known'; readonly person: Person; readonly external: boolean; readonly mayWrite: boolean }
  | { readonly is: 'unknown' | 'blocked' | 'scope'; readonly why: string }

export type WhoIs = ReturnType<typeof createWhoIs>

const User = z.object({
  id: z.number(),
  username: z.string(),
  name: z.string(),
  state: z.string(),
  external: z.boolean().default(false),
})
const Scopes = z.object({ scopes: z.array(z.string()) })
const OAuthScopes = z.object({ scope: z.array(z.string()) })
const Failure = z.object({
  error: z.string().optional(),
  error_description: z.string().optional(),
  message: z.unknown().optional(),
})

/** No token of GitLab's is longer: what is goes no further. */
const LONGEST = 512

/** `timeout` and `kept` are milliseconds. GitLab away is thrown; the token is in no error. */
export function createWhoIs(url: string, { timeout, kept }: { readonly timeout: number; readonly kept: number }) {
  const remember = shortMemory<Identity>(kept, 10_000)
  return async (token: string): Promise<Identity> => {
    if (!/^[\x21-\x7e]+$/.test(token) || token.length > LONGEST) return { is: 'unknown', why: '' }
    // By its digest: a heap dump or an error shows no token that was here a minute ago.
    const key = createHash('sha256').update(token).digest('base64url')
    return remember(key, () => identify(url, token, timeout))
  }
}

async function identify(url: string, token: string, timeout: number): Promise<Identity> {
  const scopes = await scopesOf(url, token, timeout)
  if ('is' in scopes) return scopes
  if (!scopes.some((scope) => scope === 'api' || scope === 'read_api')) return { is: 'scope', why: scopes.join(', ') }
  const user = await ask(url, '/api/v4/user', token, timeout)
  if (!user.ok) return refusal(user)
  const { state, external, ...person } = User.parse(user.body)
  if (state !== 'active') return { is: 'blocked', why: `the account is ${state}` }
  return { is: 'known', person, external, mayWrite: scopes.includes('api') }
}

/** A personal, project or group token tells its own; of an application's token another address knows. */
async function scopesOf(url: string, token: string, timeout: number): Promise<readonly string[] | Identity> {
  const self = await ask(url, '/api/v4/personal_access_tokens/self', token, timeout)
  if (self.ok) return Scopes.parse(self.body).scopes
  if (self.status !== 400) return refusal(self)
  const info = await ask(url, '/oauth/token/info', token, timeout)
  return info.ok ? OAuthScopes.parse(info.body).scope : refusal(info)
}

type Answer = { readonly call: string; readonly ok: boolean; readonly status: number; readonly body: unknown }

/** 401 and 403 in GitLab's own words are about the token; anything else (a throttle, a ban, a proxy) is not. */
function refusal({ call, status, body }: Answer): Identity {
  const said = Failure.safeParse(body)
  if (!said.success || (status !== 401 && status !== 403)) throw new GitLabError(call, status, '', said.success)
  const { error, error_description: description, message } = said.data
  const why = description ?? (typeof message === 'string' ? message : (error ?? ''))
  if (error === 'insufficient_scope') return { is: 'scope', why: '' }
  return { is: status === 401 ? 'unknown' : 'blocked', why }
}

async function ask(url: string, path: string, token: string, timeout: number): Promise<Answer> {
  const call = `GET ${path}`
  try {
    // As a bearer every kind of token is taken, an application's too.
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    const response = await fetch(url + path, { headers, redirect: 'error', signal: AbortSignal.timeout(timeout) })
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json') === true
    if (response.ok && !json) throw new Error('the answer is no JSON')
    return { call, ok: response.ok, status: response.status, body: json ? JSON.parse(text) : undefined }
  } catch (error) {
    throw new GitLabError(call, 0, error instanceof Error ? error.message : '', false)
  }
}
