import { expect, test } from 'vitest'
import { type Parts, taskView } from '../../src/http/view.ts'
import type { Task } from '../../src/tasks/task.ts'
import { aTask, T0 } from '../tasks/aTask.ts'

const PARTS: Parts = {
  beside: { stopping: false, usage: { turns: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 } },
  phases: [],
  log: { size: 0, lines: 0, cut: false },
  may: { stop: true, retry: true },
  words: undefined,
}
const OVER: Partial<Task> = { state: 'succeeded', startedAt: T0, endedAt: T0 + 1 }
const LOG = { size: 5, lines: 1, cut: false }

test.each<readonly [string, Partial<Task>, Parts['log'], boolean]>([
  ['over long ago, and its log is not kept any more', OVER, PARTS.log, true],
  ['over, with its log', OVER, LOG, false],
  ['over before it began', { ...OVER, startedAt: undefined }, PARTS.log, false],
  ['running, and silent so far', { state: 'running', startedAt: T0 }, PARTS.log, false],
])('whether the log is gone: %s', (_, changes, log, gone) => {
  const view = taskView(aTask(changes), { ...PARTS, log }, { reads: true, gitlab: 'https://gitlab.example', now: T0 })
  expect(view.log).toEqual({ ...log, gone })
})

const PUSHED = {
  branch: 'agent/42-n1337',
  commit: 'c0ffee',
  commits: 1,
  files: [{ path: 'README.md', added: 2, removed: 1 }],
}
const DONE: Partial<Task> = {
  ...OVER,
  overAt: T0 + 4000,
  endedAt: T0 + 6000,
  attempt: 1,
  attemptAt: T0 + 300,
  end: { is: 'succeeded', outcome: { result: 'pushed', pushed: PUSHED, answer: 'Done.', warnings: ['a warning'] } },
  mergeRequest: { iid: 3, url: 'https://gitlab.example/demo/shop/-/merge_requests/3' },
}
const SEEING = { reads: true, gitlab: 'https://gitlab.example', now: T0 + 60_000 }

test('a whole task', () => {
  const phases = (['clone', 'agent', 'push'] as const).map((phase, index) => ({
    phase,
    at: new Date(T0 + 1000 * (index + 1)).toISOString(),
  }))
  expect(taskView(aTask(DONE), { ...PARTS, phases, log: LOG }, SEEING)).toMatchInlineSnapshot(`
    {
      "agent": "claude",
      "answer": "Done.",
      "asker": {
        "name": "Dora Developer",
        "username": "dora",
      },
      "attempt": 1,
      "base": "main",
      "branch": "agent/42-n1337",
      "budgetUsd": null,
      "cause": null,
      "commit": "c0ffee",
      "continues": null,
      "costUsd": null,
      "createdAt": "2026-11-22T09:00:00.000Z",
      "discreet": false,
      "doing": null,
      "durationSeconds": 6,
      "endedAt": "2026-11-22T09:00:06.000Z",
      "failure": null,
      "files": [
        {
          "added": 2,
          "path": "README.md",
          "removed": 1,
        },
      ],
      "hints": [],
      "id": "42-n1337",
      "jobName": "42-n1337-1",
      "log": {
        "cut": false,
        "gone": false,
        "lines": 1,
        "size": 5,
      },
      "may": {
        "retry": false,
        "stop": false,
      },
      "mergeRequestUrl": "https://gitlab.example/demo/shop/-/merge_requests/3",
      "mode": "do",
      "model": null,
      "paused": false,
      "projectId": 42,
      "prompt": "fix the typo in the README",
      "repository": "demo/shop",
      "source": {
        "on": "issue",
        "url": "https://gitlab.example/demo/shop/-/issues/7#note_1337",
      },
      "startedAt": "2026-11-22T09:00:00.000Z",
      "status": "succeeded",
      "statusSince": "2026-11-22T09:00:00.000Z",
      "stopping": false,
      "timeline": [
        {
          "from": "2026-11-22T09:00:00.000Z",
          "step": "queued",
          "to": "2026-11-22T09:00:00.300Z",
        },
        {
          "from": "2026-11-22T09:00:00.300Z",
          "step": "starting",
          "to": "2026-11-22T09:00:01.000Z",
        },
        {
          "from": "2026-11-22T09:00:01.000Z",
          "step": "clone",
          "to": "2026-11-22T09:00:02.000Z",
        },
        {
          "from": "2026-11-22T09:00:02.000Z",
          "step": "agent",
          "to": "2026-11-22T09:00:03.000Z",
        },
        {
          "from": "2026-11-22T09:00:03.000Z",
          "step": "push",
          "to": "2026-11-22T09:00:04.000Z",
        },
        {
          "from": "2026-11-22T09:00:04.000Z",
          "step": "finishing",
          "to": "2026-11-22T09:00:06.000Z",
        },
      ],
      "title": "The README has a typo",
      "usage": {
        "inputTokens": null,
        "outputTokens": null,
        "turns": null,
      },
      "warnings": [
        "a warning",
      ],
    }
  `)
})

test.each<readonly [string, Partial<Task>, object]>([
  ['running', { state: 'running' }, { cause: null, paused: false, may: { stop: true, retry: false } }],
  [
    'failed',
    { end: { is: 'failed', cause: 'stuck', message: 'm' } },
    { cause: 'stuck', may: { stop: false, retry: true } },
  ],
  ['paused', { end: { is: 'failed', cause: 'budget-spent', message: '' } }, { cause: 'budget-spent', paused: true }],
  ['stopped', { end: { is: 'cancelled', by: 'dora' } }, { cause: 'stopped', may: { stop: false, retry: true } }],
  ['not begun', { end: { is: 'cancelled', because: 'closed' } }, { cause: 'closed' }],
  ['worked', DONE, { cause: null, may: { stop: false, retry: false } }],
  ['a plan', { ...DONE, mode: 'plan' }, { may: { stop: false, retry: true } }],
])('why it ended, and what may be done: %s', (_, changes, expected) => {
  const state = changes.end === undefined ? {} : ({ state: changes.end.is, endedAt: T0 + 1 } as const)
  expect(taskView(aTask({ ...state, ...changes }), PARTS, SEEING)).toMatchObject(expected)
})

test.each<readonly [string, Partial<Task>, Partial<Parts['beside']>, boolean]>([
  ['nobody asked', { state: 'running' }, {}, false],
  ['asked, and not looked at yet', { state: 'running' }, { stopping: true }, true],
  ['recorded', { state: 'running', stop: { at: 1 } }, {}, true],
  ['over', DONE, { stopping: true }, false],
])('whether it is being stopped: %s', (_, changes, beside, stopping) => {
  const parts = { ...PARTS, beside: { ...PARTS.beside, ...beside } }
  expect(taskView(aTask(changes), parts, SEEING).stopping).toBe(stopping)
})

test('of what not everybody may read, nothing is said of the request, the code and the log', () => {
  const task = aTask({ ...DONE, prompt: 'a secret wish', about: 'A secret', discreet: true })
  const shown = taskView(task, { ...PARTS, log: LOG }, { ...SEEING, reads: false })
  expect(shown).toMatchObject({ files: [], commit: null, answer: null, warnings: [], discreet: true })
  expect(shown.log).toEqual({ size: 0, lines: 0, cut: false, gone: false })
  expect(JSON.stringify(shown)).not.toMatch(/secret|c0ffee|README|a warning|Done/)
})
