/** The side that does things: receives deliveries, looks at tasks, launches runs, answers in GitLab. */

import { join } from 'node:path'
import type { Config } from '../config.ts'
import { sign } from '../door/credential.ts'
import { answerComment } from '../gitlab/answer.ts'
import { createAsk } from '../gitlab/ask.ts'
import { connectGitLab, react } from '../gitlab/client.ts'
import { replyComment, statusComment, type Voice } from '../gitlab/comment.ts'
import { openMergeRequest } from '../gitlab/mergeRequest.ts'
import { ensureNote } from '../gitlab/reply.ts'
import { createLocalRunner } from '../local/runner.ts'
import type { Logger } from '../log.ts'
import { connectRedis, PREFIX } from '../redis/connection.ts'
import { createQueues, startWorkers } from '../redis/queue.ts'
import { createStore } from '../redis/store.ts'
import { createTurns } from '../redis/turns.ts'
import type { Hands } from '../tasks/act.ts'
import { type LookNeeds, look } from '../tasks/look.ts'
import type { Rules } from '../tasks/next.ts'
import { receive } from '../tasks/receive.ts'
import { paceOf } from './door.ts'
import { StartError } from './startError.ts'
import { runUntilSignal } from './until.ts'

/** Of a task that does not stand in the line. */
const HERS = { place: 0, limit: 'all' } as const

export async function work(config: Config, log: Logger): Promise<AsyncDisposable & { endRuns(): Promise<void> }> {
  await using stack = new AsyncDisposableStack()
  const redis = connectRedis(config.redisUrl, 'patient', (error) => log.warn({ event: 'redis', err: error }, 'Redis'))
  stack.defer(() => redis.disconnect())
  const store = createStore(redis, PREFIX)
  await store.claim(config.gitlab.url).catch((error: Error) => {
    throw new StartError(error.message)
  })
  const queues = createQueues(redis, PREFIX)
  const turns = createTurns(redis, PREFIX, config.running)
  const gitlab = connectGitLab(config.gitlab.url, async () => config.gitlab.token(), paceOf(config))
  const ask = createAsk(gitlab)
  const voice: Voice = { url: config.url, trigger: config.trigger }
  const now = () => Date.now()
  const runner = createLocalRunner({
    folder: join(config.data, 'runs'),
    door: config.doorUrl,
    environment: config.passedOn,
    sign: (task, attempt) => sign(config.key(), task, attempt),
    grace: config.pace.grace * 1000,
  })

  const hands: Hands = {
    react: (task) => react(gitlab, task.thread, 'eyes'),
    sayStatus: async (task, shows) => {
      const body = statusComment(task, shows, now(), voice)
      return ensureNote(gitlab, (await ask.me()).id, task.thread, task.id, 'status', body, task.status?.note)
    },
    reply: async (task) =>
      ensureNote(gitlab, (await ask.me()).id, task.thread, task.id, 'reply', replyComment(task, now(), voice)),
    openMergeRequest: async (task) => {
      if (task.end?.is !== 'succeeded') throw new Error(`task ${task.id} has nothing to merge`)
      return openMergeRequest(gitlab, (await ask.me()).id, task, task.end.outcome, voice)
    },
    takeTurn: (task) => turns.take(task),
    launch: (task) => runner.launch(task),
    stop: (task) => runner.stop(task),
    async leave(task) {
      const waiting = await turns.leave(task)
      for (const id of [...(await store.behind(task)).slice(0, 1), ...waiting]) await queues.wake(id)
    },
  }

  const lookNeeds: LookNeeds = {
    get: store.get,
    update: store.update,
    async see(task) {
      // The run first: an attempt that is seen to have ended has left its outcome before.
      const run = task.attempt === 0 ? ({ is: 'absent' } as const) : await runner.see(task)
      const [beside, ahead] = await Promise.all([store.beside(task), store.ahead(task)])
      // Who waits for a branch does not stand in the line for a place.
      const waits = task.state === 'queued' && ahead === 0
      return { run, ahead, turn: waits ? await turns.turn(task) : HERS, ...beside }
    },
    hands,
    rules: rulesOf(config),
    now,
    recorded(task, fact) {
      const what = { event: fact.fact, task: task.id, state: task.state, attempt: task.attempt }
      log.info({ ...what, url: fact.fact === 'merge-request' ? fact.url : undefined }, `${task.id} ${fact.fact}`)
    },
    async say(answer) {
      const body = answerComment(answer, voice)
      if (body === undefined) await react(gitlab, answer.thread, 'thumbsdown')
      else await ensureNote(gitlab, (await ask.me()).id, answer.thread, answer.id, 'reply', body)
      log.info({ event: 'answered', task: answer.id, say: answer.saying.say }, `${answer.id} ${answer.saying.say}`)
    },
    async order(order) {
      await store.askStop(order.target, { by: order.by.username, at: order.createdAt })
      await react(gitlab, order.thread, 'eyes')
      log.info({ event: 'ordered', task: order.target, by: order.by.username }, `stop of ${order.target}`)
      await queues.wake(order.target)
    },
  }

  const receiveNeeds = {
    ...ask,
    trigger: config.trigger,
    agent: config.agent.name,
    now,
    exists: store.exists,
    create: store.create,
    tasksOn: store.tasksOn,
    refusedLately: store.refusedLately,
  }

  const workers = startWorkers(redis, PREFIX, {
    async receive(delivery) {
      const received = await receive(delivery, receiveNeeds)
      const note = `${delivery.projectId}-n${delivery.noteId}`
      switch (received.received) {
        case 'ignored':
          log.info({ event: 'ignored', note, why: received.why }, `${note} ignored: ${received.why}`)
          return
        case 'known':
          log.info({ event: 'known', note }, `${note} is known`)
          return queues.wake(received.id)
        case 'new': {
          const { entry } = received
          const by = entry.kind === 'task' ? entry.asker : entry.kind === 'order' ? entry.by : entry.to
          log.info({ event: 'received', task: entry.id, kind: entry.kind, by: by.username }, `${entry.id} is new`)
          return queues.wake(entry.id)
        }
      }
    },
    look: (id) => look(id, lookNeeds),
    async sweep() {
      for (const id of await store.unfinished()) await queues.wake(id)
    },
    failed: (what, error) => log.error({ event: 'failed', what, err: error }, `${what} failed; it is tried again`),
  })
  stack.defer(() => workers.close())

  const watching = new AbortController()
  const watch = (async () => {
    for await (const id of runner.changes(watching.signal)) {
      await queues
        .wake(id)
        .catch((error: unknown) => log.warn({ event: 'not-woken', task: id, err: error }, 'not woken'))
    }
  })()
  stack.defer(async () => {
    watching.abort()
    await watch
  })
  await queues.sweepEvery(config.pace.sweep * 1000)
  // A restart is a normal event: what was unfinished is looked at right away.
  for (const id of await store.unfinished()) await queues.wake(id)
  log.info({ event: 'working', runner: config.runner }, `working, runs are ${config.runner}`)
  const parts = stack.move()
  return { endRuns: () => runner.endAll(), [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

function rulesOf({ limits, pace }: Config): Rules {
  const [first, second, later] = pace.status
  const steps = limits.clone + limits.setup + limits.agent + 2 * limits.push
  return {
    deadline: steps * 1000,
    attempts: limits.attempts,
    finishing: pace.finishing * 1000,
    statusEvery: [first * 1000, second * 1000, later * 1000],
  }
}

export async function run(): Promise<void> {
  await runUntilSignal(work)
}
