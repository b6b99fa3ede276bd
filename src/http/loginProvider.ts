/** GitLab as OpenID Connect provider: the authorization code flow with PKCE, state and nonce, over openid-client. */

import * as openid from 'openid-client'
import { z } from 'zod'
import type { Person } from '../tasks/task.ts'
import type { NoLogin } from './loginPage.ts'

export type Provider = ReturnType<typeof createProvider>

/** What has to come back with who was sent to GitLab. */
export type Expected = { readonly state: string; readonly nonce: string; readonly verifier: string }

export type ProviderSettings = {
  readonly gitlabUrl: string
  /** Of the application in GitLab; asked for at every login, since the secret may be renewed. */
  readonly id: () => string
  readonly secret: () => string
  /** Ours, where GitLab sends people back. */
  readonly redirectUri: string
  /** Seconds that one call of GitLab may take. */
  readonly timeout: number
}

/** Only who somebody is: not their mail address, and no access to anything. */
const SCOPE = 'openid profile'

/** What GitLab tells about itself is asked for when it is needed, and then kept for so many milliseconds. */
const KEPT = 3600 * 1000

const UserInfo = z.object({
  sub: z.string().regex(/^\d+$/),
  name: z.string(),
  preferred_username: z.string().optional(),
  nickname: z.string().optional(),
})

export function createProvider(settings: ProviderSettings) {
  const { gitlabUrl, id, secret, redirectUri, timeout } = settings
  let known: { readonly metadata: openid.ServerMetadata; readonly until: number } | undefined
  // Without TLS only where the operator's own address of GitLab has none: the sandbox, on loopback.
  const execute = [openid.enableNonRepudiationChecks]
  if (gitlabUrl.startsWith('http:')) execute.push(openid.allowInsecureRequests)

  async function configuration(): Promise<openid.Configuration> {
    const now = performance.now()
    if (known === undefined || known.until < now) {
      const found = await openid.discovery(new URL(gitlabUrl), id(), secret(), undefined, { execute, timeout })
      known = { metadata: found.serverMetadata(), until: now + KEPT }
    }
    const configured = new openid.Configuration(known.metadata, id(), secret())
    configured.timeout = timeout
    for (const extend of execute) extend(configured)
    return configured
  }

  return {
    /** Where to send somebody, and what to remember of it. */
    begin: async (): Promise<(Expected & { readonly at: string }) | NoLogin> =>
      orNoLogin(async () => {
        const expected = {
          state: openid.randomState(),
          nonce: openid.randomNonce(),
          verifier: openid.randomPKCECodeVerifier(),
        }
        const at = openid.buildAuthorizationUrl(await configuration(), {
          redirect_uri: redirectUri,
          scope: SCOPE,
          state: expected.state,
          nonce: expected.nonce,
          code_challenge: await openid.calculatePKCECodeChallenge(expected.verifier),
          code_challenge_method: 'S256',
        })
        return { ...expected, at: at.href }
      }),
    /** Who has come back, with this query. The token that GitLab gives for it is used once and revoked. */
    finish: async (query: string, { state, nonce, verifier }: Expected): Promise<Person | NoLogin> =>
      orNoLogin(async () => {
        const configured = await configuration()
        const tokens = await openid.authorizationCodeGrant(configured, new URL(`${redirectUri}?${query}`), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const subject = tokens.claims()?.sub ?? ''
        const info = UserInfo.parse(await openid.fetchUserInfo(configured, tokens.access_token, subject))
        // Nothing depends on it: left alone, it ends by itself in two hours.
        await openid.tokenRevocation(configured, tokens.access_token).catch(() => {})
        const username = info.preferred_username ?? info.nickname ?? ''
        return { id: Number(info.sub), username, name: info.name }
      }),
  }
}

async function orNoLogin<T>(work: () => Promise<T>): Promise<T | NoLogin> {
  try {
    return await work()
  } catch (error) {
    const noLogin = noLoginOf(error)
    if (noLogin === undefined) throw error
    return noLogin
  }
}

/** Undefined of what is a mistake of our own. */
function noLoginOf(error: unknown): NoLogin | undefined {
  if (error instanceof openid.AuthorizationResponseError || error instanceof openid.ResponseBodyError) {
    const { error: code, error_description: why = code, status } = { status: 400, ...error }
    if (code === 'access_denied') return { no: 'denied' }
    if (code === 'invalid_grant') return { no: 'stale' }
    if (status >= 500 || code === 'server_error' || code === 'temporarily_unavailable') return { no: 'away' }
    return { no: 'application', why }
  }
  if (error instanceof openid.WWWAuthenticateChallengeError) return { no: 'blocked', username: undefined }
  if (error instanceof z.ZodError) return { no: 'untrue', why: z.prettifyError(error) }
  if (error instanceof openid.ClientError) {
    const isAway = error.cause instanceof Response && (error.cause.status >= 500 || error.cause.status === 429)
    if (isAway || error.code === 'OAUTH_TIMEOUT') return { no: 'away' }
    return { no: 'untrue', why: error.message }
  }
  // fetch: no connection.
  return error instanceof TypeError && error.message === 'fetch failed' ? { no: 'away' } : undefined
}
