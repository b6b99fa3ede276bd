import type { TaskSummary, TaskView } from '../../src/http/taskView.ts'

const SECOND = 1000
const ago = (seconds: number) => new Date(Date.now() - seconds * SECOND).toISOString()

/** A task that runs for two minutes now, with what is given instead. */
export function aTask(changes: Partial<TaskView> = {}): TaskView {
  const begun = 154
  return {
    id: '42-n1337',
    prompt: 'Add a health check at `/health` that answers 200 with the version.\n\nTests, please.',
    title: 'The service has no health check',
    repository: 'demo/shop',
    projectId: 1,
    branch: 'agent/42-n1337',
    base: 'main',
    status: 'running',
    statusSince: ago(120),
    cause: null,
    paused: false,
    doing: 'Runs npm test',
    agent: 'claude',
    model: 'claude-sonnet-5',
    mode: 'do',
    jobName: '42-n1337-1',
    attempt: 1,
    durationSeconds: begun,
    createdAt: ago(begun),
    startedAt: ago(140),
    endedAt: null,
    mergeRequestUrl: null,
    asker: { username: 'developer', name: 'Dana Developer' },
    source: { on: 'issue', url: 'https://gitlab.example/demo/shop/-/issues/1#note_1337' },
    costUsd: 0.42,
    continues: null,
    discreet: false,
    budgetUsd: 5,
    usage: { turns: 14, inputTokens: 184_220, outputTokens: 9_412 },
    timeline: [
      { step: 'queued', from: ago(begun), to: ago(148) },
      { step: 'starting', from: ago(148), to: ago(140) },
      { step: 'clone', from: ago(140), to: ago(136) },
      { step: 'setup', from: ago(136), to: ago(112) },
      { step: 'agent', from: ago(112), to: null },
    ],
    answer: null,
    failure: null,
    warnings: [],
    hints: [],
    files: [],
    commit: null,
    may: { stop: true, retry: false },
    stopping: false,
    log: { size: 0, lines: 0, cut: false, gone: false },
    ...changes,
  }
}

/** The same, done: with an answer, files and a merge request. */
export function aDoneTask(changes: Partial<TaskView> = {}): TaskView {
  return aTask({
    id: '42-n1201',
    title: 'Rounding of prices',
    prompt: 'Prices are rounded down. Round half up, and keep cents as integers.',
    status: 'succeeded',
    doing: null,
    createdAt: ago(7200),
    startedAt: ago(7180),
    endedAt: ago(6772),
    durationSeconds: 428,
    mergeRequestUrl: 'https://gitlab.example/demo/shop/-/merge_requests/12',
    costUsd: 1.07,
    commit: '3f2a9be1c0d4e5f60718293a4b5c6d7e8f901234',
    timeline: [
      { step: 'queued', from: ago(7200), to: ago(7190) },
      { step: 'starting', from: ago(7190), to: ago(7180) },
      { step: 'clone', from: ago(7180), to: ago(7172) },
      { step: 'setup', from: ago(7172), to: ago(7120) },
      { step: 'agent', from: ago(7120), to: ago(6790) },
      { step: 'push', from: ago(6790), to: ago(6781) },
      { step: 'finishing', from: ago(6781), to: ago(6772) },
    ],
    answer: [
      'Prices are rounded **half up** now, in one place: `roundCents` in `src/money.ts`.',
      '',
      '| Input | Before | Now |',
      '| --- | ---: | ---: |',
      '| 1.005 | 1.00 | 1.01 |',
      '| 2.344 | 2.34 | 2.34 |',
      '',
      '- [x] sums are kept in cents',
      '- [x] tests for the edge cases',
      '- [ ] the CSV export still rounds by itself: see [the issue](https://gitlab.example/demo/shop/-/issues/9)',
      '',
      '```ts',
      'export const roundCents = (value: number) => Math.floor(value * 100 + 0.5)',
      '```',
    ].join('\n'),
    warnings: ['No agent-setup.sh on main; nothing was set up.'],
    files: [
      { path: 'src/money.ts', added: 34, removed: 12 },
      { path: 'src/cart/total.ts', added: 9, removed: 15 },
      { path: 'test/money.test.ts', added: 61, removed: 0 },
    ],
    may: { stop: false, retry: true },
    ...changes,
  })
}

/** What a list shows of it. */
export function summary(view: TaskView): TaskSummary {
  const { budgetUsd, usage, timeline, answer, failure, warnings, hints, files, commit, may, stopping, log, ...rest } =
    view
  return rest
}
