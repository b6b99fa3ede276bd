import express, { type RequestHandler, Router } from 'express'
import { SCOPES } from './applications.ts'
import { authorization } from './oauthAuthorize.ts'
import { oauthGrants } from './oauthGrants.ts'
import { signingKey } from './oauthKey.ts'
import { tokenEndpoints } from './oauthToken.ts'
import type { World } from './world.ts'

/** GitLab as the place where people log in for other programs: OAuth 2 with PKCE, and OpenID Connect. */
export function oauth(world: World): RequestHandler {
  const router = Router({ caseSensitive: true })
  const key = signingKey(world.data)
  const grants = oauthGrants()
  router.get(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'], (_req, res) => {
    res.json(discovery(world.url))
  })
  router.get('/oauth/discovery/keys', (_req, res) => {
    res.json(key().jwks)
  })
  router.use('/oauth', express.urlencoded({ extended: false }), express.json())
  authorization(router, world, grants)
  tokenEndpoints(router, world, grants, key)
  return router
}

function discovery(url: string) {
  return {
    issuer: url,
    authorization_endpoint: `${url}/oauth/authorize`,
    token_endpoint: `${url}/oauth/token`,
    revocation_endpoint: `${url}/oauth/revoke`,
    userinfo_endpoint: `${url}/oauth/userinfo`,
    jwks_uri: `${url}/oauth/discovery/keys`,
    scopes_supported: SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    claim_types_supported: ['normal'],
    claims_supported: [
      'iss',
      'sub',
      'aud',
      'exp',
      'iat',
      'name',
      'nickname',
      'preferred_username',
      'profile',
      'groups',
    ],
    code_challenge_methods_supported: ['plain', 'S256'],
  }
}
