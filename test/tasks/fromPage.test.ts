import { expect, test } from 'vitest'
import { askFromPage, type PageNeeds } from '../../src/tasks/fromPage.ts'
import { retryFromPage, stopFromPage } from '../../src/tasks/pageOrders.ts'
import type { Permission, Project, Ways } from '../../src/tasks/receive.ts'
import type { Person, Stop, Subject, Task } from '../../src/tasks/task.ts'
import { after, aTask, ON_PAGE, T0, THREAD } from './aTask.ts'

const DORA = aTask().asker
const MAX: Person = { id: 6, username: 'max', name: 'Max' }
const PROJECT: Project & { id: number } = {
  id: 42,
  path: 'demo/shop',
  defaultBranch: 'main',
  archived: false,
  isPrivate: false,
}
const WAYS: Ways = {
  trigger: '/agent',
  agent: 'claude',
  agents: ['claude', 'codex'],
  budget: 20,
  budgetMax: 100,
  labels: { todo: 'a', doing: 'b', done: 'c', failed: 'd' },
  pipelineTries: 2,
  merge: {},
  who: { level: 30 },
  hints: [],
}
const SUBJECT: Subject = {
  title: 'The README has a typo',
  description: '',
  author: MAX,
  createdAt: T0,
  open: true,
  confidential: false,
  labels: [],
  assignees: [],
}
const ASKED = { repository: 'demo/shop', prompt: 'fix it' }

/** A world of one project, as it is asked about. */
function world(changes: Partial<PageNeeds> = {}) {
  const tasks = new Map<string, Task>()
  const stops: (readonly [string, Stop])[] = []
  const needs: PageNeeds = {
    now: () => T0,
    ways: async () => WAYS,
    subject: async () => SUBJECT,
    permission: async () => ({ may: true, level: 30 }),
    isMaintainer: async () => false,
    get: async (id) => tasks.get(id),
    tasksOn: async () => [...tasks.values()],
    lastOnBranch: async (_, branch) => [...tasks.values()].findLast((task) => task.branch === branch),
    create: async (entry) => {
      if (entry.kind !== 'task' || tasks.has(entry.id)) return false
      tasks.set(entry.id, entry)
      return true
    },
    project: async () => PROJECT,
    hasBranch: async () => true,
    maySee: async () => true,
    mayRead: async () => true,
    models: undefined,
    digest: (text) => Buffer.from(text).toString('hex').padEnd(16, '0'),
    askedAs: async () => undefined,
    claimRetry: async (_, by) => by,
    askStop: async (id, stop) => void stops.push([id, stop]),
    wake: async () => {},
    ...changes,
  }
  return { needs, stops, tasks }
}

const REFUSALS: readonly (readonly [Permission & { may: false }, RegExp])[] = [
  [{ may: false, refusal: { why: 'not-a-member', needs: 30 } }, /not a member .* role Developer or higher/],
  [{ may: false, refusal: { why: 'role', has: 20, needs: 30 } }, /is Reporter, and asking needs Developer/],
  [{ may: false, refusal: { why: 'not-active', state: 'blocked' } }, /account is blocked/],
  [{ may: false, refusal: { why: 'not-listed' } }, /agent\.yml who may ask/],
]
test.each(REFUSALS)('who may not ask is told what is missing: $refusal.why', async (permission, words) => {
  const { needs } = world({ permission: async () => permission })
  const refused = { is: 'no', why: 'forbidden', detail: expect.stringMatching(words) }
  expect(await askFromPage(ASKED, MAX, 'key', needs)).toMatchObject(refused)
  const { needs: others, tasks } = world({ permission: async () => permission })
  tasks.set(failed().id, failed())
  expect(await retryFromPage(failed(), MAX, undefined, others)).toMatchObject(refused)
  expect(await stopFromPage(aTask(), MAX, others)).toMatchObject(refused)
})

const FIELDS: readonly (readonly [
  what: string,
  asked: object,
  changes: Partial<PageNeeds>,
  fields: readonly string[],
])[] = [
  ['a project that is not there', {}, { project: async () => 'gone' }, ['repository']],
  ['a project that they do not see', {}, { maySee: async () => false }, ['repository']],
  ['an archived project', {}, { project: async () => ({ ...PROJECT, archived: true }) }, ['repository']],
  [
    'an empty one',
    { branch: 'x' },
    { project: async () => ({ ...PROJECT, defaultBranch: undefined }) },
    ['repository'],
  ],
  [
    'all at once',
    { prompt: ' \0', budget: 1000, agent: 'cloude', branch: 'no' },
    { hasBranch: async () => false },
    ['prompt', 'branch', 'budget', 'agent'],
  ],
  ['a branch that would be an option', { branch: '--upload-pack=x' }, {}, ['branch']],
  ['a model that is not in the list', { model: 'gpt' }, { models: ['opus'] }, ['model']],
  ['a model that can be none', { model: 'a b' }, {}, ['model']],
  ['no number', { budget: Number.NaN }, {}, ['budget']],
]
test.each(FIELDS)('it is said at the field: %s', async (_, asked, changes, fields) => {
  const { needs, tasks } = world(changes)
  const answer = await askFromPage({ ...ASKED, ...asked }, DORA, 'key', needs)
  expect(answer).toMatchObject({ is: 'no', why: 'invalid', errors: fields.map((field) => ({ field })) })
  expect(tasks.size).toBe(0)
})

test('a foreign project and a missing one are told alike', async () => {
  const foreign = await askFromPage(ASKED, DORA, 'key', world({ maySee: async () => false }).needs)
  expect(foreign).toEqual(await askFromPage(ASKED, DORA, 'key', world({ project: async () => 'gone' }).needs))
})

test('what is asked is what becomes of it', async () => {
  const { needs } = world()
  const asked = {
    ...ASKED,
    prompt: ' Fix it\r\n\nall\0 ',
    branch: 'next',
    agent: 'Codex',
    budget: 3,
    draft: true,
  } as const
  const answer = await askFromPage({ ...asked, mode: 'plan', model: '' }, DORA, 'key', needs)
  expect(answer).toMatchObject({
    is: 'created',
    task: {
      thread: { projectId: 42, on: 'page', iid: 0 },
      onPage: true,
      reacted: true,
      prompt: 'Fix it\n\nall',
      about: 'Fix it',
      base: 'next',
      agent: 'codex',
      model: undefined,
      budget: 3,
      mode: 'plan',
      merge: { draft: true },
      asker: DORA,
    },
  })
})

test('of two who ask at once with one key, the second finds the first, or that it was something else', async () => {
  const { needs } = world()
  expect(await askFromPage(ASKED, DORA, 'key', needs)).toMatchObject({ is: 'created' })
  expect(await askFromPage(ASKED, DORA, 'key', needs)).toMatchObject({ is: 'known' })
  expect(await askFromPage({ ...ASKED, draft: true }, DORA, 'key', needs)).toEqual({ is: 'other' })
  expect(await askFromPage(ASKED, MAX, 'key', needs)).toMatchObject({ is: 'created' })
})

function failed(changes: Partial<Task> = {}): Task {
  const end = { is: 'failed', cause: 'stuck', message: 'x' } as const
  return { ...after(aTask(changes), { fact: 'attempt', number: 1 }, { fact: 'ended', end }), ...changes }
}

const RETRIES: readonly (readonly [
  what: string,
  task: Task,
  changes: Partial<PageNeeds>,
  why: string,
  words: RegExp,
])[] = [
  ['what is not over', aTask(), {}, 'not-now', /not over yet/],
  [
    'what has worked',
    { ...failed(), end: { is: 'succeeded', outcome: { result: 'unchanged', warnings: [] } } },
    {},
    'not-now',
    /has worked/,
  ],
  [
    'in an archived project',
    failed(),
    { project: async () => ({ ...PROJECT, archived: true }) },
    'not-now',
    /archived/,
  ],
  ['in a project that is gone', failed(), { project: async () => 'gone' }, 'not-now', /is gone/],
  ['under an issue that is gone', failed(), { subject: async () => 'gone' }, 'not-now', /is gone/],
  [
    'what they may not read',
    failed({ discreet: true }),
    { mayRead: async () => false },
    'forbidden',
    /Not everybody may read/,
  ],
  [
    'under an issue that fewer can read by now',
    failed(),
    { subject: async () => ({ ...SUBJECT, confidential: true }) },
    'not-now',
    /More people can read this project/,
  ],
  [
    'what somebody else has tried again',
    failed(ON_PAGE),
    { lastOnBranch: async () => aTask({ ...ON_PAGE, id: '42-w9', createdAt: T0 + 1 }) },
    'not-now',
    /42-w9 goes on with it/,
  ],
]
test.each(RETRIES)('not tried again: %s', async (_, task, changes, why, words) => {
  const { needs, tasks } = world(changes)
  tasks.set(task.id, task)
  expect(await retryFromPage(task, MAX, 'key', needs)).toMatchObject({
    is: 'no',
    why,
    detail: expect.stringMatching(words),
  })
  expect(tasks.size).toBe(1)
})

test('what not everybody may read stays so when it is tried again, and is asked by who tries it', async () => {
  const { needs, tasks } = world()
  const task = failed({ discreet: true, labelled: true })
  tasks.set(task.id, task)
  expect(await retryFromPage(task, MAX, 'key', needs)).toMatchObject({
    is: 'created',
    task: { discreet: true, labelled: true, asker: MAX, thread: THREAD, continues: task.id, reacted: true },
  })
  expect(await retryFromPage(task, MAX, 'key', needs), 'once more with its key').toMatchObject({ is: 'known' })
})

test('a stop is taken of who asked and of Maintainers, while there is something to stop', async () => {
  const { needs, stops } = world()
  expect(await stopFromPage(aTask(), DORA, needs)).toEqual({ is: 'stopping', level: 30 })
  expect(await stopFromPage(aTask(), MAX, needs)).toMatchObject({
    why: 'forbidden',
    detail: expect.stringContaining('Only @dora'),
  })
  expect(await stopFromPage(aTask(), MAX, { ...needs, isMaintainer: async () => true })).toEqual({
    is: 'stopping',
    level: 30,
  })
  expect(await stopFromPage({ ...failed(), state: 'finishing' }, DORA, needs)).toMatchObject({ why: 'not-now' })
  expect(stops).toEqual([
    ['42-n1337', { by: 'dora', at: T0 }],
    ['42-n1337', { by: 'max', at: T0 }],
  ])
})
