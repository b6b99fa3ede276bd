import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Environment, readConfig } from '../src/config.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'errand-config-'))
afterAll(() => rmSync(FOLDER, { recursive: true }))

const GOOD: Environment = {
  GITLAB_URL: 'https://gitlab.example.com/',
  GITLAB_TOKEN: 'glpat-1',
  WEBHOOK_SECRETS: 'whsec_dGVzdHRlc3R0ZXN0dGVzdA==, second',
  REDIS_URL: 'redis://127.0.0.1:6379',
  ERRAND_URL: 'http://127.0.0.1:8080',
  ERRAND_DOOR_URL: 'http://127.0.0.1:8081/',
  ERRAND_KEY: 'k'.repeat(32),
  ERRAND_RUNNER: 'local',
}

function file(name: string, text: string): string {
  const path = join(FOLDER, name)
  writeFileSync(path, text)
  return path
}

test('what is given is read, what is left out has a value', () => {
  const config = readConfig(GOOD)
  expect(config).toMatchObject({
    gitlab: { url: 'https://gitlab.example.com' },
    doorUrl: 'http://127.0.0.1:8081',
    trigger: '/agent',
    agent: { name: 'claude' },
    listen: { host: '127.0.0.1', port: 8080 },
    runner: 'local',
    anthropic: undefined,
  })
  expect(config.webhookSecrets()).toEqual(['whsec_dGVzdHRlc3R0ZXN0dGVzdA==', 'second'])
  expect(config.secrets()).toEqual(['whsec_dGVzdHRlc3R0ZXN0dGVzdA==', 'second', 'glpat-1', 'k'.repeat(32)])
})

test('a secret in a file is read anew: tokens are rotated while we run', () => {
  const path = file('token', 'old\n')
  const { gitlab } = readConfig({ ...GOOD, GITLAB_TOKEN: undefined, GITLAB_TOKEN_FILE: path })
  expect(gitlab.token()).toBe('old')
  writeFileSync(path, 'new\n')
  expect(gitlab.token()).toBe('new')
})

test('a provider of models is there with a key, or with an address of its own', () => {
  const gateway = { OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1/' }
  const { anthropic, openai, gemini, secrets } = readConfig({
    ...GOOD,
    ...gateway,
    ANTHROPIC_AUTH_TOKEN: 'token-a',
    GEMINI_API_KEY_FILE: file('gemini', 'key-g\n'),
  })
  expect([anthropic?.baseUrl, anthropic?.apiKey, anthropic?.authToken?.()]).toEqual([
    'https://api.anthropic.com',
    undefined,
    'token-a',
  ])
  expect([openai?.baseUrl, openai?.apiKey]).toEqual(['http://127.0.0.1:11434/v1', undefined])
  expect([gemini?.baseUrl, gemini?.apiKey?.()]).toEqual(['https://generativelanguage.googleapis.com', 'key-g'])
  expect(secrets()).toEqual(expect.arrayContaining(['token-a', 'key-g']))
  expect(readConfig({ ...GOOD, OPENAI_API_KEY: 'key-o' }).openai?.baseUrl).toBe('https://api.openai.com/v1')
})

test('money and models: what is left out has a value that an operator expects', () => {
  expect(readConfig(GOOD)).toMatchObject({ limits: { turns: 500, budget: 20 }, models: { prices: {} } })
  const path = file('models.yaml', 'models: { allow: [claude-*], prices: { "llama*": { input: 0, output: 0 } } }')
  expect(readConfig({ ...GOOD, ERRAND_CONFIG: path }).models).toEqual({
    allow: ['claude-*'],
    prices: { 'llama*': { input: 0, output: 0 } },
  })
})

test('a run sees the path and the proxy of this process, and nothing else of it', () => {
  const { passedOn } = readConfig({ ...GOOD, PATH: '/bin', https_proxy: 'http://proxy', AWS_SECRET_ACCESS_KEY: 'x' })
  expect(passedOn).toEqual({ PATH: '/bin', https_proxy: 'http://proxy' })
})

test("Redis' password is masked", () => {
  const { secrets } = readConfig({ ...GOOD, REDIS_URL: 'redis://:p%40ss-of-redis@redis.example.com:6379' })
  expect(secrets()).toContain('p@ss-of-redis')
})

test("a tool server's token is in a file that is there, and is masked", () => {
  const token = file('tool-token', 'glpat-OF-THE-TOOLS\n')
  const url = 'https://mcp.example.com/mcp'
  const yaml = (path: string) =>
    `tools:\n  gitlab:\n    url: ${url}\n    headers: { PRIVATE-TOKEN: { file: ${path} } }\n`
  const config = readConfig({ ...GOOD, ERRAND_CONFIG: file('tools.yaml', yaml(token)) })
  expect(config.tools).toMatchObject({ gitlab: { url } })
  expect(config.secrets()).toContain('glpat-OF-THE-TOOLS')
  const missing = { ...GOOD, ERRAND_CONFIG: file('tools.yaml', yaml('/nowhere/token')) }
  expect(() => readConfig(missing)).toThrow(/tools\.yaml: tools\.gitlab\.headers\.PRIVATE-TOKEN: ENOENT/)
})

const OAUTH = { OAUTH_CLIENT_ID: 'app', OAUTH_CLIENT_SECRET: 'gloas-1' }

test('with an application in GitLab, or told plainly, it listens for the network', () => {
  const open = 'listen: { host: 0.0.0.0 }'
  const { oauth, secrets } = readConfig({
    ...GOOD,
    ...OAUTH,
    ERRAND_URL: 'https://errand.example.com',
    ERRAND_CONFIG: file('open-host.yaml', open),
  })
  expect([oauth?.id(), oauth?.secret()]).toEqual(['app', 'gloas-1'])
  expect(secrets()).toContain('gloas-1')
  expect(secrets()).not.toContain('app')
  const told = { ...GOOD, ERRAND_CONFIG: file('told.yaml', `${open}\nlogin: { actAs: dev, open: true }`) }
  expect(readConfig(told).login).toEqual({ actAs: 'dev', open: true, wary: false })
  const here = { ...GOOD, ERRAND_CONFIG: file('here.yaml', 'login: { actAs: dev }') }
  expect(readConfig({ ...here, ERRAND_URL: 'http://[::1]:8080' }).oauth).toBeUndefined()
  expect(readConfig({ ...GOOD, ...OAUTH }).oauth?.id()).toBe('app')
})

const TABLE: readonly (readonly [what: string, changes: Environment, says: string])[] = [
  ['nothing at all', Object.fromEntries(Object.keys(GOOD).map((name) => [name, undefined])), 'GITLAB_URL'],
  ['no secret', { WEBHOOK_SECRETS: '' }, 'WEBHOOK_SECRETS (or WEBHOOK_SECRETS_FILE) is missing'],
  ['only commas for secrets', { WEBHOOK_SECRETS: ' , ' }, 'WEBHOOK_SECRETS'],
  ['half a signing token', { WEBHOOK_SECRETS: 'whsec_YQ==' }, 'copy the whole signing token'],
  ['a short key', { ERRAND_KEY: 'short' }, 'openssl rand -hex 32'],
  ['an address without a scheme', { GITLAB_URL: 'gitlab.example.com' }, 'GITLAB_URL'],
  ['another kind of Redis address', { REDIS_URL: 'http://redis' }, 'REDIS_URL'],
  ['a cluster without its settings', { ERRAND_RUNNER: 'kubernetes' }, 'set ERRAND_RUNNER=local'],
  ['a cluster without an image', { ERRAND_CONFIG: file('noimage.yaml', 'kubernetes: {}') }, 'kubernetes.image'],
  ['a runner that is none', { ERRAND_RUNNER: 'cloud' }, 'ERRAND_RUNNER'],
  ['a file that is not there', { GITLAB_TOKEN: '', GITLAB_TOKEN_FILE: '/no/such/file' }, 'GITLAB_TOKEN_FILE: ENOENT'],
  ['an empty file', { GITLAB_TOKEN: '', GITLAB_TOKEN_FILE: file('empty', '\n') }, 'is empty'],
  ['broken YAML', { ERRAND_CONFIG: file('broken.yaml', 'agent: [') }, 'broken.yaml'],
  ['an unknown key', { ERRAND_CONFIG: file('unknown.yaml', 'agnet: {}') }, 'agnet'],
  ['a wrong type', { ERRAND_CONFIG: file('type.yaml', 'limits: { agent: soon }') }, 'limits.agent'],
  ['an agent that is none', { ERRAND_CONFIG: file('agent.yaml', 'agent: { name: hal }') }, 'agent.name'],
  [
    'a price without its output',
    { ERRAND_CONFIG: file('price.yaml', 'models: { prices: { x: { input: 1 } } }') },
    'prices.x.output',
  ],
  ['a list of no models', { ERRAND_CONFIG: file('allow.yaml', 'models: { allow: [] }') }, 'models.allow'],
  ['no money', { ERRAND_CONFIG: file('budget.yaml', 'limits: { budget: 0 }') }, 'limits.budget'],
  ['half an application', { OAUTH_CLIENT_ID: 'app' }, 'belong together'],
  ['a login over http', { ...OAUTH, ERRAND_URL: 'http://errand.example.com' }, 'over https only'],
  [
    'a person for everybody in the network',
    { ERRAND_CONFIG: file('actAs.yaml', 'login: { actAs: dev }\nlisten: { host: 0.0.0.0 }') },
    'login.open: true',
  ],
  [
    'a person for everybody behind a proxy',
    { ERRAND_URL: 'https://errand.example.com', ERRAND_CONFIG: file('proxy.yaml', 'login: { actAs: dev }') },
    'would act as dev',
  ],
  ['an open host without a login', { ERRAND_CONFIG: file('open.yaml', 'listen: { host: 0.0.0.0 }') }, 'loopback only'],
]

test.each(TABLE)('%s is refused in words', (_, changes, says) => {
  expect(() => readConfig({ ...GOOD, ...changes })).toThrow(says)
})

test('all that is wrong is said at once', () => {
  expect(() => readConfig({ ...GOOD, ERRAND_KEY: '', REDIS_URL: 'x' })).toThrow(/REDIS_URL[\s\S]*ERRAND_KEY/)
})
