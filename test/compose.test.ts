/** compose.yaml is a configuration that Errand starts with, on networks that keep runs apart. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { environmentSchema, readConfig, SECRETS } from '../src/config.ts'

const Service = z.looseObject({
  environment: z.record(z.string(), z.string()).optional(),
  networks: z.array(z.string()),
  command: z.union([z.string(), z.array(z.string())]),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  volumes: z.array(z.string()),
})
const Compose = z.looseObject({
  services: z.strictObject({ errand: Service, redis: Service }),
  configs: z.strictObject({ errand: z.strictObject({ content: z.string() }) }),
  networks: z.record(z.string(), z.looseObject({ name: z.string().optional(), internal: z.boolean() })),
})

const GIVEN: Readonly<Record<string, string>> = {
  DOCKER_GROUP: '999',
  ERRAND_URL: 'https://errand.example.com',
  ERRAND_KEY: 'k'.repeat(64),
  GITLAB_URL: 'https://gitlab.example.com',
  GITLAB_TOKEN: 'glpat-1',
  WEBHOOK_SECRETS: 'secret',
  OAUTH_CLIENT_ID: 'id',
  OAUTH_CLIENT_SECRET: 'oauth secret',
  ANTHROPIC_API_KEY: 'key',
}

/** The file as compose reads it: `${NAME:-usual}` and `${NAME:?why}` are put into what YAML has read. */
function compose() {
  const text = readFileSync(new URL('../compose.yaml', import.meta.url), 'utf8')
  const asked = new Map<string, boolean>()
  const filled = (value: string) =>
    value.replace(/\$\{(\w+):([-?])([^}]*)\}/g, (_, name: string, kind: string, rest: string) => {
      asked.set(name, kind === '?')
      return GIVEN[name] ?? (kind === '-' ? rest : '')
    })
  const whole = JSON.parse(JSON.stringify(parse(text)), (_, value) =>
    typeof value === 'string' ? filled(value) : value,
  )
  return { text, asked, parsed: Compose.parse(whole) }
}

test('what compose.yaml sets is a whole configuration, and every variable is one of ours', () => {
  const { parsed, asked, text } = compose()
  const folder = mkdtempSync(join(tmpdir(), 'errand-compose-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'errand.yaml')
  writeFileSync(file, parsed.configs.errand.content)
  const environment = parsed.services.errand.environment ?? {}
  const config = readConfig({ ...environment, ERRAND_CONFIG: file })
  expect(config).toMatchObject({
    runner: 'docker',
    docker: { image: 'errand-runtime', network: 'errand-runs', socket: '/var/run/docker.sock' },
    listen: { host: '0.0.0.0', port: 8080 },
    door: { host: '0.0.0.0', port: 8081 },
    doorUrl: 'http://errand:8081',
    redisUrl: 'redis://redis:6379',
  })
  const known = [...Object.keys(environmentSchema.shape), ...Object.keys(SECRETS), 'ERRAND_CONFIG']
  expect(known).toEqual(expect.arrayContaining(Object.keys(environment)))
  // What has to be said is named where somebody looks first.
  const head = text.slice(0, text.indexOf('\nname:'))
  for (const [name, required] of asked) if (required) expect(head).toContain(name)
})

test('runs reach the door alone, Redis is reached by the service alone, and keeps what it has', () => {
  const { services, networks } = compose().parsed
  expect(networks).toMatchObject({ runs: { name: 'errand-runs', internal: true }, store: { internal: true } })
  expect(services.errand.networks).toEqual(['default', 'store', 'runs'])
  expect(services.redis.networks).toEqual(['store'])
  expect(services.redis.command).toEqual(
    expect.arrayContaining(['--appendonly', 'yes', '--maxmemory-policy', 'noeviction']),
  )
  expect(services.redis.volumes).toEqual(['redis:/data'])
})
