/** The demo's GitLab and its one project, as any GitLab client sees it. */

import { connectGitLab } from '../gitlab/client.ts'
import { ensureHook } from '../gitlab/projectHooks.ts'
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
    /** As `errand hooks install` does it with a Maintainer's token. */
    async installHook(hookUrl: string, secret: string): Promise<void> {
      const gitlab = connectGitLab(url, async () => MAINTAINER, { timeout: 15_000, backoff: 500 })
      const { hook } = await ensureHook(gitlab, { id: 1, path: 'demo/shop' }, { url: hookUrl, secrets: [secret] })
      if (hook !== 'created' && hook !== 'repaired' && hook !== 'fine')
        throw new StartError(`The sandbox does not take the webhook: ${hook}`)
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
