/** Into Errand by GitLab, and out again. */

import { postJson } from './api.ts'
import { useMeAnswer } from './me.tsx'
import { Notice } from './notice.tsx'

/** GitLab sends people back to where they were. */
export function loginAddress(): string {
  return `/login?${new URLSearchParams({ to: location.pathname + location.search })}`
}

export function LogOut() {
  const { ask } = useMeAnswer()
  return (
    <button type="button" className="button small" onClick={() => void postJson('/logout', undefined).then(ask)}>
      Log out
    </button>
  )
}

/** In place of a screen, for somebody we do not know. */
export function LogInFirst({ login, gitlab }: { login: 'gitlab' | 'tokens' | 'nobody'; gitlab: string }) {
  if (login === 'gitlab') {
    return (
      <Notice
        whole
        title="Log in to see your tasks"
        action={
          <a className="button primary" href={loginAddress()}>
            Log in with GitLab
          </a>
        }
      >
        Errand shows you what you may see at <b>{gitlab}</b>, and keeps nothing of you but your name.
      </Notice>
    )
  }
  return (
    <Notice whole kind="error" title="Nobody can log in here yet">
      Programs may use the API with a GitLab token. For people, the operator sets up the login with GitLab:{' '}
      <code>OAUTH_CLIENT_ID</code> and <code>OAUTH_CLIENT_SECRET</code>.
    </Notice>
  )
}
