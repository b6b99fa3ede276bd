/** What the API knows and does: the neighbours' functions, given to http/. */

import type { Config } from '../config.ts'
import type { Ask } from '../gitlab/ask.ts'
import { branchNames } from '../gitlab/branchNames.ts'
import type { GitLab } from '../gitlab/client.ts'
import { failureWords } from '../gitlab/pageCure.ts'
import { GitLabError } from '../gitlab/requester.ts'
import { inProject } from '../gitlab/voice.ts'
import type { ApiNeeds, Beside } from '../http/apiNeeds.ts'
import { createRates } from '../http/rates.ts'
import type { RunPhase } from '../http/taskView.ts'
import type { Metrics } from '../metrics.ts'
import { isRedisAway, PREFIX } from '../redis/connection.ts'
import { createLedger } from '../redis/ledger.ts'
import { createLogbook } from '../redis/logbook.ts'
import { createLogReader } from '../redis/logReader.ts'
import { searchLog } from '../redis/logSearch.ts'
import type { News } from '../redis/news.ts'
import { createPhases } from '../redis/phases.ts'
import { createSpending } from '../redis/spending.ts'
import type { Store } from '../redis/store.ts'
import { createTaskList } from '../redis/taskList.ts'
import { createTurns } from '../redis/turns.ts'
import { expectation } from '../tasks/expectation.ts'
import { dayOf, daysBetween, numbers } from '../tasks/numbers.ts'
import type { Ways } from '../tasks/receive.ts'
import type { Task } from '../tasks/task.ts'
import { voiceOf } from './hands.ts'
import type { Identity } from './identity.ts'
import type { Page } from './page.ts'

/** Lines of a log that a search tells. */
const MATCHES = 1000
const DAY = 24 * 3600 * 1000
const PHASES: readonly string[] = ['clone', 'setup', 'agent', 'push'] satisfies RunPhase['phase'][]

type Neighbours = {
  readonly redis: Parameters<typeof createRates>[0] & Parameters<typeof createSpending>[0]
  readonly store: Store
  readonly gitlab: GitLab
  readonly ask: Ask
  readonly page: Page
  readonly identity: Identity
  readonly news: News
  readonly ways: (projectId: number) => Promise<Ways>
  readonly metrics: Metrics
}

export function createShown(config: Config, neighbours: Neighbours): ApiNeeds {
  const { redis, store, gitlab, ask, page, identity, news, ways, metrics } = neighbours
  const { seer } = identity
  const list = createTaskList(redis, PREFIX)
  const logbook = createLogbook(redis, PREFIX)
  const reader = createLogReader(redis, PREFIX, logbook)
  const spending = createSpending(redis, PREFIX)
  const phases = createPhases(redis, PREFIX)
  const ledger = createLedger(redis, PREFIX)
  const turns = createTurns(redis, PREFIX, config.running)
  const voice = voiceOf(config)

  async function waitsOf(task: Task): Promise<Beside['waits']> {
    const ahead = await store.ahead(task)
    if (ahead > 0) return { limit: 'branch', place: ahead }
    const { place, limit } = await turns.look(task)
    if (place === 0) return undefined
    const expects = expectation(await store.lately(task.thread.projectId), place)
    return { limit, place, ...(expects === undefined ? {} : { expects }) }
  }

  return {
    authenticate: identity.authenticate,
    me: identity.me,
    maySee: seer.maySee,
    mayRead: seer.mayRead,
    mayAsk: seer.mayAsk,
    mayStop: async (person, { asker, thread }) => asker.id === person.id || seer.isMaintainer(person, thread.projectId),

    async task(id) {
      const entry = await store.get(id)
      return entry?.kind === 'task' ? entry : undefined
    },
    list: list.list,
    changedSince: list.changedSince,
    changedAt: list.changedAt,
    async now() {
      const [seconds, microseconds] = await redis.time()
      return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
    },
    async beside(task) {
      const [{ doing, stop, budget }, usage, waits] = await Promise.all([
        store.beside(task),
        spending.of(task.id),
        task.state === 'queued' ? waitsOf(task) : undefined,
      ])
      return { doing, waits, stopping: stop !== undefined, budgetUsd: budget ?? task.budget, usage }
    },
    async phases({ id, attempt }) {
      const told = Object.entries(await phases.of(id, attempt))
      return told.flatMap(([phase, at]) => (isPhase(phase) ? [{ phase, at: new Date(at).toISOString() }] : []))
    },
    words: (task) => failureWords(task, inProject(voice, task.ways?.trigger)),

    ask: page.ask,
    retry: page.retry,
    stop: page.stop,

    projects: seer.projectsOf,
    async project(person, id) {
      if (!(await seer.maySee(person, id))) return undefined
      const [project, { agent, agents, model, budget, budgetMax }] = await Promise.all([ask.project(id), ways(id)])
      if (project === 'gone') return undefined
      const { path, defaultBranch = null } = project
      const models = config.models.names ?? []
      return { id, path, defaultBranch, agent, agents, model: model ?? null, models, budget, budgetMax }
    },
    branches: async (person, id, search) =>
      // Their names are part of the code, which not everybody has who sees the project.
      (await seer.mayAsk(person, id)) ? branchNames(gitlab, id, search) : undefined,
    async numbers(days, keep) {
      const now = Date.now()
      const [from, to] = [dayOf(now - (days - 1) * DAY), dayOf(now)]
      const rows = await ledger.rows(from, to)
      const paths = new Map(rows.map(({ projectId, path }) => [projectId, path]))
      const kept = new Set<number>()
      for (const [id, path] of paths) if (await keep({ id, path })) kept.add(id)
      return numbers(
        rows.filter(({ projectId }) => kept.has(projectId)),
        daysBetween(from, to),
      )
    },

    log: {
      facts: reader.facts,
      lines: reader.lines,
      read: logbook.read,
      stream: reader.stream,
      search: (id, text, signal) => searchLog(reader.stream(id, 0, Number.POSITIVE_INFINITY), text, MATCHES, signal),
    },
    news,
    take: createRates(redis, PREFIX),
    away(error) {
      if (isRedisAway(error)) return 'Redis does not answer. Try again in a moment.'
      // 401: our own token is not accepted, which its operator is told of in the log.
      const down =
        error instanceof GitLabError &&
        (error.status === 401 || error.status === 429 || !error.byApi || error.status >= 500)
      return down ? 'GitLab does not answer. Try again in a moment.' : undefined
    },
    answered: metrics.answered,
    watching: metrics.watching,
  }
}

function isPhase(phase: string): phase is RunPhase['phase'] {
  return PHASES.includes(phase)
}
