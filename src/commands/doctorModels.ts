/** The model providers: is each reached, and does it take our key. A list of models costs nothing. */

import type { Config } from '../config.ts'
import { anthropic } from '../door/modelAnthropic.ts'
import { gemini } from '../door/modelGemini.ts'
import { openai } from '../door/modelOpenai.ts'
import type { Access, Provider } from '../door/modelProvider.ts'
import { check, type Finding, type Found } from './finding.ts'
import { accessNow } from './reach.ts'

const PATIENCE = 15_000
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
  const text = await answer.text()
  const { wrongKey } = provider
  const isRefused = answer.status === 401 || (answer.status === wrongKey?.status && text.includes(wrongKey.says))
  const { host } = new URL(url)
  if (isRefused)
    return {
      found: `${host} refuses our key`,
      wrong: [`the key is wrong, revoked or expired: put a good one into ${provider.variable}`],
    }
  if (answer.ok) return { found: `${host} takes our key` }
  // A gateway need not list its models.
  const advice = [`whether the key is right shows with the first run: this server has no list of models to ask for`]
  return { found: `${host} answered ${answer.status}`, advice }
}
