/** The model providers: is each reached, and does it take our key. A list of models costs nothing. */

import type { Config } from '../config.ts'
import { anthropic } from '../door/modelAnthropic.ts'
import { gemini } from '../door/modelGemini.ts'
import { openai } from '../door/modelOpenai.ts'
import type { Access, Provider } from '../door/modelProvider.ts'
import { check, type Finding, type Found } from './finding.ts'
import { accessNow } from './reach.ts'

const PATIENCE = 15_000
/** Characters of what a server says that are shown. */
const WORDS = 200
const LISTS: readonly (readonly [Provider, string])[] = [
  [anthropic, '/v1/models'],
  [openai, '/v1/models'],
  [gemini, '/v1beta/models'],
]

export async function* examineModels(config: Config): AsyncGenerator<Finding> {
  for (const [provider, path] of LISTS) {
    const access = accessNow(config[provider.name])
    if (access === undefined) continue
    const cure = `see that ${new URL(access.baseUrl).host} is reached from here (proxy, firewall), and that ${provider.variable.replace('API_KEY', 'BASE_URL')} is right, if it is set`
    yield await check(provider.label, cure, () => ask(provider, path, access))
  }
}

async function ask(provider: Provider, path: string, access: Access): Promise<Found> {
  const url = provider.url(access.baseUrl, path)
  const headers = { ...provider.keyHeaders(access), 'anthropic-version': '2023-06-01' }
  const answer = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE) }).catch(
    (error: unknown) => {
      throw new Error(`${url}: ${error instanceof Error && error.cause instanceof Error ? error.cause.message : error}`)
    },
  )
  const { status } = answer
  const text = await answer.text()
  const { wrongKey, variable } = provider
  const base = variable.replace('API_KEY', 'BASE_URL')
  const { host } = new URL(url)
  const isWrongKey = status === 401 || (status === wrongKey?.status && text.includes(wrongKey.says))
  if (isWrongKey || status === 403) {
    const cure = isWrongKey ? 'is wrong, revoked or expired: put a good one' : 'may not be used here: put one that may'
    return { found: `${host} refuses our key`, wrong: [`the key ${cure} into ${variable}`] }
  }
  if (answer.ok) return { found: `${host} takes our key` }
  const found = `${host} answered ${status}`
  // A gateway need not list its models.
  if (status === 404 || status === 405)
    return {
      found,
      advice: [
        `this server has no list of models to ask for: whether the key, and the path in ${base}, are right shows with the first run`,
      ],
    }
  if (status === 429)
    return { found, advice: ['it takes no more at the moment: see the limits of the key, and its bill'] }
  const says = text.trim().replace(/\s+/g, ' ').slice(0, WORDS)
  const cure =
    status >= 500
      ? 'it fails, or what is before it: see whether it runs'
      : status < 400
        ? `it sends us on to ${answer.headers.get('location') ?? 'nowhere'}: put the address itself into ${base}`
        : `does ${base} belong to a server of ${provider.label}'s models?`
  return { found, wrong: [`${cure}${says === '' ? '' : ` (it says: ${says})`}`] }
}
