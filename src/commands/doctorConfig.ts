/** What the configuration says that cannot be right, though each value may be. */

import { isIP } from 'node:net'
import type { Config } from '../config.ts'
import type { Finding } from './finding.ts'

/** The provider that each agent speaks to. OpenCode speaks to either, as its model says. */
const PROVIDERS: Readonly<Record<Config['agent']['name'], readonly ('anthropic' | 'openai' | 'gemini')[]>> = {
  claude: ['anthropic'],
  codex: ['openai'],
  gemini: ['gemini'],
  opencode: ['anthropic', 'openai'],
  custom: [],
  rehearsal: [],
}
const VARIABLES = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY', gemini: 'GEMINI_API_KEY' } as const

export function examineConfig(config: Config): Finding {
  const { agent, agents, runner, url, doorUrl } = config
  const wrong: string[] = []
  const advice: string[] = []
  for (const name of new Set([agent.name, ...agents])) {
    const providers = name in PROVIDERS ? PROVIDERS[name as keyof typeof PROVIDERS] : undefined
    if (providers === undefined)
      wrong.push(`agents: there is no agent \`${name}\`: it is one of ${Object.keys(PROVIDERS).join(', ')}`)
    else if (providers.length > 0 && providers.every((provider) => config[provider] === undefined))
      wrong.push(
        `the agent \`${name}\` has no model: set ${providers.map((provider) => VARIABLES[provider]).join(' or ')}`,
      )
  }
  if (runner === 'kubernetes' && isLoopback(doorUrl))
    wrong.push(
      `ERRAND_DOOR_URL is ${doorUrl}, which in a pod is the pod itself: give the address of the door's Service`,
    )
  if (!isLoopback(url) && url.startsWith('http:'))
    advice.push(
      `ERRAND_URL is ${url}: without https anybody on the way reads along; put a proxy with a certificate before it`,
    )
  return { checked: 'configuration', found: `agent ${agent.name}, runs ${runner}, at ${url}`, wrong, advice }
}

export function isLoopback(address: string): boolean {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
