import type { Redis } from 'ioredis'
import { createPage, type Page } from '../../src/commands/page.ts'
import { paceOf } from '../../src/commands/reach.ts'
import { createWays } from '../../src/commands/ways.ts'
import type { Config } from '../../src/config.ts'
import { createAsk } from '../../src/gitlab/ask.ts'
import { connectGitLab } from '../../src/gitlab/client.ts'
import { createSeer } from '../../src/gitlab/seer.ts'
import type { Logger } from '../../src/log.ts'
import { createAudit } from '../../src/redis/audit.ts'
import { PREFIX } from '../../src/redis/connection.ts'
import { createQueues } from '../../src/redis/queue.ts'
import type { Store } from '../../src/redis/store.ts'

type Around = {
  readonly config: Config
  readonly gitlabUrl: string
  readonly connection: Redis
  readonly store: Store
  readonly log: Logger
}

/** What people ask for on the page, without HTTP and login: who it is, is given. */
export function openPage({ config, gitlabUrl, connection, store, log }: Around): Page {
  const gitlab = connectGitLab(gitlabUrl, async () => config.gitlab.token(), paceOf(config))
  const { maySee, mayRead } = createSeer(gitlab, { role: 30, wary: true, kept: 0 })
  const audit = createAudit(connection, PREFIX, 400)
  const neighbours = { ask: createAsk(gitlab), store, queues: createQueues(connection, PREFIX), audit }
  return createPage({ ...neighbours, ways: createWays(config, gitlab), maySee, mayRead }, config, log)
}
