/** What is said about a login that did not work: a small page that loads nothing. app.ts gives it the headers of every page. */

import type { Response } from 'express'

/** Why there is no login. `application`, `untrue`: `why` says it for the operator. */
export type NoLogin =
  | { readonly no: 'denied' | 'stale' | 'away' | 'unconfigured' | 'other-site' }
  | { readonly no: 'blocked'; readonly username: string | undefined }
  | { readonly no: 'application' | 'untrue'; readonly why: string }

/** `url` is our own address, `to` where a new try leads. */
export function sendNoLogin(response: Response, noLogin: NoLogin, url: string, to: string): void {
  const { status, title, text, again } = words(noLogin, url)
  const link = again ? `<p><a href="/login?to=${escaped(encodeURIComponent(to))}">Log in again</a></p>` : ''
  if (status === 503) response.set('Retry-After', '30')
  response.status(status).type('html')
  response.send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · Errand</title>
<main>
<h1>${escaped(title)}</h1>
${text.map((line) => `<p>${escaped(line)}</p>`).join('\n')}
${link}
</main>
</html>
`)
}

type Words = {
  readonly status: number
  readonly title: string
  readonly text: readonly string[]
  readonly again: boolean
}

function words(noLogin: NoLogin, url: string): Words {
  const application = `The application in GitLab has the redirect URI ${url}/login/callback and the scopes openid and profile.`
  switch (noLogin.no) {
    case 'denied':
      return {
        status: 403,
        title: 'You are not logged in',
        text: ['GitLab was told not to let Errand know who you are. To use Errand, authorize it.'],
        again: true,
      }
    case 'stale':
      return {
        status: 400,
        title: 'This login is no longer good',
        text: ['It was begun more than ten minutes ago or in another browser, or it was used before. Begin a new one.'],
        again: true,
      }
    case 'away':
      return {
        status: 503,
        title: 'GitLab does not answer',
        text: ['Errand asks GitLab who you are. Try again in a minute.'],
        again: true,
      }
    case 'blocked':
      return {
        status: 403,
        title: 'Your account is not active',
        text: [
          `GitLab does not let ${noLogin.username === undefined ? 'your account' : `@${noLogin.username}`} in: it is blocked, deactivated, or waits for approval. Ask your GitLab administrator.`,
        ],
        again: true,
      }
    case 'unconfigured':
      return {
        status: 404,
        title: 'Nobody can log in here',
        text: [
          `This Errand has no application in GitLab. Its operator registers one, and sets OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET. ${application}`,
          'Until then there is the API at /api, for programs with a GitLab token.',
        ],
        again: false,
      }
    case 'other-site':
      return {
        status: 403,
        title: 'Another site asked for this',
        text: ['Nobody was logged out. Log out on the page of Errand itself.'],
        again: false,
      }
    case 'application':
      return {
        status: 502,
        title: 'GitLab does not accept this Errand',
        text: [
          `GitLab says: ${noLogin.why}`,
          `Show this to your Errand operator: OAUTH_CLIENT_ID or OAUTH_CLIENT_SECRET is wrong, or the application. ${application}`,
        ],
        again: true,
      }
    case 'untrue':
      return {
        status: 502,
        title: "GitLab's answer could not be verified",
        text: [`What was wrong: ${noLogin.why}`, 'Try again; if it stays so, show this to your Errand operator.'],
        again: true,
      }
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
