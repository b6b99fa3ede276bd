/** The demo's GitLab and its one project, as any GitLab client sees it. */

import { StartError } from './startError.ts'

export const DEVELOPER = 'glpat-demo-developer'
const MAINTAINER = 'glpat-demo-maintainer'
export const BOT = 'glpat-demo-errand-bot'

export type DemoGitLab = ReturnType<typeof demoGitLab>

export function demoGitLab(url: string) {
  async function call<T>(token: string, method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${url}/api/v4/${path}`, {
      method,
      headers: { 'PRIVATE-TOKEN': token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new StartError(`The sandbox answered ${response.status} to ${method} ${path}: ${text}`)
    const json = response.headers.get('content-type')?.includes('json') === true
    return json ? JSON.parse(text) : (text as T)
  }
  return {
    /** As a Maintainer does it in Settings > Webhooks; repeated, it repairs the one there is. */
    async installHook(hookUrl: string, secret: string): Promise<void> {
      const hook = {
        url: hookUrl,
        signing_token: secret,
        note_events: true,
        confidential_note_events: true,
        push_events: false,
      }
      const hooks = await call<{ id: number; name?: string }[]>(MAINTAINER, 'GET', 'projects/1/hooks')
      const [ours] = hooks.filter(({ name }) => name === 'errand')
      if (ours === undefined) await call(MAINTAINER, 'POST', 'projects/1/hooks', { ...hook, name: 'errand' })
      else await call(MAINTAINER, 'PUT', `projects/1/hooks/${ours.id}`, hook)
    },
    async comment(body: string): Promise<number> {
      return (await call<{ id: number }>(DEVELOPER, 'POST', 'projects/1/issues/1/notes', { body })).id
    },
    /** A merge request's changes as a diff. */
    async diff(iid: number): Promise<string> {
      type Diff = { old_path: string; new_path: string; diff: string }
      const diffs = await call<Diff[]>(DEVELOPER, 'GET', `projects/1/merge_requests/${iid}/diffs`)
      return diffs.map(({ old_path, new_path, diff }) => `--- ${old_path}\n+++ ${new_path}\n${diff}`).join('')
    },
  }
}
