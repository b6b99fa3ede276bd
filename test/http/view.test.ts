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

test('of what not everybody may read, nothing is said of the log', () => {
  const seeing = { reads: false, gitlab: 'https://gitlab.example', now: T0 }
  expect(taskView(aTask(OVER), { ...PARTS, log: LOG }, seeing).log).toEqual({
    size: 0,
    lines: 0,
    cut: false,
    gone: false,
  })
})
