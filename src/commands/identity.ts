/** Who somebody is, and what they see: by GitLab, whatever way they come. */

import type { Router } from 'express'
import type { Redis } from 'ioredis'
import type { Config } from '../config.ts'
import type { GitLab } from '../gitlab/client.ts'
import { createSeer, type Seer } from '../gitlab/seer.ts'
import { createWhoIs } from '../gitlab/whoIs.ts'
import type { ApiNeeds } from '../http/apiNeeds.ts'
import { loginRoutes } from '../http/login.ts'
import { createProvider } from '../http/loginProvider.ts'
import { createAuthenticate } from '../http/session.ts'
import { createCookies } from '../http/sessionCookie.ts'
import type { Logger } from '../log.ts'
import type { Audit } from '../redis/audit.ts'
import { PREFIX } from '../redis/connection.ts'
import { createLogins } from '../redis/logins.ts'
import { who } from './audited.ts'
import { LEVELS } from './ways.ts'

export type Identity = Pick<ApiNeeds, 'authenticate' | 'me'> & {
  readonly seer: Seer
  /** `/login`, `/login/callback`, `/logout`. */
  readonly router: Router
}

/** Milliseconds for which what GitLab says of people, tokens and projects is believed. */
const KEPT = 60_000

export type IdentityNeeds = {
  readonly redis: Redis
  /** With the bot's token. */
  readonly gitlab: GitLab
  readonly log: Logger
  readonly audit: Pick<Audit, 'record' | 'recordRefusal'>
  readonly prefix?: string
  readonly kept?: number
}

export function createIdentity(
  config: Config,
  { redis, gitlab, log, audit, prefix = PREFIX, kept = KEPT }: IdentityNeeds,
): Identity {
  const { oauth, login } = config
  const actsAs = login.actAs
  const logins = createLogins(redis, prefix)
  const cookies = createCookies(config.url, config.key)
  const seer = createSeer(gitlab, { role: LEVELS[config.role], wary: login.wary, kept })
  const timeout = config.pace.gitlabTimeout
  const provider =
    oauth === undefined || actsAs !== undefined
      ? undefined
      : createProvider({ gitlabUrl: config.gitlab.url, ...oauth, redirectUri: `${config.url}/login/callback`, timeout })
  const whoIs = createWhoIs(config.gitlab.url, { timeout: timeout * 1000, kept })
  const way = provider === undefined ? 'tokens' : 'gitlab'
  return {
    seer,
    router: loginRoutes({
      url: config.url,
      provider,
      acting: actsAs !== undefined,
      cookies,
      logins,
      isActive: seer.isActive,
      noted: (deed, person, what) => {
        const record = { deed, ...who(person), what }
        return deed === 'refused' ? audit.recordRefusal(record, 'login') : audit.record(record)
      },
      log,
    }),
    authenticate: createAuthenticate({
      cookies,
      logins,
      whoIs: async (token) => {
        const owner = await whoIs(token)
        if (owner.is === 'known') seer.rememberExternal(owner.person.id, owner.external)
        return owner
      },
      isActive: seer.isActive,
      login: actsAs === undefined ? way : { actsAs, acting: () => seer.personNamed(actsAs) },
    }),
    me: {
      login: actsAs === undefined ? way : 'nobody',
      actsAs: actsAs ?? null,
      gitlab: config.gitlab.url,
      trigger: config.trigger,
    },
  }
}
