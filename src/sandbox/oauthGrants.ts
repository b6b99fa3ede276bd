import { createHash, randomBytes } from 'node:crypto'
import type { Application } from './applications.ts'

/** That a person let an application in: what a code stands for, until it is exchanged once. */
export type Grant = {
  readonly applicationId: number
  readonly personId: number
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly nonce: string | undefined
  readonly challenge: string | undefined
  readonly method: string
  readonly at: number
}

/** Codes that are not exchanged yet; they do not survive a restart. */
export type Grants = ReturnType<typeof oauthGrants>

/** Milliseconds that a code lives. */
const LIFE = 10 * 60 * 1000

/** Starts without any. */
export function oauthGrants() {
  const grants = new Map<string, Grant>()
  return {
    give: (grant: Grant): string => {
      const code = randomBytes(32).toString('hex')
      grants.set(code, grant)
      return code
    },
    /** What the code stands for, if this application may have it with this redirect URI and verifier; the code is spent in any case. */
    take: (code: string, application: Application, redirectUri: string, verifier: string): Grant | undefined => {
      const grant = grants.get(code)
      grants.delete(code)
      if (grant === undefined || grant.applicationId !== application.id || grant.at + LIFE < Date.now())
        return undefined
      return grant.redirectUri === redirectUri && isProven(grant, verifier) ? grant : undefined
    },
  }
}

function isProven({ challenge, method }: Grant, verifier: string): boolean {
  if (challenge === undefined) return true
  return challenge === (method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier)
}
