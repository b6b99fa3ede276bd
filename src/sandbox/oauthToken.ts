import { randomBytes } from 'node:crypto'
import type { Request, Response, Router } from 'express'
import { z } from 'zod'
import type { Application } from './applications.ts'
import type { Person, Token } from './entities.ts'
import type { Grants } from './oauthGrants.ts'
import type { SigningKey } from './oauthKey.ts'
import { Refusal } from './refusal.ts'
import { addToken, OAUTH_LIFETIME, tokenOf } from './tokens.ts'
import type { World } from './world.ts'

const Exchange = z.object({
  grant_type: z.string().default(''),
  code: z.string().default(''),
  redirect_uri: z.string().default(''),
  code_verifier: z.string().default(''),
})

/** Where an application exchanges a code, and where a token tells whose it is. */
export function tokenEndpoints(router: Router, world: World, grants: Grants, key: () => SigningKey): void {
  router.post('/oauth/token', (req, res) => {
    res.set('Cache-Control', 'no-store')
    const application = clientOf(world, req)
    if (application === undefined) {
      const words =
        'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.'
      return fail(res, 401, 'invalid_client', words)
    }
    const { grant_type, code, redirect_uri, code_verifier } = Exchange.parse(req.body ?? {})
    if (grant_type !== 'authorization_code')
      return fail(
        res,
        400,
        'unsupported_grant_type',
        'The authorization grant type is not supported by the authorization server.',
      )
    const grant = grants.take(code, application, redirect_uri, code_verifier)
    const person = grant === undefined ? undefined : world.people.get(grant.personId)
    if (grant === undefined || person === undefined) {
      const words =
        'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.'
      return fail(res, 400, 'invalid_grant', words)
    }
    const scopes = [...grant.scopes]
    const value = randomBytes(32).toString('hex')
    addToken(world, person, { name: application.name, applicationId: application.id, scopes, value })
    world.flush()
    const at = Math.floor(Date.now() / 1000)
    const claims = {
      iss: world.url,
      sub: String(person.id),
      aud: application.uid,
      exp: at + 120,
      iat: at,
      auth_time: at,
      ...(grant.nonce === undefined ? {} : { nonce: grant.nonce }),
      groups_direct: groupsOf(world, person),
    }
    res.json({
      access_token: value,
      token_type: 'Bearer',
      expires_in: OAUTH_LIFETIME,
      scope: scopes.join(' '),
      created_at: at,
      ...(scopes.includes('openid') ? { id_token: key().sign(claims) } : {}),
    })
  })
  router.post('/oauth/revoke', (req, res) => {
    const application = clientOf(world, req)
    const { token: value } = z.object({ token: z.string().default('') }).parse(req.body ?? {})
    const token = world.tokens.find((row) => row.value === value)
    if (application === undefined || (token !== undefined && token.applicationId !== application.id))
      return fail(res, 403, 'unauthorized_client', 'You are not authorized to revoke this token')
    if (token !== undefined) world.tokens.update(token.id, { revoked: true })
    world.flush()
    res.json({})
  })
  for (const method of ['get', 'post'] as const) {
    router[method]('/oauth/userinfo', (req, res) => {
      const found = bearer(world, req, res)
      if (found === undefined) return
      if (!found.token.scopes.includes('openid'))
        return fail(
          res,
          403,
          'insufficient_scope',
          'The request requires higher privileges than provided by the access token.',
        )
      res.json(userinfo(world, found.person))
    })
  }
  router.get('/oauth/token/info', (req, res) => {
    const found = bearer(world, req, res)
    const application = world.applications.get(found?.token.applicationId ?? 0)
    if (found === undefined) return
    const created = Math.floor(Date.parse(found.token.createdAt) / 1000)
    const left = created + OAUTH_LIFETIME - Math.floor(Date.now() / 1000)
    res.json({
      resource_owner_id: found.person.id,
      scope: found.token.scopes,
      expires_in: left,
      application: { uid: application?.uid ?? null },
      created_at: created,
      scopes: found.token.scopes,
      expires_in_seconds: left,
    })
  })
}

/** By basic authentication or in the body; wrong names and wrong secrets are answered alike. */
function clientOf(world: World, req: Request): Application | undefined {
  const basic = /^Basic (.+)$/i.exec(req.get('authorization') ?? '')?.[1]
  const given = z
    .object({ client_id: z.string().default(''), client_secret: z.string().default('') })
    .parse(req.body ?? {})
  const [id = '', secret = ''] =
    basic === undefined
      ? [given.client_id, given.client_secret]
      : Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent)
  return world.applications.find((row) => row.uid === id && row.secret === secret)
}

/** Whose token this is; an application's, since no other is taken here. */
function bearer(world: World, req: Request, res: Response): { token: Token; person: Person } | undefined {
  const value = /^Bearer (.+)$/i.exec(req.get('authorization') ?? '')?.[1]
  try {
    const token = tokenOf(world, value ?? '')
    const person = world.people.get(token.personId)
    if (token.applicationId !== undefined && person !== undefined) return { token, person }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
  res.set('WWW-Authenticate', 'Bearer realm="Doorkeeper", error="invalid_token"')
  fail(res, 401, 'invalid_token', 'The access token is invalid')
  return undefined
}

function userinfo(world: World, person: Person) {
  return {
    sub: String(person.id),
    name: person.name,
    nickname: person.username,
    preferred_username: person.username,
    profile: `${world.url}/${person.username}`,
    picture: null,
    groups: groupsOf(world, person),
  }
}

function groupsOf(world: World, person: Person): string[] {
  const ids = new Set(world.groupMembers.filter(({ personId }) => personId === person.id).map(({ groupId }) => groupId))
  return world.groups.filter(({ id }) => ids.has(id)).map(({ fullPath }) => fullPath)
}

function fail(res: Response, status: number, error: string, error_description: string): void {
  res.status(status).json({ error, error_description })
}
