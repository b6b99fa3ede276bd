/** A project's webhook that tells us: found, made as it should be, and how it fares. */

import { z } from 'zod'
import type { Named } from './below.ts'
import { type GitLab, goneIfRefused } from './client.ts'
import { type Hook, hookSchema, isOff, NAME, settingsOf, split, type Wanted, wrongWith } from './hookState.ts'
import { isRefusal } from './requester.ts'

/**
 * `others`: more hooks of the project with our address, so that everything would come more than once. `above`: what a group that the
 * project lies in has for us, as far as we may see it.
 */
type Found = {
  readonly hook: Hook | undefined
  readonly others: readonly Hook[]
  readonly above: { readonly group: string; readonly hook: Hook } | undefined
}

/** `no-right`: whoever the token is of may not see the project's hooks, which takes a Maintainer. */
export async function findHook(gitlab: GitLab, { id, path }: Named, { url }: Wanted): Promise<Found | 'no-right'> {
  const rows = await goneIfRefused(gitlab.hooks.all(id, { perPage: 100 }))
  if (rows === 'gone') return 'no-right'
  const hooks = z.array(hookSchema).parse(rows)
  const [hook, ...others] = hooks.filter((one) => one.url === url)
  return { hook: hook ?? hooks.find(({ name }) => name === NAME), others, above: await hookAbove(gitlab, path, url) }
}

/** Group hooks are for Owners, and not in every edition: who may not see them, or has none, goes on as if there were none. */
async function hookAbove(gitlab: GitLab, path: string, url: string): Promise<Found['above']> {
  const names = path.split('/').slice(0, -1)
  for (let depth = names.length; depth > 0; depth--) {
    const group = names.slice(0, depth).join('/')
    const query = { per_page: '100' }
    const answer = await goneIfRefused(gitlab.call('GET', `groups/${encodeURIComponent(group)}/hooks`, query))
    if (answer === 'gone') continue
    const hook = z
      .array(hookSchema)
      .parse(answer.body)
      .find((one) => one.url === url)
    if (hook !== undefined) return { group, hook }
  }
  return undefined
}

export type Ensured =
  | { readonly hook: 'created' | 'fine' | 'no-right' }
  /** A group above tells us all; `removed` hooks of the project told it a second time. */
  | { readonly hook: 'above'; readonly group: string; readonly removed: number }
  | { readonly hook: 'repaired'; readonly what: readonly string[] }
  /** GitLab's own words. */
  | { readonly hook: 'refused'; readonly why: string }
  /** It stands, and we would turn away what it sends: this GitLab signs nothing, and WEBHOOK_SECRETS has only a signing token. */
  | { readonly hook: 'unsigned' }
  /** It stands, but GitLab has switched it off and a test did not get through; GitLab's own words. */
  | { readonly hook: 'off'; readonly why: string }

/** Creates or repairs the project's hook. Done again it changes nothing, but sets the secrets anew, which cannot be compared. */
export async function ensureHook(gitlab: GitLab, project: Named, wanted: Wanted): Promise<Ensured> {
  const projectId = project.id
  const found = await findHook(gitlab, project, wanted)
  if (found === 'no-right') return { hook: 'no-right' }
  const { hook, others, above } = found
  if (above !== undefined && wrongWith(above.hook, wanted).length === 0) {
    const own = [...(hook?.url === wanted.url ? [hook] : []), ...others]
    for (const { id } of own) await gitlab.hooks.remove(projectId, id)
    return { hook: 'above', group: above.group, removed: own.length }
  }
  let written: Hook
  try {
    const settings = settingsOf(wanted, hook)
    const call =
      hook === undefined
        ? gitlab.hooks.add(projectId, wanted.url, settings)
        : gitlab.hooks.edit(projectId, hook.id, wanted.url, settings)
    written = hookSchema.parse(await call)
    for (const { id } of others) await gitlab.hooks.remove(projectId, id)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return error.status === 403 || error.status === 404 ? { hook: 'no-right' } : { hook: 'refused', why: error.message }
  }
  const { signing, token } = split(wanted.secrets)
  if (signing !== undefined && token === undefined && written.signing_token_present !== true)
    return { hook: 'unsigned' }
  if (hook === undefined) return { hook: 'created' }
  if (isOff(hook)) {
    const why = await switchOn(gitlab, projectId, hook.id)
    if (why !== undefined) return { hook: 'off', why }
  }
  const what = [...wrongWith(hook, wanted), ...others.map(({ id }) => `a second one told the same, number ${id}`)]
  return what.length === 0 ? { hook: 'fine' } : { hook: 'repaired', what }
}

/** A successful test is what switches a hook on again (gitlab.md §1.3); it needs something in the project to tell of. */
async function switchOn(gitlab: GitLab, projectId: number, hookId: number): Promise<string | undefined> {
  let why: string | undefined
  for (const trigger of ['note_events', 'issues_events', 'merge_requests_events', 'push_events']) {
    try {
      await gitlab.call('POST', `projects/${projectId}/hooks/${hookId}/test/${trigger}`)
      return undefined
    } catch (error) {
      if (!isRefusal(error)) throw error
      why = error.message
      if (!why.includes('Ensure the project has')) return why
    }
  }
  return why
}

const event = z.object({ response_status: z.coerce.string() })

/** How the newest deliveries failed, up to the last that succeeded; nothing where this GitLab keeps no log (before 17.3). */
export async function failedLately(gitlab: GitLab, projectId: number, hookId: number): Promise<readonly string[]> {
  const call = gitlab.call('GET', `projects/${projectId}/hooks/${hookId}/events`, { per_page: '20' })
  const answer = await goneIfRefused(call)
  if (answer === 'gone') return []
  const statuses = z
    .array(event)
    .parse(answer.body)
    .map(({ response_status: status }) => status)
  const good = statuses.findIndex((status) => /^[23]\d\d$/.test(status))
  return good === -1 ? statuses : statuses.slice(0, good)
}
