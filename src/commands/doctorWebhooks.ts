/** Whether webhooks reach us: does our own address answer as Errand does, and has anything had to be found without them. */

import type { Redis } from 'ioredis'
import type { Config } from '../config.ts'
import { PREFIX } from '../redis/connection.ts'
import { createWatermark } from '../redis/watermark.ts'
import { check, type Finding, type Found } from './finding.ts'

const PATIENCE = 5000

type Reach = Awaited<ReturnType<ReturnType<typeof createWatermark>['reach']>>

/** Without Redis nothing is known of what came. */
export async function* examineWebhooks(config: Config, redis: Redis | undefined): AsyncGenerator<Finding> {
  const { url } = config
  const reach = redis === undefined ? undefined : await createWatermark(redis, PREFIX).reach()
  const cure = `nothing answers there as Errand does: see that \`serve\` runs, and that ERRAND_URL, Ingress and proxy lead ${url}/hook to it`
  yield await check('our address', cure, () => knock(config, reach?.came !== undefined))
  if (reach !== undefined) yield { checked: 'webhooks', wrong: [], advice: [], ...cameLately(reach, url) }
}

/** A delivery of nothing: Errand says in its own words that it makes no sense. `hasCome`: GitLab has got through to us before. */
async function knock({ url, webhookSecrets }: Config, hasCome: boolean): Promise<Found> {
  const token = webhookSecrets().find((secret) => !secret.startsWith('whsec_'))
  const headers = {
    'content-type': 'application/json',
    'x-gitlab-event': 'Note Hook',
    ...(token === undefined ? {} : { 'x-gitlab-token': token }),
  }
  const init = { method: 'POST', headers, body: '{"object_kind":"doctor"}', signal: AbortSignal.timeout(PATIENCE) }
  const answer = await fetch(`${url}/hook`, { ...init, redirect: 'manual' }).catch((error: Error) => error)
  if (answer instanceof Error) {
    const why = `${url}/hook: ${answer.cause instanceof Error ? answer.cause.message : answer.message}`
    if (!hasCome) throw new Error(why)
    return { found: why, advice: ['it is not reached from here; webhooks have come, so GitLab does reach it'] }
  }
  const text = await answer.text()
  if (!/^\{"(refused|ignored|taken)":/.test(text)) throw new Error(`${url}/hook answered ${answer.status}`)
  if (answer.status === 503)
    return { found: `${url}/hook answers 503`, wrong: ['`serve` cannot take deliveries: does it reach Redis?'] }
  if (answer.status === 401 && token !== undefined) {
    const wrong = ['the Errand there has other secrets: start it and the doctor with the same WEBHOOK_SECRETS']
    return { found: `${url}/hook turns our own secret away`, wrong }
  }
  return { found: `${url}/hook answers as it should` }
}

function cameLately({ came, found, count }: Reach, url: string): Found {
  const last = came === undefined ? 'none has come yet' : `the last came ${ago(came)}`
  if (found === undefined) {
    const advice =
      came === undefined
        ? ['write a comment, and see whether this changes; `errand hooks install PROJECT` makes the hooks']
        : []
    return { found: last, advice }
  }
  const summary = `${last}; ${count} commands were brought by none and found by asking, the newest ${ago(found)}`
  const cure = `the newest command came by no webhook: see \`errand hooks check PROJECT\`, that GitLab reaches ${url}/hook, and that Admin > Settings > Network > Outbound requests lets it`
  return found > (came ?? 0) ? { found: summary, wrong: [cure] } : { found: summary }
}

function ago(at: number): string {
  const minutes = Math.round((Date.now() - at) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 120) return `${minutes} min ago`
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 60 / 24)} days ago`
}
