/** The side that does things: receives deliveries, looks at tasks, launches runs, answers in GitLab. */

import type { Config } from '../config.ts'
import { limitsOf } from '../door/modelLimits.ts'
import { answerComment } from '../gitlab/answer.ts'
import { createAsk } from '../gitlab/ask.ts'
import { connectGitLab, react } from '../gitlab/client.ts'
import { ensureNote } from '../gitlab/reply.ts'
import { inProject } from '../gitlab/voice.ts'
import type { Logger } from '../log.ts'
import { createAudit } from '../redis/audit.ts'
import { createCanary } from '../redis/canary.ts'
import { connectRedis, PREFIX } from '../redis/connection.ts'
import { createLedger } from '../redis/ledger.ts'
import { createLogbook } from '../redis/logbook.ts'
import { createMasks } from '../redis/masks.ts'
import { createPushes } from '../redis/pushes.ts'
import { createQueues, startWorkers } from '../redis/queue.ts'
import { createSpending } from '../redis/spending.ts'
import { createStore } from '../redis/store.ts'
import { createTurns } from '../redis/turns.ts'
import { createWatermark } from '../redis/watermark.ts'
import { type Delivery, describeDelivery } from '../tasks/delivery.ts'
import { excerpt } from '../tasks/excerpt.ts'
import { expectation } from '../tasks/expectation.ts'
import { type LookNeeds, look } from '../tasks/look.ts'
import type { Seen } from '../tasks/next.ts'
import { type ReceiveNeeds, receive } from '../tasks/receive.ts'
import { lookAtRemark } from '../tasks/remark.ts'
import type { Task } from '../tasks/task.ts'
import { inSpan } from '../trace.ts'
import { createAudited, recordOfFact, recordOfOrder } from './audited.ts'
import { every, forEach } from './background.ts'
import { createClaim } from './claim.ts'
import { createHands, voiceOf } from './hands.ts'
import { dependOnGitLab, dependOnRedis, measureFact, measureMemory, measureWaiting, timed } from './measured.ts'
import { noteMerged } from './merged.ts'
import { findMissed } from './missed.ts'
import { paceOf } from './reach.ts'
import { forgetOld, openRoom } from './retention.ts'
import { rulesOf } from './rules.ts'
import { openRuns } from './runs.ts'
import { StartError } from './startError.ts'
import { createTokenEnd } from './tokenEnd.ts'
import { tracedHands } from './traced.ts'
import { runUntilSignal } from './until.ts'
import { createVitals, type Vitals } from './vitals.ts'
import { createWays } from './ways.ts'

/** Bytes of a log's end that a comment's excerpt is made of. */
const TAIL = 4096
const HOUR = 3600 * 1000
/** Of a task that does not stand in the line. */
const NO_LINE = { place: 0, limit: 'all' } as const

export async function work(config: Config, log: Logger, vitals: Vitals = createVitals()): Promise<AsyncDisposable> {
  const { metrics } = vitals
  metrics.begins('work')
  await using stack = new AsyncDisposableStack()
  const redis = connectRedis(config.redisUrl, 'patient', (error) => log.warn({ event: 'redis', err: error }, 'Redis'))
  stack.defer(() => redis.disconnect())
  const store = createStore(redis, PREFIX)
  const queues = createQueues(redis, PREFIX)
  const turns = createTurns(redis, PREFIX, config.running)
  const gitlab = connectGitLab(config.gitlab.url, async () => config.gitlab.token(), paceOf(config, metrics))
  const ask = createAsk(gitlab)
  dependOnRedis(vitals, redis)
  dependOnGitLab(vitals, gitlab)
  measureWaiting(metrics, queues, store)
  measureMemory(metrics, redis)
  const tokenEnd = createTokenEnd(gitlab, metrics, log)
  const voice = voiceOf(config)
  const now = () => Date.now()
  const room = openRoom(redis, config)
  const logbook = createLogbook(redis, PREFIX, undefined, room)
  const spending = createSpending(redis, PREFIX)
  const ledger = createLedger(redis, PREFIX)
  const audit = createAudit(redis, PREFIX, config.keep.audit)
  const watermark = createWatermark(redis, PREFIX)
  const runs = stack.use(await openRuns(config, log, logbook, createMasks(redis, PREFIX), vitals))
  const { runner } = runs

  const claim = createClaim({ gitlab, ask, store, turns, runs }, config, log)
  const create = createAudited({ audit, store })
  const receiving: ReceiveNeeds = { ...ask, ...store, create, ways: createWays(config, gitlab), now }
  /** What a running task shows of itself. */
  async function live(task: Task): Promise<Pick<Seen, 'tail' | 'spent'>> {
    const size = await logbook.size(task.id)
    const [end, spent] = await Promise.all([logbook.read(task.id, size - TAIL, size), spending.of(task.id)])
    const budget = limitsOf(task, config.limits).budget
    return {
      tail: excerpt(end.toString()),
      ...(budget === undefined ? {} : { spent: { cost: spent.costUsd, budget } }),
    }
  }

  const needs: LookNeeds = {
    get: store.get,
    update: store.update,
    async see(task) {
      // The run first: an attempt that is seen to have ended has left its outcome before.
      const run = task.attempt === 0 ? ({ is: 'absent' } as const) : await runner.see(task)
      const [beside, ahead] = await Promise.all([store.beside(task), store.ahead(task)])
      // Who waits for a branch does not stand in the line for a place.
      const waits = task.state === 'queued' && ahead === 0
      const turn = waits ? await turns.turn(task) : NO_LINE
      const expects = turn.place > 0 ? expectation(await store.lately(task.thread.projectId), turn.place) : undefined
      return { run, ahead, turn, expects, ...beside, ...(task.state === 'running' ? await live(task) : {}) }
    },
    hands: tracedHands(
      createHands(
        {
          gitlab,
          ask,
          store,
          queues,
          turns,
          runner,
          pushes: createPushes(redis, PREFIX),
          spending,
          ledger,
          notice: tokenEnd.notice,
        },
        config,
        voice,
      ),
    ),
    rules: rulesOf(config),
    now,
    async audit(task, fact) {
      const record = recordOfFact(task, fact)
      if (record !== undefined) await audit.record(record)
    },
    recorded(task, fact) {
      measureFact(metrics, task, fact, now())
      const what = { event: fact.fact, task: task.id, state: task.state, attempt: task.attempt }
      log.info({ ...what, url: fact.fact === 'merge-request' ? fact.url : undefined }, `${task.id} ${fact.fact}`)
    },
    async say(answer) {
      const body = answerComment(answer, inProject(voice, answer.trigger))
      log.info({ event: 'answered', task: answer.id, say: answer.saying.say }, `${answer.id} ${answer.saying.say}`)
      if (body !== undefined)
        return (await ensureNote(gitlab, (await ask.me()).id, answer.thread, answer.id, 'reply', body))?.discussion
      await react(gitlab, answer.thread, 'thumbsdown')
      return undefined
    },
    remark: (remark) =>
      lookAtRemark(remark, {
        ...receiving,
        notesOn: ask.notesOn,
        update: store.update,
        react: (thread) => react(gitlab, thread, 'eyes'),
        lastRemarkAt: store.lastRemarkAt,
        quiet: config.pace.quiet * 1000,
        async create(entry) {
          const made = await inSpan('follow-up', remark.trace, {}, () => create(entry))
          log.info(
            { event: 'received', task: entry.id, kind: entry.kind },
            `${entry.id} ${made ? 'is new' : 'is known'}`,
          )
          await queues.wake(entry.id)
          return made
        },
      }),
    async order(order) {
      const { what } = order
      if (what.order === 'stop') await store.askStop(order.target, { by: order.by.username, at: order.createdAt })
      else await store.allow(order.target, what.budget)
      await audit.record(recordOfOrder(order))
      await react(gitlab, order.thread, 'eyes')
      log.info(
        { event: 'ordered', task: order.target, by: order.by.username, ...what },
        `${what.order} of ${order.target}`,
      )
      await queues.wake(order.target)
    },
  }

  async function take(delivery: Delivery): Promise<void> {
    if (delivery.found !== true) await watermark.came()
    const what = describeDelivery(delivery)
    for (const received of await receive(delivery, receiving)) {
      metrics.received(received.received)
      switch (received.received) {
        case 'ignored':
          log.info({ event: 'ignored', delivery: what, why: received.why }, `${what} ignored: ${received.why}`)
          break
        case 'known':
          log.info({ event: 'known', task: received.id }, `${received.id} is known`)
          await queues.wake(received.id)
          break
        case 'new': {
          const { entry } = received
          const by = 'asker' in entry ? entry.asker : 'by' in entry ? entry.by : entry.to
          log.info({ event: 'received', task: entry.id, kind: entry.kind, by: by.username }, `${entry.id} is new`)
          if (delivery.found === true) {
            metrics.found()
            const words = `${entry.id} was brought by no hook, and found by asking; \`errand hooks check\` may say why`
            log.warn({ event: 'found', task: entry.id, found: await watermark.countFound() }, words)
          }
          await queues.wake(entry.id)
        }
      }
    }
    // An item may ask again, and an edit says nothing of what was there before.
    if (delivery.kind !== 'item' && !(delivery.kind === 'note' && delivery.edited === true)) await watermark.hear(what)
  }

  await claim().catch((error: Error) => {
    throw new StartError(error.message)
  })
  const failed = (what: string) => (error: unknown) =>
    log.error({ event: 'failed', what, err: error }, `${what} failed; it is tried again`)
  const workers = startWorkers(redis, PREFIX, {
    receive: (delivery, trace) => inSpan('receive', trace, {}, () => take(delivery)),
    look: (id) => timed(metrics, () => look(id, needs)),
    failed: (what, error) => failed(what)(error),
  })
  stack.defer(() => workers.close())
  const canary = createCanary({ redis, put: queues.canary, doneAt: workers.doneAt, now })
  vitals.live(canary.problem)
  stack.use(every(HOUR, failed("the token's end"), tokenEnd.look))
  stack.use(every(10_000, failed('the canary'), canary.beat))
  stack.use(forEach(runner.changes, failed('waking'), (id) => queues.wake(id)))
  // Its first round is at once: a restart is a normal event, and what was unfinished is looked at right away.
  stack.use(
    every(config.pace.sweep * 1000, failed('the sweep'), async () => {
      await claim()
      for (const id of await store.unfinished()) await queues.wake(id)
    }),
  )
  stack.use(
    findMissed({ gitlab, ask, store, queues, watermark, ways: receiving.ways, swept: metrics.swept }, config, log),
  )
  stack.use(noteMerged({ gitlab, ledger, watermark: createWatermark(redis, `${PREFIX}:merged`) }, config, log))
  stack.use(forgetOld(redis, config, log))
  log.info({ event: 'working', runner: config.runner }, `working, runs are ${config.runner}`)
  return stack.move()
}

export async function run(): Promise<void> {
  await runUntilSignal(work)
}
