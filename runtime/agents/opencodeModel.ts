/** Which provider a model's name means: OpenCode calls them `anthropic/claude-…` and `openai/gpt-…`. Pure. */

const PROVIDERS = ['anthropic', 'openai'] as const

export type Provider = (typeof PROVIDERS)[number]
/** Without a model it is OpenCode's own choice of the provider's. */
export type Choice = { readonly provider: Provider; readonly model?: string }

const KNOWN: readonly { readonly name: RegExp; readonly provider: Provider }[] = [
  { name: /^claude/, provider: 'anthropic' },
  { name: /^(?:gpt|chatgpt|codex|o\d)/, provider: 'openai' },
]

/** Without a name Anthropic's; undefined where the name tells no provider that the door has. */
export function choose(name: string | undefined): Choice | undefined {
  if (name === undefined) return { provider: 'anthropic' }
  const [, prefix, rest] = /^([^/]+)\/(.+)$/.exec(name) ?? []
  const named = PROVIDERS.find((provider) => provider === prefix)
  if (named !== undefined && rest !== undefined) return { provider: named, model: rest }
  const known = KNOWN.find((one) => prefix === undefined && one.name.test(name))
  return known === undefined ? undefined : { provider: known.provider, model: name }
}

/** Why it cannot use a model of that name. */
export function unknownModel(name: string): string {
  return `OpenCode cannot tell whose model \`${name}\` is. Name it with its provider, \`anthropic/<model>\` or \`openai/<model>\`: Errand gives OpenCode no other.`
}
