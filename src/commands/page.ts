/** What people ask for and order on the page and by the API: the neighbours' functions, given to tasks/fromPage.ts. */

import { createHash, randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import type { Ask } from '../gitlab/ask.ts'
import type { Logger } from '../log.ts'
import type { Audit, AuditRecord } from '../redis/audit.ts'
import type { Queues } from '../redis/queue.ts'
import type { Store } from '../redis/store.ts'
import { type Asked, askFromPage, type PageNeeds, type PageRequest } from '../tasks/fromPage.ts'
import { retryFromPage, type Stopped, stopFromPage } from '../tasks/pageOrders.ts'
import type { Person, Task } from '../tasks/task.ts'
import { inSpan } from '../trace.ts'
import { about, createAudited, who } from './audited.ts'

type Neighbours = Pick<PageNeeds, 'ways' | 'maySee' | 'mayRead'> & {
  readonly ask: Ask
  readonly store: Store
  readonly queues: Pick<Queues, 'wake'>
  readonly audit: Pick<Audit, 'record' | 'recordRefusal'>
}

export type Page = ReturnType<typeof createPage>

export function createPage(
  { ask, store, queues, audit, ways, maySee, mayRead }: Neighbours,
  { models }: Pick<Config, 'models'>,
  log: Logger,
) {
  const create = createAudited({ audit, store })
  const needs: PageNeeds = {
    ...ask,
    ...store,
    ways,
    maySee,
    mayRead,
    models: models.names,
    now: () => Date.now(),
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    wake: queues.wake,
    async create(task) {
      const made = await create(task)
      await queues.wake(task.id)
      return made
    },
  }

  async function refused(answer: Asked | Stopped, by: Person, of: Partial<AuditRecord>): Promise<void> {
    if (answer.is === 'no' && answer.refused !== undefined)
      await audit.recordRefusal({ ...of, deed: 'refused', ...who(by), what: answer.refused }, placeOf(of))
  }

  async function told(asked: Asked, by: Person, of: Partial<AuditRecord>): Promise<Asked> {
    await refused(asked, by, of)
    if (asked.is === 'created')
      log.info({ event: 'received', task: asked.task.id, kind: 'task', by: by.username }, `${asked.task.id} is new`)
    return asked
  }

  return {
    /** `key`: the Idempotency-Key; without one it is asked anew each time. */
    async ask(person: Person, request: PageRequest, key: string = randomUUID()): Promise<Asked> {
      const asked = await inSpan('ask', undefined, {}, () => askFromPage(request, person, key, needs))
      return told(asked, person, { project: String(request.repository).slice(0, 200) })
    },
    async retry(person: Person, task: Task, key?: string): Promise<Asked> {
      const asked = await inSpan('retry', undefined, {}, () => retryFromPage(task, person, key, needs))
      return told(asked, person, about(task))
    },
    async stop(person: Person, task: Task): Promise<Stopped> {
      const stopped = await stopFromPage(task, person, needs)
      await refused(stopped, person, about(task))
      if (stopped.is === 'stopping') {
        await audit.record({ ...about(task), deed: 'ordered', ...who(person), level: stopped.level, what: 'stop' })
        log.info({ event: 'ordered', task: task.id, by: person.username, order: 'stop' }, `stop of ${task.id}`)
      }
      return stopped
    },
  }
}

/** GitLab finds a project by its path in any case. */
function placeOf({ task, project }: Partial<AuditRecord>): string {
  return task ?? `${project}`.toLowerCase()
}
