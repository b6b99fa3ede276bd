import type { Page } from 'playwright-core'
import type { NumbersView, Sums } from '../../src/http/taskView.ts'
import { aDoneTask, aTask } from './aTask.ts'
import type { ScriptedApi } from './scriptedApi.ts'
import { ScriptedLog } from './scriptedLog.ts'

type Show = (page: Page, api: ScriptedApi) => Promise<void>

export const CONVERSATION = `errand: 42-n1337, attempt 1, in demo/shop
Cloning into 'repo'...
remote: Enumerating objects: 412, done.
errand: clone: 3.9 s
errand: warning: no agent-setup.sh on main; nothing is set up
errand: setup: 24.1 s
errand: agent claude
I'll look at how the service is started first, then add the **health check** beside the other routes.

> Reads src/server.ts
| import express from 'express'
|
| const app = express()
$ npm test -- --run
|
| > shop@1.4.0 test
| \u001b[32m✓\u001b[0m test/cart.test.ts (12 tests) 214ms
| \u001b[31m✗\u001b[0m test/health.test.ts (2 tests | 1 failed)
! exit code 1
The route is there, but the test expects the version from \`package.json\`:

1. read it once at the start
2. answer \`{ "status": "ok", "version": "1.4.0" }\`

> Edits src/health.ts
| 1 file changed, +14 −2
$ npm test -- --run
| \u001b[32m✓\u001b[0m all 14 tests passed
`

/** Each brings a page to one of its states. */
export const SCREENS: Readonly<Record<string, Show>> = {
  async tasks(page, { url }) {
    await page.goto(url)
    await page.getByRole('row').nth(5).waitFor()
  },
  async 'tasks-empty'(page, { url }) {
    await page.goto(`${url}/?text=nothing+is+like+this`)
    await page.getByText('No task is like that').waitFor()
  },
  async 'tasks-loading'(page, api) {
    api.instead = ({ path }) => (path.startsWith('/api/tasks') ? 'hang' : undefined)
    await page.goto(api.url)
    await page.getByText('Fetching the tasks').waitFor({ state: 'attached' })
  },
  async 'tasks-error'(page, api) {
    api.instead = ({ path }) =>
      path.startsWith('/api/tasks')
        ? {
            status: 503,
            body: { title: 'Redis is away', status: 503, detail: 'Redis is away. Try again in a moment.' },
          }
        : undefined
    await page.goto(api.url)
    await page.getByText('The tasks could not be fetched').waitFor()
    await page.getByText('Disconnected, trying again').waitFor()
  },
  async 'new-task'(page, { url }) {
    await page.goto(`${url}/new`)
    await page
      .getByLabel('What is to be done')
      .fill('Round prices half up.\n\n- keep cents as integers\n- tests for 1.005')
    await page.getByRole('combobox', { name: 'Project' }).fill('shop')
    await page.getByRole('option', { name: 'demo/shop' }).click()
    await page.getByText('At most $20.00.').waitFor()
  },
  async 'new-task-errors'(page, { url }) {
    await page.goto(`${url}/new`)
    await page.getByRole('button', { name: 'Create the task' }).click()
    await page.getByText('Say what is to be done.').waitFor()
    await page.getByRole('combobox', { name: 'Project' }).click()
    await page.getByRole('option', { name: 'demo/shop' }).waitFor()
  },
  async 'task-running'(page, { url }) {
    await page.goto(`${url}/tasks/42-n1337`)
    await page.getByText('Edits src/health.ts').waitFor()
  },
  async 'task-raw'(page, { url }) {
    await page.goto(`${url}/tasks/42-n1337`)
    await page.getByRole('button', { name: 'Raw' }).click()
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('test')
    await page.getByText(/of \d+/).waitFor()
  },
  async 'task-succeeded'(page, { url }) {
    await page.goto(`${url}/tasks/42-n1201`)
    await page.getByText('See the diff').waitFor()
  },
  async 'task-failed'(page, { url }) {
    await page.goto(`${url}/tasks/42-n1190`)
    await page.getByText('What to do:').waitFor()
  },
  async 'task-stop'(page, { url }) {
    await page.goto(`${url}/tasks/42-n1337`)
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stop this task?').waitFor()
  },
  async numbers(page, { url }) {
    await page.goto(`${url}/numbers`)
    await page.getByText('Tasks a day').waitFor()
  },
  async 'not-found'(page, { url }) {
    await page.goto(`${url}/tasks/42-n999999`)
    await page.getByText('There is no such task').waitFor()
  },
  async keys(page, { url }) {
    await page.goto(`${url}/numbers`)
    await page.getByText('Tasks a day').waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
  },
}

export function fillScreens(api: ScriptedApi): void {
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  api.tasks = [
    aTask(),
    aTask({
      id: '42-n1340',
      status: 'queued',
      title: 'Upgrade to Node 24',
      doing: 'Waits: 2 tasks of this project run before it',
      costUsd: null,
      createdAt: at(4),
      asker: { username: 'maria', name: 'Maria' },
      branch: 'agent/42-n1340',
    }),
    aTask({
      id: '42-n1339',
      status: 'starting',
      title: 'Flaky test in checkout',
      doing: 'Its container is being started',
      costUsd: null,
      createdAt: at(5),
      source: { on: 'page', url: null },
    }),
    aTask({
      id: '7-m31',
      status: 'finishing',
      title: 'Answer the review of !31',
      repository: 'platform/billing',
      doing: 'Opens the merge request',
      createdAt: at(12),
      source: { on: 'merge_request', url: 'https://gitlab.example/platform/billing/-/merge_requests/31#note_9' },
      mergeRequestUrl: 'https://gitlab.example/platform/billing/-/merge_requests/31',
      branch: 'feature/a-rather-long-branch-name-of-somebody',
    }),
    aDoneTask(),
    aDoneTask({
      id: '42-n1190',
      status: 'failed',
      cause: 'setup-failed',
      title: 'Translate the invoice',
      prompt: 'Translate the invoice into Danish.',
      answer: null,
      mergeRequestUrl: null,
      costUsd: 0,
      createdAt: at(200),
      warnings: [],
      files: [],
      commit: null,
      failure: {
        what: 'the set-up script failed.',
        detail: 'npm error code ERESOLVE\nnpm error ERESOLVE could not resolve\nnpm error Found: react@18.3.1',
        cure: 'repair it on the default branch, then reply `/agent retry`.',
      },
    }),
    aDoneTask({
      id: '42-n1180',
      status: 'failed',
      paused: true,
      cause: 'budget-spent',
      title: 'Split the orders module',
      costUsd: 5,
      mergeRequestUrl: null,
      createdAt: at(400),
    }),
    aDoneTask({
      id: '42-n1150',
      status: 'cancelled',
      cause: 'stopped',
      title: 'Rename the warehouse',
      mergeRequestUrl: null,
      createdAt: at(3000),
    }),
  ]
  for (let count = 0; count < 12; count += 1) {
    api.tasks.push(
      aDoneTask({
        id: `42-n${1100 - count}`,
        title: `A task of last week, the number ${count + 1}`,
        createdAt: at(5000 + count * 60),
        endedAt: at(4990 + count * 60),
      }),
    )
  }
  api.logs.set('42-n1337', new ScriptedLog(CONVERSATION))
  api.logs.set('42-n1190', new ScriptedLog(CONVERSATION.split('\n').slice(0, 5).join('\n')))
  api.logs.set('42-n1201', new ScriptedLog(CONVERSATION))
  api.numbers = someNumbers()
}

function someNumbers(): NumbersView {
  const sums = (asked: number): Sums => ({
    asked,
    succeeded: Math.round(asked * 0.7),
    failed: Math.round(asked * 0.2),
    cancelled: asked - Math.round(asked * 0.7) - Math.round(asked * 0.2),
    mergeRequests: Math.round(asked * 0.65),
    merged: Math.round(asked * 0.5),
    successRate: asked === 0 ? null : 0.78,
    mergeRate: asked === 0 ? null : 0.74,
    secondsToMergeRequest: asked === 0 ? null : 380 + asked * 7,
    costUsd: asked * 0.83,
    costPerMergedUsd: asked === 0 ? null : 1.6,
    tokens: asked * 190_000,
  })
  const days = Array.from({ length: 30 }, (_, day) => ({
    day: new Date(Date.UTC(2026, 9, 24 + day)).toISOString().slice(0, 10),
    ...sums([0, 6].includes(day % 7) ? day % 2 : 4 + ((day * 7) % 11)),
  }))
  return {
    total: sums(days.reduce((sum, { asked }) => sum + asked, 0)),
    days,
    projects: [
      { id: 1, path: 'demo/shop', ...sums(96) },
      { id: 3, path: 'platform/billing', ...sums(41) },
      { id: 2, path: 'demo/warehouse', ...sums(7) },
    ],
  }
}
