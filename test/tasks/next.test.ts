import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advance, type Fact, MOVES } from '../../src/tasks/advance.ts'
import { isFinished } from '../../src/tasks/entry.ts'
import { next, type Rules, type Seen, type Step } from '../../src/tasks/next.ts'
import type { Run } from '../../src/tasks/runner.ts'
import { type Cause, isFinal, type Outcome, type Shows, STATES, type Task } from '../../src/tasks/task.ts'
import { after, aTask, ON_PAGE, PUSHED, T0 } from './aTask.ts'

const RULES: Rules = {
  deadline: 3_600_000,
  attempts: 3,
  finishing: 6 * 3_600_000,
  statusEvery: [15_000, 60_000, 300_000],
}
const ABSENT: Run = { is: 'absent' }
const RUNNING: Run = { is: 'running', since: T0 + 1000 }
const MINE = { place: 0, limit: 'all' } as const
const SEEN: Seen = { run: ABSENT, ahead: 0, turn: MINE }
const told = (task: Task, shows: Shows = {}): Task => after(task, { fact: 'status', note: 1, state: task.state, shows })

const queued = told(aTask())
const checked = after(queued, { fact: 'checked' })
const recorded = after(queued, { fact: 'attempt', number: 1 })
const starting = told(after(recorded, { fact: 'launched', attempt: 1 }))
const running = told(after(starting, { fact: 'running', attempt: 1, since: T0 }))
const STOP = { by: 'dora', at: T0 }
const stopped = after(running, { fact: 'stop', stop: STOP })
const pushed: Outcome = { result: 'pushed', pushed: PUSHED, warnings: [] }
const interrupted: Outcome = { result: 'interrupted', pushed: PUSHED, warnings: [] }
const ended = after(running, { fact: 'ended', end: { is: 'succeeded', outcome: pushed } })
const opened = after(ended, { fact: 'merge-request', iid: 1, url: 'u' })
const replied = after(opened, { fact: 'replied', note: 9 })
const done = told(after(replied, { fact: 'finished' }))

/** Asked on the page: nothing of it is told in GitLab but the answer on its merge request. */
const onPage = aTask(ON_PAGE)
const onPageRuns = after(onPage, { fact: 'attempt', number: 1 }, { fact: 'running', attempt: 1, since: T0 })
const onPageEnded = after(onPageRuns, { fact: 'ended', end: { is: 'succeeded', outcome: pushed } })
const onPageOpened = after(onPageEnded, { fact: 'merge-request', iid: 5, url: 'u' })
const onPageDone = after(onPageOpened, { fact: 'replied', note: 9, discussion: 'd9' }, { fact: 'finished' })

const record = (fact: Fact): Step => ({ step: 'record', fact })
const fails = (cause: Cause, message: string): Step => record({ fact: 'ended', end: { is: 'failed', cause, message } })

const TABLE: readonly (readonly [
  what: string,
  task: Task,
  seen: Partial<Seen>,
  step: Step | undefined,
  minutes?: number,
])[] = [
  ['a new task is seen', aTask({ reacted: false }), {}, { step: 'react' }],
  ['then told', aTask(), {}, { step: 'say-status', shows: {} }],
  ['then it is asked whether it is still wanted', queued, {}, { step: 'check' }],
  ['then it takes its turn', checked, {}, { step: 'take-turn' }],
  ['somebody was faster, and much later it is asked again', checked, {}, { step: 'check' }, 2],
  [
    'a full house: it waits, and says its place',
    queued,
    { turn: { place: 3, limit: 'project' } },
    { step: 'say-status', shows: { waits: { limit: 'project', place: 3 } } },
    1,
  ],
  [
    'a busy branch: it waits, and says so',
    queued,
    { ahead: 2 },
    { step: 'say-status', shows: { waits: { limit: 'branch', place: 2 } } },
    1,
  ],
  ['and says it once', told(aTask(), { waits: { limit: 'branch', place: 2 } }), { ahead: 2 }, undefined, 60],
  ['a reaction that is not taken holds nothing up', aTask({ reacted: false }), {}, record({ fact: 'reacted' }), 2],
  ['a recorded attempt is launched', recorded, {}, { step: 'launch' }],
  ['and launched again until it is seen', told(recorded), {}, { step: 'launch' }],
  [
    'a launch that does not come about is told',
    told(recorded),
    {},
    record({
      fact: 'ended',
      end: {
        is: 'failed',
        cause: 'internal-error',
        message: 'the run could not be started; the log of the worker says why',
      },
    }),
    61,
  ],
  ['adopted when it is there', recorded, { run: RUNNING }, record({ fact: 'launched', attempt: 1 })],
  [
    'a run that waits is told',
    starting,
    { run: { is: 'waiting', why: 'no place' } },
    { step: 'say-status', shows: { line: 'no place' } },
    1,
  ],
  ['a run that runs is running', starting, { run: RUNNING }, record({ fact: 'running', attempt: 1, since: T0 + 1000 })],
  ['while it runs there is nothing to do', running, { run: RUNNING }, undefined],
  [
    'what it does is told',
    running,
    { run: RUNNING, doing: 'reads a.ts' },
    { step: 'say-status', shows: { line: 'reads a.ts' } },
    1,
  ],
  [
    'and what it does not get to read',
    running,
    { run: RUNNING, doing: 'reads a.ts', hidden: 312 },
    { step: 'say-status', shows: { line: 'reads a.ts', hidden: 312 } },
    1,
  ],
  ['but not at once', running, { run: RUNNING, doing: 'reads a.ts' }, undefined, 0.1],
  [
    'an outcome ends it',
    running,
    { run: RUNNING, outcome: pushed },
    record({ fact: 'ended', end: { is: 'succeeded', outcome: pushed } }),
  ],
  ['a lost run is begun again', running, {}, record({ fact: 'attempt', number: 2 })],
  [
    'a killed run is begun again',
    running,
    { run: { is: 'ended', exit: undefined, why: 'killed' } },
    record({ fact: 'attempt', number: 2 }),
  ],
  ['three times at most', { ...running, attempt: 3 }, {}, fails('lost', 'the machine it ran on was lost')],
  [
    'an exit code that tells why',
    running,
    { run: { is: 'ended', exit: 11, why: 'exit 11' } },
    fails('setup-failed', 'exit 11'),
  ],
  [
    'an exit code is believed only once launched',
    recorded,
    { run: { is: 'ended', exit: 11, why: '' } },
    record({ fact: 'launched', attempt: 1 }),
  ],
  [
    'out of memory is no loss: it would be again',
    running,
    { run: { is: 'ended', exit: 137, why: 'more than 4Gi', cause: 'out-of-memory', infrastructure: false } },
    fails('out-of-memory', 'more than 4Gi'),
  ],
  [
    'a registry that is away: begun again',
    starting,
    { run: { is: 'ended', exit: undefined, why: 'no image', cause: 'image', infrastructure: true } },
    record({ fact: 'attempt', number: 2 }),
  ],
  [
    'and again, until it has its own words',
    { ...starting, attempt: 3 },
    { run: { is: 'ended', exit: undefined, why: 'no image', cause: 'image', infrastructure: true } },
    fails('image', 'no image'),
  ],
  [
    'the runner knows more than the exit code says',
    running,
    { run: { is: 'ended', exit: 143, why: 'low on memory', cause: 'evicted', infrastructure: true } },
    record({ fact: 'attempt', number: 2 }),
  ],
  [
    'absent, and the runner knows why',
    { ...running, attempt: 3 },
    { run: { is: 'absent', why: 'somebody deleted it' } },
    fails('lost', 'somebody deleted it'),
  ],
  ['interrupted: the old run goes first', running, { run: RUNNING, outcome: interrupted }, { step: 'stop-run' }],
  ['then the next begins', running, { outcome: interrupted }, record({ fact: 'attempt', number: 2 })],
  ['a stop is recorded', running, { run: RUNNING, stop: STOP }, record({ fact: 'stop', stop: STOP })],
  ['then performed', stopped, { run: RUNNING }, { step: 'stop-run' }],
  [
    'stopped with its work saved',
    stopped,
    { outcome: interrupted },
    record({ fact: 'ended', end: { is: 'cancelled', by: 'dora', outcome: interrupted } }),
  ],
  [
    'stopped without a word',
    stopped,
    {},
    record({ fact: 'ended', end: { is: 'cancelled', by: 'dora', outcome: undefined } }),
  ],
  [
    'stopped too late: it was done',
    stopped,
    { outcome: pushed },
    record({ fact: 'ended', end: { is: 'succeeded', outcome: pushed } }),
  ],
  [
    'stopped while queued',
    after(queued, { fact: 'stop', stop: STOP }),
    {},
    record({ fact: 'ended', end: { is: 'cancelled', by: 'dora', outcome: undefined } }),
  ],
  ['over its time', running, { run: RUNNING }, record({ fact: 'stop', stop: { at: T0 + 61 * 60_000 } }), 61],
  ['a pushed branch gets its merge request', ended, { run: RUNNING }, { step: 'merge-request' }],
  ['then the reply', opened, {}, { step: 'reply' }],
  ['then it is over', replied, {}, record({ fact: 'finished' })],
  [
    'nothing changed: no merge request',
    after(running, { fact: 'ended', end: { is: 'succeeded', outcome: { result: 'unchanged', warnings: [] } } }),
    {},
    { step: 'reply' },
  ],
  [
    'GitLab is away for 6 h',
    ended,
    {},
    record({
      fact: 'merge-request-refused',
      cause: 'merge-request-refused',
      message: 'GitLab did not take the merge request for too long',
    }),
    361,
  ],
  ['the run is cleaned away', done, { run: { is: 'ended', exit: 0, why: '' } }, { step: 'stop-run' }],
  ['and its place given back', done, {}, { step: 'leave' }],
  [
    'the last status is told',
    after(replied, { fact: 'finished' }, { fact: 'cleaned' }),
    {},
    { step: 'say-status', shows: {} },
  ],
  [
    'with what it did not get to read',
    after(replied, { fact: 'finished' }, { fact: 'cleaned' }),
    { hidden: 312 },
    { step: 'say-status', shows: { hidden: 312 } },
  ],
  ['asked on the page, it is not told and not reacted to', onPage, {}, { step: 'check' }],
  ['nor while it waits', onPage, { ahead: 2 }, undefined, 60],
  ['nor while it runs', onPageRuns, { run: RUNNING, doing: 'reads' }, undefined, 5],
  ['its branch gets a merge request', onPageEnded, {}, { step: 'merge-request' }],
  ['which is answered', onPageOpened, {}, { step: 'reply' }],
  ['and cleaned away', onPageDone, {}, { step: 'leave' }],
  ['and never gets a status comment', after(onPageDone, { fact: 'cleaned' }), {}, undefined, 60],
  [
    'without a merge request there is nobody to answer in GitLab',
    after(onPageRuns, { fact: 'ended', end: { is: 'failed', cause: 'stuck', message: 'x' } }),
    {},
    record({ fact: 'replied', note: undefined }),
  ],
  ['then nothing ever', after(done, { fact: 'cleaned' }), { stop: STOP, outcome: pushed }, undefined, 10_000],
]

for (const [what, task, seen, step, minutes = 0.1] of TABLE) {
  test(what, () => expect(next(task, { ...SEEN, ...seen }, T0 + minutes * 60_000, RULES)).toEqual(step))
}

test('what was asked on the page has its thread where it was answered, and is finished without a status comment', () => {
  expect(onPageOpened.thread).toEqual({ projectId: 42, on: 'merge_request', iid: 5, internal: false })
  expect(onPageDone.thread).toEqual({ ...onPageOpened.thread, discussion: 'd9' })
  expect(isFinished(onPageDone)).toBe(false)
  expect(isFinished(after(onPageDone, { fact: 'cleaned' }))).toBe(true)
  const elsewhere = after(
    ended,
    { fact: 'merge-request', iid: 5, url: 'u' },
    { fact: 'replied', note: 9, discussion: 'd9' },
  )
  expect(elsewhere.thread).toEqual(ended.thread)
})

test('every state is in the table of moves, and final ones move nowhere', () => {
  expect(Object.keys(MOVES).sort()).toEqual([...STATES].sort())
  for (const state of STATES) expect(MOVES[state].length === 0, state).toBe(isFinal(state))
})

/** A world that does what it is told, sometimes fails to, and in which things happen by themselves. */
const happenings = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant('look' as const), fails: fc.boolean() }),
    fc.record({ what: fc.constant('time' as const), minutes: fc.integer({ min: 0, max: 90 }) }),
    fc.constant({ what: 'run-begins' as const }),
    fc.record({
      what: fc.constant('run-ends' as const),
      exit: fc.constantFrom(undefined, 0, 11, 143),
      leaves: fc.constantFrom('pushed', 'unchanged', 'failed', 'interrupted', 'nothing'),
    }),
    fc.constant({ what: 'stop' as const }),
  ),
  { maxLength: 60 },
)

test('whatever happens, in whatever order: attempts count up, a run is never doubled, an end stays, and the task ends', () => {
  fc.assert(
    fc.property(happenings, fc.boolean(), (history, page) => {
      let task: Task = page ? onPage : aTask({ reacted: false })
      let now = T0
      let live: number | undefined
      let run = ABSENT as Run
      let stop: Seen['stop']
      const outcomes = new Map<number, Outcome>()
      let replies = 0
      let mergeRequests = 0

      const look = (fails: boolean): void => {
        for (let steps = 0; ; steps++) {
          expect(steps, 'a look comes to rest').toBeLessThan(50)
          const step = next(task, { run, ahead: 0, turn: MINE, stop, outcome: outcomes.get(task.attempt) }, now, RULES)
          if (step === undefined) return
          const fact = perform(step)
          // Performed, but we died before it was recorded.
          if (fails && step.step !== 'record') return
          if (fact === undefined) return
          const before = task
          task = advance(task, fact, now)
          if (isFinal(before.state)) expect(task.state).toBe(before.state)
          expect(task.attempt).toBeGreaterThanOrEqual(before.attempt)
          expect(task.attempt).toBeLessThanOrEqual(RULES.attempts)
        }
      }
      const perform = (step: Step): Fact | undefined => {
        switch (step.step) {
          case 'record':
            if (step.fact.fact === 'attempt') {
              expect(run.is === 'running' || run.is === 'waiting', 'no attempt begins beside a live one').toBe(false)
              run = ABSENT
            }
            return step.fact
          case 'react':
            expect(page).toBe(false)
            return { fact: 'reacted' }
          case 'say-status':
            expect(page).toBe(false)
            return { fact: 'status', note: 1, state: task.state, shows: step.shows }
          case 'label':
            return { fact: 'label', label: step.label }
          case 'check':
            return { fact: 'checked' }
          case 'answer-threads':
            expect(replies).toBe(1)
            return { fact: 'answered' }
          case 'take-turn':
            return { fact: 'attempt', number: task.attempt + 1 }
          case 'leave':
            return { fact: 'cleaned' }
          case 'launch':
            expect(isFinal(task.state)).toBe(false)
            if (live !== task.attempt) run = { is: 'waiting', why: '' }
            live = task.attempt
            return { fact: 'launched', attempt: task.attempt }
          case 'stop-run':
            run = ABSENT
            return undefined
          case 'merge-request':
            mergeRequests = 1
            return { fact: 'merge-request', iid: 1, url: 'u' }
          case 'reply':
            replies = 1
            return { fact: 'replied', note: 2 }
        }
      }

      for (const happening of history) {
        switch (happening.what) {
          case 'look':
            look(happening.fails)
            break
          case 'time':
            now += happening.minutes * 60_000
            break
          case 'run-begins':
            if (run.is === 'waiting') run = { is: 'running', since: now }
            break
          case 'run-ends':
            if (run.is !== 'running') break
            run = { is: 'ended', exit: happening.exit, why: 'ended' }
            if (happening.leaves === 'nothing') break
            outcomes.set(task.attempt, {
              result: happening.leaves as Outcome['result'],
              pushed: happening.leaves === 'pushed' ? PUSHED : undefined,
              warnings: [],
            })
            break
          case 'stop':
            stop = STOP
        }
      }
      // Left alone, with every run dying on its own, it ends, is told, and is cleaned away.
      for (let rounds = 0; rounds < 20; rounds++) {
        look(false)
        now += 20 * 60_000
        if (run.is === 'waiting') run = { is: 'running', since: now }
        else if (run.is === 'running') run = { is: 'ended', exit: undefined, why: 'killed' }
      }
      look(false)
      expect(isFinal(task.state)).toBe(true)
      expect(task.cleaned).toBe(true)
      expect(run).toEqual(ABSENT)
      expect(mergeRequests).toBe(task.mergeRequest === undefined ? 0 : 1)
      expect(replies).toBe(page ? mergeRequests : 1)
      expect(task.status?.state).toBe(page ? undefined : task.state)
      expect(isFinished(task)).toBe(true)
      if (task.end?.is === 'cancelled') expect(stop).toBeDefined()
    }),
    { numRuns: 2000 },
  )
})
