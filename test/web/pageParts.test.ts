/** The page's own decisions, without a browser. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ago, bytes, dollars, duration } from '../../src/web/amounts.ts'
import { createEventParser, type ServerEvent } from '../../src/web/eventParser.ts'
import { timelineParts } from '../../src/web/task/timelineParts.ts'
import { readFilter, writeFilter } from '../../src/web/tasks/taskFilter.ts'
import { showWaiting, type TaskList, withoutTask, withTask } from '../../src/web/tasks/taskList.ts'
import { webAddress } from '../../src/web/webAddress.ts'
import { aTask, summary } from './aTask.ts'

test('events are read in whatever pieces they come', () => {
  const text =
    ': hello\n\nevent: log\nid: 12\ndata: {"a":1}\n\nretry: 3\ndata: one\ndata:two\r\n\nid\nevent: gone\ndata: {}\n\ndata: never ended'
  const read = (pieces: readonly string[]) => {
    const events: ServerEvent[] = []
    const feed = createEventParser((event) => events.push(event))
    for (const piece of pieces) feed(piece)
    return events
  }
  const whole = [
    { event: 'log', data: '{"a":1}', id: '12' },
    { event: 'message', data: 'one\ntwo', id: undefined },
    { event: 'gone', data: '{}', id: '' },
  ]
  expect(read([text])).toEqual(whole)
  expect(read([...text])).toEqual(whole)
})

test('the filter in the address says what it is', () => {
  fc.assert(
    fc.property(
      fc.subarray(['queued', 'running', 'failed'] as const),
      fc.string(),
      fc.string(),
      (status, project, text) => {
        const filter = { status, project: project.trim(), person: '', text: text.trim(), before: '' }
        expect(readFilter(`?${writeFilter(filter)}`)).toEqual(filter)
      },
    ),
  )
  expect(readFilter('?status=evil&status=failed').status).toEqual(['failed'])
})

const at = (minute: number) => `2026-11-22T10:${String(minute).padStart(2, '0')}:00.000Z`
const task = (id: string, minute: number) => summary(aTask({ id, createdAt: at(minute) }))
const list = (...tasks: readonly [string, number][]): TaskList => ({
  tasks: tasks.map(([id, minute]) => task(id, minute)),
  next: 'more',
  waiting: [],
})
const ids = ({ tasks, waiting }: TaskList) => [
  tasks.map(({ id }) => id).join(' '),
  waiting.map(({ id }) => id).join(' '),
]

test('news finds its place in the list', () => {
  const two = list(['b', 20], ['a', 10])
  const now = { first: true, hold: false }
  expect(ids(withTask(two, task('c', 30), now))).toEqual(['c b a', ''])
  expect(ids(withTask(two, task('c', 15), now)), 'in the order of time').toEqual(['b c a', ''])
  expect(ids(withTask(two, task('c', 5), now)), 'one of a later page').toEqual(['b a', ''])
  expect(ids(withTask({ ...two, next: null }, task('c', 5), now)), 'there is no later page').toEqual(['b a c', ''])
  expect(ids(withTask(two, task('c', 30), { first: false, hold: false })), 'an older page has no new ones').toEqual([
    'b a',
    '',
  ])
  const held = withTask(two, task('c', 30), { first: true, hold: true })
  expect(ids(held)).toEqual(['b a', 'c'])
  expect(ids(showWaiting(held))).toEqual(['c b a', ''])
  expect(ids(withoutTask(held, 'c'))).toEqual(['b a', ''])
  const changed = withTask(held, { ...task('c', 30), doing: 'other' }, now)
  expect(changed.waiting[0]?.doing).toBe('other')
})

test('the timeline has every step, with the time of all its attempts', () => {
  const parts = timelineParts(
    {
      status: 'running',
      timeline: [
        { step: 'queued', from: at(0), to: at(1) },
        { step: 'starting', from: at(1), to: at(2) },
        { step: 'agent', from: at(2), to: at(4) },
        { step: 'agent', from: at(5), to: null },
      ],
    },
    Date.parse(at(6)),
  )
  expect(parts.map(({ step, state, seconds }) => `${step} ${state} ${seconds}`)).toEqual([
    'queued done 60',
    'starting done 60',
    'clone skipped 0',
    'setup skipped 0',
    'agent now 180',
    'push ahead 0',
    'finishing ahead 0',
  ])
})

test('only addresses of the web are followed', () => {
  for (const bad of [
    'javascript:x',
    ' javascript:x',
    'java\nscript:x',
    'data:text/html,x',
    '//evil.example',
    '/tasks',
    'vbscript:x',
    'mailto:a@b.c',
    '',
  ]) {
    expect(webAddress(bad), bad).toBeUndefined()
  }
  expect(webAddress('https://a.example/x')).toBe('https://a.example/x')
  expect(webAddress('mailto:a@b.c', true)).toBe('mailto:a@b.c')
})

test('amounts in words', () => {
  expect([0, 59.6, 61, 3600, 7500, 90_000].map(duration)).toEqual([
    '0 s',
    '1 min',
    '1 min 1 s',
    '1 h',
    '2 h 5 min',
    '1 d 1 h',
  ])
  expect([0, 0.004, 0.5, 12].map(dollars)).toEqual(['$0.00', '$0.004', '$0.50', '$12.00'])
  expect([999, 65_536, 10_400_000].map(bytes)).toEqual(['999 B', '66 kB', '10.4 MB'])
  expect([-5, 30, 600, 7200, 200_000].map((seconds) => ago(0, seconds * 1000))).toEqual([
    'just now',
    '30 s ago',
    '10 min ago',
    '2 h ago',
    '2 d ago',
  ])
})
