import type { Response, Router } from 'express'
import { z } from 'zod'
import type { Application } from './applications.ts'
import type { Grants } from './oauthGrants.ts'
import type { World } from './world.ts'

const Asked = z.object({
  client_id: z.string().default(''),
  redirect_uri: z.string().default(''),
  response_type: z.string().default(''),
  scope: z.string().default(''),
  state: z.string().optional(),
  nonce: z.string().optional(),
  code_challenge: z.string().optional(),
  code_challenge_method: z.string().default('plain'),
})
type Asked = z.infer<typeof Asked>

/**
 * The page where somebody lets an application in. Nobody has a password here, so one chooses who to be: the button `person`,
 * or `deny`.
 */
export function authorization(router: Router, world: World, grants: Grants): void {
  router.get('/oauth/authorize', (req, res) => {
    const asked = Asked.parse(req.query)
    const application = check(res, world, asked)
    if (application !== undefined) sendPage(res, 200, consent(world, application, asked))
  })
  router.post('/oauth/authorize', (req, res) => {
    const asked = Asked.parse(req.body)
    const application = check(res, world, asked)
    if (application === undefined) return
    const { person: name } = z.object({ person: z.string().optional() }).parse(req.body)
    const person = name === undefined ? undefined : world.people.find(({ username }) => username === name)
    if (person === undefined || person.state !== 'active' || person.bot)
      return back(res, asked, {
        error: 'access_denied',
        error_description: 'The resource owner or authorization server denied the request.',
      })
    const code = grants.give({
      applicationId: application.id,
      personId: person.id,
      redirectUri: asked.redirect_uri,
      scopes: asked.scope.split(' ').filter((scope) => scope !== ''),
      nonce: asked.nonce,
      challenge: asked.code_challenge,
      method: asked.code_challenge_method,
      at: Date.now(),
    })
    back(res, asked, { code })
  })
}

/** Who asks wrongly is told here, or where it is known that the address belongs to the application, there. */
function check(res: Response, world: World, asked: Asked): Application | undefined {
  const application = world.applications.find(({ uid }) => uid === asked.client_id)
  if (application === undefined) {
    const words =
      'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.'
    sendPage(res, 401, `<p>${words}</p>`)
    return undefined
  }
  if (!application.redirectUris.includes(asked.redirect_uri)) {
    sendPage(res, 400, '<p>The redirect URI included is not valid.</p>')
    return undefined
  }
  const scopes = asked.scope.split(' ').filter((scope) => scope !== '')
  const wrong =
    asked.response_type !== 'code'
      ? ['unsupported_response_type', 'The authorization server does not support this response type.']
      : scopes.length === 0 || scopes.some((scope) => !application.scopes.includes(scope))
        ? ['invalid_scope', 'The requested scope is invalid, unknown, or malformed.']
        : !['plain', 'S256'].includes(asked.code_challenge_method)
          ? ['invalid_code_challenge_method', 'The code challenge method must be plain or S256.']
          : undefined
  if (wrong === undefined) return application
  const [error = '', error_description = ''] = wrong
  back(res, asked, { error, error_description })
  return undefined
}

function back(res: Response, { redirect_uri, state }: Asked, answer: Readonly<Record<string, string>>): void {
  const url = new URL(redirect_uri)
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value)
  if (state !== undefined) url.searchParams.set('state', state)
  res.redirect(302, url.href)
}

function consent(world: World, application: Application, asked: Asked): string {
  const hidden = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`<input type="hidden" name="${name}" value="${escaped(value)}">`],
  )
  const people = world.people.filter(({ state, bot }) => state === 'active' && !bot)
  const buttons = people.map(
    ({ username, name }) =>
      `<p><button name="person" value="${escaped(username)}">${escaped(name)} (@${escaped(username)})</button></p>`,
  )
  return `<h1>Authorize ${escaped(application.name)}?</h1>
<p>It asks for: ${escaped(asked.scope)}. This sandbox has no passwords: choose who you are.</p>
<form method="post" action="/oauth/authorize">
${hidden.join('\n')}
${buttons.join('\n')}
<p><button name="deny" value="1">Deny</button></p>
</form>`
}

function sendPage(res: Response, status: number, body: string): void {
  // Nothing is said of form-action: what the form is answered with leads to the application.
  res.set('Content-Security-Policy', "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
  const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Authorize · sandbox GitLab</title>'
  res.status(status).type('html').send(`${head}\n<main>\n${body}\n</main></html>\n`)
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
