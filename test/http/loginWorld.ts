/** A GitLab, an Errand that asks it who somebody is, and browsers with cookies. */

import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import express from 'express'
import { Redis } from 'ioredis'
import { inject, onTestFinished } from 'vitest'
import { z } from 'zod'
import { createIdentity } from '../../src/commands/identity.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { connectGitLab } from '../../src/gitlab/client.ts'
import { guard } from '../../src/http/guard.ts'
import { createLogger } from '../../src/log.ts'
import { createAudit } from '../../src/redis/audit.ts'
import { startedSandbox } from '../sandbox/startedSandbox.ts'

export type LoginWorld = Awaited<ReturnType<typeof loginWorld>>
export type Browser = ReturnType<typeof browser>

type Options = {
  /** Of the configuration, differently. */
  readonly login?: Config['login']
  readonly oauth?: false | { readonly secret: string }
  /** Milliseconds that GitLab's word is believed. */
  readonly kept?: number
  /** The token that Errand itself has. */
  readonly bot?: string
}

const Registered = z.object({ application_id: z.string(), secret: z.string() })

export async function loginWorld({ login, oauth, kept = 0, bot = 'glpat-demo-errand-bot' }: Options = {}) {
  const { sandbox, ask, data } = await startedSandbox()
  let handle: RequestListener = () => {}
  const server = createServer((request, response) => handle(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const application = Registered.parse(
    (
      await ask('root', 'POST', '/applications', {
        name: 'Errand',
        redirect_uri: `${url}/login/callback`,
        scopes: 'openid profile',
      })
    ).body,
  )
  const read = readConfig({
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: bot,
    WEBHOOK_SECRETS: 'x',
    REDIS_URL: inject('redisUrl'),
    ERRAND_URL: url,
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: 'k'.repeat(32),
    ERRAND_RUNNER: 'local',
    ...(oauth === false
      ? {}
      : { OAUTH_CLIENT_ID: application.application_id, OAUTH_CLIENT_SECRET: oauth?.secret ?? application.secret }),
  })
  let key = read.key()
  const config = { ...read, key: () => key, login: login ?? read.login }
  const redis = new Redis(config.redisUrl)
  onTestFinished(() => redis.disconnect())
  const logged: string[] = []
  const log = createLogger('debug', { write: (line: string) => logged.push(line) })
  const gitlab = connectGitLab(sandbox.url, async () => bot, { timeout: 5000, backoff: 10 })
  const prefix = `{login-${randomUUID()}}`
  const audit = createAudit(redis, prefix, 1)
  const identity = createIdentity(config, { redis, gitlab, log, audit, prefix, kept })

  const app = express()
  app.use(guard(url, (_request, response, status, why) => response.status(status).send(why)))
  app.use(identity.router)
  app.get('/me', async (request, response) => {
    const found = await identity.authenticate(request)
    if ('status' in found) response.status(found.status).send(found.detail)
    else response.json(found)
  })
  handle = app
  return {
    sandbox,
    ask,
    data,
    url,
    identity,
    audit,
    /** What Errand has logged, all of it. */
    logged,
    renewKey: () => {
      key = 'n'.repeat(32)
    },
    browser: () => browser(url),
  }
}

type Sent = {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: URLSearchParams | string
}

/** Follows nothing by itself, and keeps cookies as a browser does, for one host. */
function browser(url: string) {
  const cookies = new Map<string, string>()
  const self = {
    cookies,
    /** `cookie` is what it sends, for whoever wants to forge it. */
    async get(path: string, sent: Sent = {}) {
      const at = new URL(path, url)
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { ...(at.origin === url && cookie !== '' ? { cookie } : {}), ...sent.headers }
      const response = await fetch(at, { redirect: 'manual', ...sent, headers })
      if (at.origin === url)
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
          if (value === '') cookies.delete(name)
          else cookies.set(name, value)
        }
      const { status } = response
      return {
        status,
        location: response.headers.get('location') ?? '',
        headers: response.headers,
        text: await response.text(),
      }
    },
    /** Goes to GitLab's page, and chooses there; gives where that leads back to. `change` alters what is asked there. */
    async choose(who: string | undefined, to = '/', change: Record<string, string> = {}): Promise<string> {
      const { location } = await self.get(`/login?to=${encodeURIComponent(to)}`)
      const { origin, searchParams } = new URL(location)
      const fields = new URLSearchParams({ ...Object.fromEntries(searchParams), ...change })
      fields.set(who === undefined ? 'deny' : 'person', who ?? '1')
      return (await self.get(`${origin}/oauth/authorize`, { method: 'POST', body: fields })).location
    },
    async login(who: string, to = '/') {
      return self.get(await self.choose(who, to))
    },
    /** Who one is there: a user name, or the answer's number. */
    async me(): Promise<string | number> {
      const { status, text } = await self.get('/me')
      return status === 200 ? JSON.parse(text).person.username : status
    },
    async logout(sent: Sent = {}) {
      return self.get('/logout', { method: 'POST', ...sent, headers: { origin: url, ...sent.headers } })
    },
  }
  return self
}
