/** Environment and one YAML file → one readonly Config. The only reader of process.env; the schemas below document every setting. */

import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { problemsOfTools, secretsOfTools } from './door/toolsSettings.ts'
import { problemsOfLogin } from './loginRules.ts'
import { Settings } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A secret is read anew at every use: files are rotated while we run. */
export type Secret = () => string

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** Each in a sentence. */
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`Errand cannot start with this configuration:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''))

/** Documented in docs/configure.md, which is made of it. */
export const environmentSchema = z.object({
  GITLAB_URL: url.describe('GitLab, as https://gitlab.example.com.'),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).describe('Redis, as redis://host:6379.'),
  ERRAND_URL: url.describe('Where people reach this Errand; stands in comments.'),
  ERRAND_DOOR_URL: url.describe('Where the runs reach the door.'),
  ERRAND_RUNNER: z
    .enum(['kubernetes', 'docker', 'local'])
    .default('kubernetes')
    .describe(
      'Where agents run. kubernetes: a Job each. docker: a container of this machine each, by Docker or Podman. local: a child process, isolated from nothing.',
    ),
  ERRAND_DATA: z.string().default(join(homedir(), '.errand')).describe("A folder for the local runner, nobody else's."),
  ANTHROPIC_BASE_URL: url.optional().describe("A gateway before the model provider; Anthropic's own API otherwise."),
  OPENAI_BASE_URL: url
    .optional()
    .describe("A gateway or server that speaks OpenAI's API, as its own clients take it: https://example.com/v1."),
  GEMINI_BASE_URL: url.optional().describe("A gateway that speaks Gemini's API; Google's own otherwise."),
})

/** Each may be given as NAME, or as NAME_FILE that names a file. */
export const SECRETS = {
  GITLAB_TOKEN: { required: true, about: "the bot's access token (scope api)" },
  WEBHOOK_SECRETS: {
    required: true,
    about: 'one or several, with commas between; one that begins with whsec_ verifies signatures',
  },
  OAUTH_CLIENT_ID: { required: false, about: 'the id of the OAuth application in GitLab, by which people log in' },
  OAUTH_CLIENT_SECRET: { required: false, about: 'the secret of that application' },
  ERRAND_KEY: { required: true, about: 'at least 32 characters, as `openssl rand -hex 32` prints them' },
  ANTHROPIC_API_KEY: { required: false, about: 'the key of the model provider' },
  ANTHROPIC_AUTH_TOKEN: { required: false, about: 'sent as a bearer token instead of a key' },
  OPENAI_API_KEY: { required: false, about: "the key for OpenAI's models" },
  GEMINI_API_KEY: { required: false, about: "the key for Gemini's models" },
} as const
/** What of these is no secret, or is taken apart before. */
const NO_SECRET: readonly string[] = ['WEBHOOK_SECRETS', 'OAUTH_CLIENT_ID']
type SecretName = keyof typeof SECRETS

/** A provider of models, or a gateway that speaks its API; neither key nor token where it needs none. */
export type ModelAccess = {
  readonly baseUrl: string
  readonly apiKey: Secret | undefined
  readonly authToken: Secret | undefined
}

/** The application in GitLab that people log in to. */
export type OAuthClient = { readonly id: Secret; readonly secret: Secret }

export type Config = Readonly<z.output<typeof Settings>> & {
  readonly gitlab: { readonly url: string; readonly token: Secret }
  /** Undefined where nobody can log in: then there is the API, with GitLab's tokens. */
  readonly oauth: OAuthClient | undefined
  readonly webhookSecrets: () => readonly string[]
  readonly redisUrl: string
  readonly url: string
  readonly doorUrl: string
  readonly key: Secret
  readonly runner: 'kubernetes' | 'docker' | 'local'
  readonly data: string
  /** Undefined where neither a key nor a gateway is given: then none of the provider's models can be used. */
  readonly anthropic: ModelAccess | undefined
  readonly openai: ModelAccess | undefined
  readonly gemini: ModelAccess | undefined
  /** Every secret there is, for the masker. */
  readonly secrets: () => readonly string[]
  /** What a local run may see of our environment; never a token. */
  readonly passedOn: Readonly<Record<string, string>>
}

/** Variables of this process that a local run gets as they are. */
const PASSED_ON = [
  'PATH',
  'LANG',
  'LC_ALL',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
]

export function ownEnvironment(): Environment {
  return process.env
}

export function readConfig(environment: Environment = ownEnvironment()): Config {
  const problems: string[] = []
  const parsed = environmentSchema.safeParse(withoutEmpty(environment))
  if (!parsed.success) problems.push(...describe(parsed.error, ''))
  const secret = readSecrets(environment, problems)
  const file = Settings.safeParse(readFile(environment.ERRAND_CONFIG, problems))
  if (!file.success) problems.push(...describe(file.error, `${environment.ERRAND_CONFIG}: `))
  if (file.success)
    problems.push(...problemsOfTools(file.data.tools).map((problem) => `${environment.ERRAND_CONFIG}: ${problem}`))
  const oauth = readOAuth(secret, problems)
  if (file.success) problems.push(...problemsOfLogin(file.data, environment.ERRAND_URL ?? '', oauth !== undefined))
  const { GITLAB_TOKEN: token, WEBHOOK_SECRETS: hooks, ERRAND_KEY: key } = secret
  const split = () =>
    (hooks?.() ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '')
  if (hooks !== undefined && split().length === 0)
    problems.push(`WEBHOOK_SECRETS is empty: ${SECRETS.WEBHOOK_SECRETS.about}`)
  // Cut off or mistyped, it would be a key that anybody can guess.
  if (split().some((one) => one.startsWith('whsec_') && Buffer.from(one.slice(6), 'base64').length < 16))
    problems.push('WEBHOOK_SECRETS: a whsec_… is too short: copy the whole signing token from GitLab')
  if (parsed.data?.ERRAND_RUNNER === 'kubernetes' && file.success && file.data.kubernetes === undefined)
    problems.push(
      'ERRAND_RUNNER is kubernetes, so the file that ERRAND_CONFIG names needs "kubernetes:" with at least its image; for a try on this machine set ERRAND_RUNNER=local',
    )
  if (parsed.data?.ERRAND_RUNNER === 'docker' && file.success && file.data.docker === undefined)
    problems.push(
      'ERRAND_RUNNER is docker, so the file that ERRAND_CONFIG names needs "docker:" with at least its image',
    )
  if (file.success && file.data.agent.name === 'custom' && file.data.agent.command === undefined)
    problems.push('agent.command: the agent `custom` needs the program that it is')
  if (!parsed.success || !file.success || !token || !hooks || !key || problems.length > 0)
    throw new ConfigError(problems)
  return {
    ...file.data,
    gitlab: { url: parsed.data.GITLAB_URL, token },
    oauth,
    webhookSecrets: split,
    redisUrl: parsed.data.REDIS_URL,
    url: parsed.data.ERRAND_URL,
    doorUrl: parsed.data.ERRAND_DOOR_URL,
    key,
    runner: parsed.data.ERRAND_RUNNER,
    data: parsed.data.ERRAND_DATA,
    anthropic: access(
      parsed.data.ANTHROPIC_BASE_URL,
      'https://api.anthropic.com',
      secret.ANTHROPIC_API_KEY,
      secret.ANTHROPIC_AUTH_TOKEN,
    ),
    openai: access(parsed.data.OPENAI_BASE_URL, 'https://api.openai.com/v1', secret.OPENAI_API_KEY),
    gemini: access(parsed.data.GEMINI_BASE_URL, 'https://generativelanguage.googleapis.com', secret.GEMINI_API_KEY),
    secrets: () => [
      ...split(),
      ...secretsOfTools(file.data.tools),
      ...passwordIn(parsed.data.REDIS_URL),
      ...Object.entries(secret).flatMap(([name, read]) => (NO_SECRET.includes(name) ? [] : [read()])),
    ],
    passedOn: Object.fromEntries(
      PASSED_ON.flatMap((name) => [name, name.toLowerCase()]).flatMap((name) => {
        const value = environment[name]
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  }
}

function access(
  baseUrl: string | undefined,
  usual: string,
  apiKey: Secret | undefined,
  authToken?: Secret,
): ModelAccess | undefined {
  if (baseUrl === undefined && apiKey === undefined && authToken === undefined) return undefined
  return { baseUrl: baseUrl ?? usual, apiKey, authToken }
}

function readOAuth(
  { OAUTH_CLIENT_ID: id, OAUTH_CLIENT_SECRET: secret }: Partial<Record<SecretName, Secret>>,
  problems: string[],
): OAuthClient | undefined {
  if (id !== undefined && secret !== undefined) return { id, secret }
  if (id !== undefined || secret !== undefined)
    problems.push('OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET belong together: give both, from the application in GitLab')
  return undefined
}

/** Of an address as redis://user:password@host. */
function passwordIn(address: string): readonly string[] {
  const { password } = new URL(address)
  return password === '' ? [] : [decodeURIComponent(password)]
}

function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
}

function readSecrets(environment: Environment, problems: string[]): Partial<Record<SecretName, Secret>> {
  const found: Partial<Record<SecretName, Secret>> = {}
  for (const [name, { required, about }] of Object.entries(SECRETS) as [SecretName, (typeof SECRETS)[SecretName]][]) {
    const value = environment[name]
    const path = environment[`${name}_FILE`]
    if (value) found[name] = () => value
    else if (path) {
      try {
        if (readFileSync(path, 'utf8').trim() === '') problems.push(`${name}_FILE: ${path} is empty`)
        found[name] = () => readFileSync(path, 'utf8').trim()
      } catch (error) {
        problems.push(`${name}_FILE: ${error instanceof Error ? error.message : String(error)}`)
      }
    } else if (required) problems.push(`${name} (or ${name}_FILE) is missing: ${about}`)
  }
  if (found.ERRAND_KEY !== undefined && found.ERRAND_KEY().length < 32)
    problems.push(`ERRAND_KEY is too short: ${SECRETS.ERRAND_KEY.about}`)
  return found
}

function readFile(path: string | undefined, problems: string[]): unknown {
  if (path === undefined || path === '') return {}
  try {
    return parseYaml(readFileSync(path, 'utf8')) ?? {}
  } catch (error) {
    problems.push(`ERRAND_CONFIG: ${path}: ${error instanceof Error ? error.message : String(error)}`)
    return {}
  }
}

function describe(error: z.ZodError, where: string): readonly string[] {
  return error.issues.map(({ path, message }) => `${where}${path.join('.') || 'the file'}: ${message}`)
}
