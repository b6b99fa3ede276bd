import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { created, gone, ok, type Routes } from './call.ts'
import type { Time } from './entities.ts'
import { Flag } from './fields.ts'
import { forbidden, notFound } from './refusal.ts'
import { now } from './world.ts'

/** A program that people may log in to with their account here. */
export type Application = {
  id: number
  name: string
  /** Its public id, as programs give it. */
  uid: string
  secret: string
  redirectUris: string[]
  scopes: string[]
  createdAt: Time
}

/** What an application may ask for here. */
export const SCOPES = ['api', 'read_api', 'read_user', 'openid', 'profile', 'email']

const Creation = z.object({
  name: z.string().min(1),
  /** Several stand on lines of their own. */
  redirect_uri: z.string().min(1),
  scopes: z.string().default(''),
  confidential: Flag.default(true),
})

/** The administrators' list of applications: POST tells the secret, and never again. */
export function applicationRoutes(on: Routes): void {
  on('get', '/applications', (call) => {
    if (!call.deed().person.admin) throw forbidden()
    return ok(call.world.applications.all().map(view))
  })
  on('post', '/applications', (call) => {
    if (!call.deed().person.admin) throw forbidden()
    const { name, redirect_uri, scopes } = call.input(Creation)
    const application = call.world.applications.insert({
      name,
      uid: randomBytes(32).toString('hex'),
      secret: `gloas-${randomBytes(32).toString('hex')}`,
      redirectUris: redirect_uri.split(/\s+/).filter((uri) => uri !== ''),
      scopes: scopes.split(/[\s,]+/).filter((scope) => SCOPES.includes(scope)),
      createdAt: now(),
    })
    return created({ ...view(application), secret: application.secret })
  })
  on('delete', '/applications/:id', (call) => {
    if (!call.deed().person.admin) throw forbidden()
    const id = Number(call.param('id'))
    if (call.world.applications.get(id) === undefined) throw notFound('Application')
    call.world.applications.delete(id)
    return gone
  })
}

function view({ id, name, uid, redirectUris, scopes }: Application) {
  return {
    id,
    application_id: uid,
    application_name: name,
    callback_url: redirectUris.join('\n'),
    confidential: true,
    scopes,
  }
}
