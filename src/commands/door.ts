/** The side that the runs talk to. */

import type { Config } from '../config.ts'
import { doorApp } from '../door/app.ts'
import { outcomeOf } from '../door/outcomeOf.ts'
import { requestFor } from '../door/request.ts'
import { createAsk } from '../gitlab/ask.ts'
import { connectGitLab } from '../gitlab/client.ts'
import { findContext } from '../gitlab/context.ts'
import type { Logger } from '../log.ts'
import { connectRedis, PREFIX } from '../redis/connection.ts'
import { createLogbook } from '../redis/logbook.ts'
import { createQueues } from '../redis/queue.ts'
import { createStore } from '../redis/store.ts'
import type { Task, TaskId } from '../tasks/task.ts'
import { type Listening, listen } from './listen.ts'
import { runUntilSignal } from './until.ts'

export async function door(config: Config, log: Logger): Promise<Listening> {
  await using stack = new AsyncDisposableStack()
  const redis = connectRedis(config.redisUrl, 'fast', (error) => log.warn({ event: 'redis', err: error }, 'Redis'))
  stack.defer(() => redis.disconnect())
  const store = createStore(redis, PREFIX)
  const queues = createQueues(redis, PREFIX)
  const gitlab = connectGitLab(config.gitlab.url, async () => config.gitlab.token(), paceOf(config))
  const ask = createAsk(gitlab)

  async function taskOf(id: TaskId): Promise<Task> {
    const entry = await store.get(id)
    if (entry?.kind !== 'task') throw new Error(`${id} is no task`)
    return entry
  }

  const app = doorApp({
    // Read at every use, as the worker does: key files are rotated while we run.
    get key() {
      return config.key()
    },
    async standing(id, attempt) {
      const entry = await store.get(id)
      if (entry === undefined) return 'unknown'
      return entry.kind === 'task' && entry.attempt === attempt && entry.end === undefined ? 'current' : 'over'
    },
    async request(id) {
      const [task, bot] = await Promise.all([taskOf(id), ask.me()])
      const { clone, setup, agent, stuck, push } = config.limits
      return requestFor(task, await findContext(gitlab, bot.id, task), bot, {
        model: config.agent.model,
        limits: { clone, setup, agent, stuck, push },
        gitlab: config.gitlab.url,
      })
    },
    async repository(id) {
      const task = await taskOf(id)
      const project = await ask.project(task.thread.projectId)
      const path = project === 'gone' ? task.repository : project.path
      const basic = Buffer.from(`errand:${config.gitlab.token()}`).toString('base64')
      return { url: `${config.gitlab.url}/${path}.git`, branch: task.branch, authorization: `Basic ${basic}` }
    },
    async mayPush(id) {
      const { thread, asker } = await taskOf(id)
      const permission = await ask.permission(thread.projectId, asker.id)
      return permission.may ? true : `@${asker.username}, who asked for this, may not push to this project any more`
    },
    async pushed(id, attempt, push) {
      log.info({ event: 'pushed', task: id, attempt, ...push }, `pushed to ${push.branch}`)
    },
    model: {
      // Read at every use: key files are rotated while we run.
      get anthropic() {
        if (config.anthropic === undefined) return undefined
        const { baseUrl, apiKey, authToken } = config.anthropic
        return {
          baseUrl,
          ...(apiKey === undefined ? {} : { apiKey: apiKey() }),
          ...(authToken === undefined ? {} : { authToken: authToken() }),
        }
      },
    },
    secrets: config.secrets,
    logbook: createLogbook(redis, PREFIX),
    async activity(id, _, text) {
      log.info({ event: 'doing', task: id, text }, text)
      if (await store.saidDoing(id, text)) await queues.wake(id)
    },
    async outcome(id, attempt, outcome) {
      await store.leaveOutcome(id, attempt, outcomeOf(outcome))
      log.info({ event: 'outcome', task: id, attempt, result: outcome.result }, `outcome: ${outcome.result}`)
      await queues.wake(id)
    },
    log,
  })
  const server = stack.use(await listen('the door', app, config.door, 0))
  log.info({ event: 'door', port: server.port }, `the door is open on ${config.door.host}:${server.port}`)
  const parts = stack.move()
  return { port: server.port, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

export function paceOf({ pace }: Config): { timeout: number; backoff: number } {
  return { timeout: pace.gitlabTimeout * 1000, backoff: pace.gitlabBackoff * 1000 }
}

export async function run(): Promise<void> {
  await runUntilSignal(door)
}
