/** What a project's webhook should be, and what of it is wrong: pure. */

import { z } from 'zod'

/** What a hook has to be: where GitLab reaches our `/hook`, and WEBHOOK_SECRETS. */
export type Wanted = { readonly url: string; readonly secrets: readonly string[] }

/** Ours are found again by this, should their address have changed. */
export const NAME = 'errand'

const EVENTS = {
  note_events: 'comments',
  confidential_note_events: 'confidential comments',
  issues_events: 'issues',
  confidential_issues_events: 'confidential issues',
  merge_requests_events: 'merge requests',
  pipeline_events: 'pipelines',
} as const
type EventFlag = keyof typeof EVENTS
const FLAGS = Object.keys(EVENTS) as readonly EventFlag[]

const flag = z.boolean().nullish()
export const hookSchema = z.object({
  id: z.number(),
  url: z.string(),
  name: z.string().nullish(),
  note_events: flag,
  confidential_note_events: flag,
  issues_events: flag,
  confidential_issues_events: flag,
  merge_requests_events: flag,
  pipeline_events: flag,
  push_events: flag,
  enable_ssl_verification: flag,
  // Whether there are secrets: which, GitLab never tells. Older ones tell nothing at all.
  token_present: flag,
  signing_token_present: flag,
  alert_status: z.string().nullish(),
  custom_webhook_template: z.string().nullish(),
})

export type Hook = z.infer<typeof hookSchema>

/** What keeps the hook from telling us all that we need, each as words that follow "its hook:". */
export function wrongWith(hook: Hook, { url, secrets }: Wanted): readonly string[] {
  const { signing, token } = split(secrets)
  const missing = FLAGS.filter((name) => hook[name] !== true).map((name) => EVENTS[name])
  const wrong: (string | false)[] = [
    hook.url !== url && `it goes to ${withoutPassword(hook.url)}, not to ${url}`,
    missing.length > 0 && `it does not tell of ${missing.join(', ')}`,
    hook.push_events === true && 'it tells of pushes, which nobody reads',
    token !== undefined && hook.token_present === false && 'it has no secret token',
    signing !== undefined && hook.signing_token_present === false && 'it has no signing token',
    hook.enable_ssl_verification === false && 'it trusts any certificate',
    (hook.custom_webhook_template ?? '') !== '' && 'a template of its own changes what it says',
    isOff(hook) && 'GitLab has switched it off after failures',
  ]
  return wrong.filter((words) => words !== false)
}

/** What we write; both secrets each time, since a changed address loses its token (gitlab.md §1.2). */
export function settingsOf({ secrets }: Wanted, hook: Hook | undefined): Record<string, string | boolean> {
  const { signing, token } = split(secrets)
  return {
    name: NAME,
    description: 'Tells Errand what people ask of it. Installed by `errand hooks install`, which also repairs it.',
    ...Object.fromEntries(FLAGS.map((name) => [name, true])),
    push_events: false,
    enable_ssl_verification: true,
    ...(token === undefined ? {} : { token }),
    ...(signing === undefined ? {} : { signing_token: signing }),
    ...((hook?.custom_webhook_template ?? '') === '' ? {} : { custom_webhook_template: '' }),
  }
}

/** The first of each kind: of several the newest stands first while they are changed. GitLabs before 19.0 pass over a signing token. */
export function split(secrets: readonly string[]): {
  readonly signing: string | undefined
  readonly token: string | undefined
} {
  return {
    signing: secrets.find((secret) => secret.startsWith('whsec_')),
    token: secrets.find((secret) => !secret.startsWith('whsec_')),
  }
}

export function isOff({ alert_status: status }: Hook): boolean {
  return status != null && status !== 'executable'
}

/** An address with its password masked, as it may stand in a log. */
function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  if (url.password !== '') url.password = '***'
  return url.href
}
