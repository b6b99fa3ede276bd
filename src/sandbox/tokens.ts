import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { findProject, findProjectFor, roles } from './access.ts'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import type { Person, Token } from './entities.ts'
import { Names, Whole } from './fields.ts'
import { paginated } from './pagination.ts'
import { badRequest, forbidden, notFound, Refusal, unauthorized } from './refusal.ts'
import { now, type World } from './world.ts'

/** Seconds that an application's token lives. */
export const OAUTH_LIFETIME = 7200

/** The living token with this value. Throws the 401 that GitLab gives for unknown, revoked and expired ones. */
export function tokenOf(world: World, value: string): Token {
  const token = world.tokens.find((row) => row.value === value)
  if (token === undefined) throw unauthorized()
  if (token.revoked) throw invalidToken('Token was revoked. You have to re-authorize from the user.')
  if (token.expiresAt !== null && token.expiresAt <= now().slice(0, 10)) {
    throw invalidToken('Token is expired. You can either do re-authorization or token refresh.')
  }
  if (token.applicationId !== undefined && Date.parse(token.createdAt) + OAUTH_LIFETIME * 1000 < Date.now()) {
    throw invalidToken('Token is expired. You can either do re-authorization or token refresh.')
  }
  if (world.people.get(token.personId)?.state !== 'active') throw forbidden('Your account has been blocked.')
  return token
}

/** Rotating with a token that was rotated before ends its whole family, the good one too. */
export function endFamilyOf(world: World, value: string): void {
  const token = world.tokens.find((row) => row.value === value)
  if (token === undefined || !token.revoked) return
  for (const relative of world.tokens.filter((row) => row.family === token.family && !row.revoked)) {
    world.tokens.update(relative.id, { revoked: true })
  }
}

/** 403 unless the token has one of the scopes. */
export function requireScope(token: Token, scopes: readonly string[]): void {
  if (scopes.some((scope) => token.scopes.includes(scope))) return
  throw new Refusal(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: scopes.join(' '),
  })
}

/** A new token for somebody. */
export function addToken(world: World, person: Person, fields: Partial<Token>): Token {
  const token = world.tokens.insert({
    personId: person.id,
    projectId: null,
    name: 'token',
    value: `glpat-${randomBytes(15).toString('base64url')}`,
    family: 0,
    revoked: false,
    scopes: ['api'],
    createdAt: now(),
    expiresAt: null,
    ...fields,
  })
  return fields.family === undefined ? world.tokens.update(token.id, { family: token.id }) : token
}

function invalidToken(description: string): Refusal {
  return new Refusal(401, { error: 'invalid_token', error_description: description })
}

const Rotation = z.object({ expires_at: z.iso.date().optional() })
const Creation = z.object({
  name: z.string().min(1),
  scopes: Names,
  access_level: Whole.default(roles.maintainer),
  expires_at: z.iso.date().optional(),
})

/** Tokens: project tokens with bots of their own, and rotation. */
export function tokenRoutes(on: Routes): void {
  const path = '/projects/:id/access_tokens'
  on('get', '/personal_access_tokens/self', (call) => ok(tokenView(call.world, ownToken(call))))
  on('post', '/personal_access_tokens/self/rotate', (call) => created(rotate(call, ownToken(call))))
  on('post', `${path}/self/rotate`, (call) => {
    const token = ownToken(call)
    if (token.projectId !== findProject(call).id)
      throw badRequest('Token is not a project access token of this project')
    return created(rotate(call, token))
  })
  on('get', path, (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    const tokens = call.world.tokens.filter((row) => row.projectId === project.id)
    return paginated(call, tokens, (token) => tokenView(call.world, token))
  })
  on('post', path, (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    const { name, scopes, access_level, expires_at } = call.input(Creation)
    const { world } = call
    const person = world.people.insert({
      username: `project_${project.id}_bot_${randomBytes(16).toString('hex')}`,
      name,
      bot: true,
      admin: false,
      state: 'active',
      createdAt: now(),
    })
    world.members.insert({ projectId: project.id, personId: person.id, accessLevel: access_level, createdAt: now() })
    const token = addToken(world, person, { projectId: project.id, name, scopes, expiresAt: expires_at ?? inDays(365) })
    return created({ ...tokenView(world, token), token: token.value })
  })
  on('delete', `${path}/:token_id`, (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    const token = call.world.tokens.get(Number(call.param('token_id')))
    if (token === undefined || token.projectId !== project.id) throw notFound('Project Access Token')
    call.world.tokens.update(token.id, { revoked: true })
    return gone
  })
}

function ownToken(call: Call): Token {
  if (call.token === undefined) throw unauthorized()
  if (call.token.applicationId !== undefined)
    throw badRequest('This endpoint requires token type to be a personal access token')
  return call.token
}

/** The old token dies at once; the new one lives a week unless something else is asked for. */
function rotate(call: Call, old: Token) {
  const { world } = call
  const person = world.people.get(old.personId)
  if (person === undefined) throw unauthorized()
  const { expires_at } = call.input(Rotation)
  world.tokens.update(old.id, { revoked: true })
  const { projectId, name, family, scopes } = old
  const token = addToken(world, person, { projectId, name, family, scopes, expiresAt: expires_at ?? inDays(7) })
  return { ...tokenView(world, token), token: token.value }
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 24 * 3600 * 1000).toISOString().slice(0, 10)
}

function tokenView(world: World, token: Token) {
  const member = world.members.find((row) => row.personId === token.personId && row.projectId === token.projectId)
  return {
    id: token.id,
    name: token.name,
    revoked: token.revoked,
    created_at: token.createdAt,
    description: null,
    scopes: token.scopes,
    user_id: token.personId,
    last_used_at: null,
    active: !token.revoked,
    expires_at: token.expiresAt,
    ...(member === undefined ? {} : { access_level: member.accessLevel }),
  }
}
