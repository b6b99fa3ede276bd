/** The side that the runs talk to. */

import type { Outcome, Request } from '../../runtime/protocol.ts'
import type { Config } from '../config.ts'
import { doorApp } from '../door/app.ts'
import type { Source } from '../door/gitUpstream.ts'
import { limitsOf } from '../door/modelLimits.ts'
import { asCounted } from '../door/modelOutcome.ts'
import type { Limits } from '../door/modelRefusal.ts'
import { asPushed } from '../door/outcomeClaim.ts'
import { outcomeOf } from '../door/outcomeOf.ts'
import { requestFor } from '../door/request.ts'
import { TaskUnknown } from '../door/taskUnknown.ts'
import { toolServers, toolsOf } from '../door/toolsServer.ts'
import { createAsk } from '../gitlab/ask.ts'
import { connectGitLab } from '../gitlab/client.ts'
import { findContext } from '../gitlab/context.ts'
import { readableProject } from '../gitlab/readable.ts'
import { isRewritten } from '../gitlab/rewritten.ts'
import type { Logger } from '../log.ts'
import { createAudit } from '../redis/audit.ts'
import { connectRedis, PREFIX } from '../redis/connection.ts'
import { createLogbook } from '../redis/logbook.ts'
import { createMasks } from '../redis/masks.ts'
import { createPhases } from '../redis/phases.ts'
import { createPushes } from '../redis/pushes.ts'
import { createQueues } from '../redis/queue.ts'
import { createSessions, type SessionName } from '../redis/sessions.ts'
import { createSpending } from '../redis/spending.ts'
import { createStore } from '../redis/store.ts'
import { promptFor } from '../tasks/prompt.ts'
import type { Ways } from '../tasks/receive.ts'
import type { Task } from '../tasks/task.ts'
import type { TaskId } from '../tasks/taskId.ts'
import { about, recordOfPush, who } from './audited.ts'
import { type Listening, listen } from './listen.ts'
import { countUse, dependOnGitLab, dependOnRedis, measuredLogbook } from './measured.ts'
import { accessNow, paceOf } from './reach.ts'
import { besideFor, openRoom } from './retention.ts'
import { inTask } from './traced.ts'
import { runUntilSignal } from './until.ts'
import { createVitals, type Vitals } from './vitals.ts'
import { createWays } from './ways.ts'

export async function door(config: Config, log: Logger, vitals: Vitals = createVitals()): Promise<Listening> {
  const { metrics } = vitals
  metrics.begins('door')
  await using stack = new AsyncDisposableStack()
  const redis = connectRedis(config.redisUrl, 'fast', (error) => log.warn({ event: 'redis', err: error }, 'Redis'))
  stack.defer(() => redis.disconnect())
  const store = createStore(redis, PREFIX)
  const queues = createQueues(redis, PREFIX)
  const spending = createSpending(redis, PREFIX, besideFor(config))
  const room = openRoom(redis, config)
  const sessions = createSessions(redis, PREFIX, room)
  const pushes = createPushes(redis, PREFIX, besideFor(config))
  const phases = createPhases(redis, PREFIX, besideFor(config))
  const audit = createAudit(redis, PREFIX, config.keep.audit)
  const gitlab = connectGitLab(config.gitlab.url, async () => config.gitlab.token(), paceOf(config, metrics))
  const ask = createAsk(gitlab)
  dependOnRedis(vitals, redis)
  dependOnGitLab(vitals, gitlab)
  const waysOf = createWays(config, gitlab)

  async function taskOf(id: TaskId): Promise<Task> {
    const entry = await store.get(id)
    if (entry?.kind !== 'task') throw new TaskUnknown(`${id} is not known at the moment`)
    return entry
  }

  /** Instructions are the words of those who may ask themselves. */
  const mayInstruct =
    (task: Task, { who }: Ways) =>
    async (id: number, username: string) =>
      (await ask.permission(task.thread.projectId, { id, username }, who)).may

  const mayUse = ({ ways }: Task, tool: string) => ways?.tools?.includes(tool) !== false

  /** What the task before answered, when this one carries it out. */
  async function planOf({ continues, mode }: Task): Promise<string | undefined> {
    const before = continues === undefined || mode === 'plan' ? undefined : await store.get(continues)
    if (before?.kind !== 'task' || before.mode !== 'plan' || before.end?.is !== 'succeeded') return undefined
    return before.end.outcome.answer
  }

  /** What a run asks for or tells, as a part of its task's trace. */
  function inTaskOf<A extends readonly unknown[], R>(name: string, work: (task: Task, ...rest: A) => Promise<R>) {
    return async (id: TaskId, ...rest: A): Promise<R> => {
      const task = await taskOf(id)
      return inTask(`door ${name}`, task, () => work(task, ...rest))
    }
  }

  async function sessionOf(id: TaskId): Promise<SessionName> {
    const { first, agent } = await taskOf(id)
    return { first, agent }
  }

  function sourceOf(path: string): Source {
    const basic = Buffer.from(`errand:${config.gitlab.token()}`).toString('base64')
    return { url: `${config.gitlab.url}/${path}.git`, authorization: `Basic ${basic}` }
  }

  async function limitsNow(id: TaskId): Promise<Limits> {
    return limitsOf(await taskOf(id), config.limits)
  }

  const app = doorApp({
    // Read at every use, as the worker does: key files are rotated while we run.
    get key() {
      return config.key()
    },
    async standing(id, attempt) {
      const entry = await store.get(id)
      if (entry === undefined) return 'unknown'
      if (entry.kind !== 'task' || entry.end !== undefined || attempt < entry.attempt) return 'over'
      // A later attempt than the record knows was signed by us all the same: the record is being found again.
      return attempt === entry.attempt ? 'current' : 'unknown'
    },
    request: inTaskOf('request', async (task) => {
      const { id } = task
      const [bot, ways] = await Promise.all([ask.me(), waysOf(task.thread.projectId)])
      const { clone, setup, stuck, push } = config.limits
      const agent = Math.min(config.limits.agent, task.ways?.time ?? config.limits.agent)
      const [limits, spent] = await Promise.all([limitsNow(id), spending.of(id)])
      const context = await findContext(
        {
          gitlab,
          me: bot.id,
          mayInstruct: mayInstruct(task, ways),
          plan: await planOf(task),
          instructions: ways.instructions,
        },
        task,
      )
      const prompt = promptFor(task, context)
      await store.leaveHidden(id, prompt.hidden)
      return requestFor(task, prompt.text, bot, {
        limits: {
          ...{ clone, setup, agent, stuck, push },
          turns: Math.max(0, limits.turns - spent.turns),
          budget: Math.max(0, limits.budget - spent.costUsd),
        },
        gitlab: config.gitlab.url,
        command: config.agent.command,
        clone: cloneOf(config),
        session: await sessions.exists(await sessionOf(id)),
        tools: toolsOf(config.tools).filter(({ name }) => mayUse(task, name)),
        repositoryTools: config.repositoryTools,
        setup: ways.setup,
      })
    }),
    doorUrl: config.doorUrl,
    async repository(id) {
      const task = await taskOf(id)
      const project = await ask.project(task.thread.projectId)
      const path = project === 'gone' ? task.repository : project.path
      return { ...sourceOf(path), branch: task.branch }
    },
    async repositoryOf(id, path) {
      const found = await readableProject(gitlab, path, (await taskOf(id)).asker)
      return typeof found === 'string' ? found : sourceOf(found.path)
    },
    async mayRead(id, project) {
      const found = await readableProject(gitlab, project, (await taskOf(id)).asker)
      return typeof found === 'string' ? found : true
    },
    toolServers: toolServers(config.tools),
    mayUse: async (id, tool) => mayUse(await taskOf(id), tool),
    async mayPush(id) {
      const task = await taskOf(id)
      const { thread, asker, mode } = task
      if (mode === 'plan') return 'this is a plan: nothing is pushed'
      const permission = await ask.permission(thread.projectId, asker, (await waysOf(thread.projectId)).who)
      if (permission.may) return true
      const what = `push: ${permission.refusal.why}`
      await audit.recordRefusal({ ...about(task), deed: 'refused', ...who(asker), what }, id)
      return `@${asker.username}, who asked for this, may not push to this project any more`
    },
    async pushed(id, attempt, push) {
      await pushes.record(id, push)
      // It is told twice: at once, and when GitLab has said whether the branch lost commits.
      if (push.rewritten !== false) await audit.record(recordOfPush(await taskOf(id), attempt, push))
      if (push.rewritten === undefined)
        log.info({ event: 'pushed', task: id, attempt, ...push }, `pushed to ${push.branch}`)
      else if (push.rewritten)
        log.warn({ event: 'rewritten', task: id, attempt, ...push }, `${push.branch} was rewritten`)
    },
    async rewritten(id, { before, after }) {
      return isRewritten(gitlab, (await taskOf(id)).thread.projectId, before, after)
    },
    model: {
      get anthropic() {
        return accessNow(config.anthropic)
      },
      get openai() {
        return accessNow(config.openai)
      },
      get gemini() {
        return accessNow(config.gemini)
      },
    },
    models: config.models,
    spending,
    limitsOf: limitsNow,
    counted: (id, model, use) => void countUse(metrics, taskOf(id), model, use, log),
    secrets: config.secrets,
    logbook: measuredLogbook(createLogbook(redis, PREFIX, undefined, room), metrics),
    masks: createMasks(redis, PREFIX),
    sessions: {
      open: async (id) => sessions.open(await sessionOf(id)),
      save: async (id, bytes) => sessions.save(await sessionOf(id), id, bytes),
    },
    async activity(id, attempt, text, phase) {
      log.info({ event: 'doing', task: id, text }, text)
      const begins = phase !== undefined && (await phases.tell(id, attempt, phase))
      if (begins && phase === 'agent' && attempt === 1)
        metrics.reached('agent', (Date.now() - (await taskOf(id)).askedAt) / 1000)
      if (await store.saidDoing(id, text)) await queues.wake(id)
    },
    outcome: inTaskOf('outcome', async (task, attempt: number, outcome: Outcome) => {
      const { id } = task
      const [spent, limits, pushed] = await Promise.all([spending.of(id), limitsNow(id), pushes.of(id)])
      const claimed = asPushed(outcome, task.branch, pushed)
      if (claimed !== outcome) log.warn({ event: 'forged', task: id, attempt, ...outcome.pushed }, 'a forged outcome')
      await store.leaveOutcome(id, attempt, outcomeOf(asCounted(claimed, spent, limits)))
      log.info({ event: 'outcome', task: id, attempt, result: outcome.result }, `outcome: ${outcome.result}`)
      await queues.wake(id)
    }),
    log,
  })
  const server = stack.use(await listen('the door', app, config.door, 0))
  log.info({ event: 'door', port: server.port }, `the door is open on ${config.door.host}:${server.port}`)
  const parts = stack.move()
  return { port: server.port, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** The names of git's own options. */
function cloneOf({ clone: { filter, depth } }: Config): Request['clone'] {
  return { ...(filter === 'none' ? {} : { filter }), ...(depth === undefined ? {} : { depth }) }
}

export async function run(): Promise<void> {
  await runUntilSignal(door)
}
