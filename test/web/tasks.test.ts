import { expect, test } from 'vitest'
import { aDoneTask, aTask, summary } from './aTask.ts'
import { webWorld } from './webWorld.ts'

// Chromium itself tells of answers that are no success, and of a server that is away.
const world = webWorld(/Failed to load resource/)
const hour = (ago: number) => new Date(Date.now() - ago * 3_600_000).toISOString()

test('the table follows the server: a new task, another state, one that is no longer like the filter', async () => {
  world.api.tasks = [aTask()]
  const page = await world.open('/?status=running')
  const row = page.getByRole('row', { name: /no health check/ })
  await row.getByText('Running').waitFor()
  expect(await row.getByRole('link', { name: 'issue #1' }).getAttribute('href')).toBe(
    'https://gitlab.example/demo/shop/-/issues/1#note_1337',
  )
  await expect.poll(() => world.api.watching).toBe(1)
  world.api.change(aTask({ id: '42-n2', title: 'A second one', createdAt: hour(0) }))
  await page.getByRole('row', { name: /A second one/ }).waitFor()
  world.api.change(aTask({ doing: 'Edits src/app.ts' }))
  await row.getByText('Edits src/app.ts').waitFor()
  world.api.change(aTask({ status: 'succeeded' }))
  await row.waitFor({ state: 'detached' })
})

test('new tasks wait while somebody points at the table', async () => {
  world.api.tasks = [aTask()]
  const page = await world.open('/')
  await page.getByRole('link', { name: 'The service has no health check' }).hover()
  await expect.poll(() => world.api.watching).toBe(1)
  world.api.change(aTask({ id: '42-n2', title: 'A second one', createdAt: hour(0) }))
  await page.getByRole('button', { name: '1 new task: show' }).click()
  await page.getByRole('row', { name: /A second one/ }).waitFor()
})

test('the address bar holds the filter, and going back goes back', async () => {
  world.api.tasks = [
    aTask(),
    aDoneTask(),
    aDoneTask({ id: '7-n1', title: 'Elsewhere', repository: 'platform/billing' }),
  ]
  const page = await world.open('/')
  await page.getByRole('row', { name: /Elsewhere/ }).waitFor()
  await page.getByLabel('Succeeded').check()
  await page.getByRole('row', { name: /no health check/ }).waitFor({ state: 'detached' })
  expect(page.url()).toBe(`${world.api.url}/?status=succeeded`)
  await page.getByRole('combobox', { name: 'Project' }).fill('bill')
  await page.getByRole('option', { name: 'platform/billing' }).click()
  await page.getByRole('row', { name: /Rounding/ }).waitFor({ state: 'detached' })
  await page.getByRole('searchbox', { name: 'Text' }).fill('nothing like it')
  await page.getByText('No task is like that').waitFor()
  expect(page.url()).toContain('project=platform%2Fbilling')
  await page.reload()
  await page.getByText('No task is like that').waitFor()
  expect(await page.getByRole('searchbox', { name: 'Text' }).inputValue()).toBe('nothing like it')
  await page.getByRole('button', { name: 'Show all tasks' }).click()
  await page.getByRole('row', { name: /no health check/ }).waitFor()
  await page.goBack()
  await page.getByText('No task is like that').waitFor()
})

test('thousands of tasks come by pages', async () => {
  world.api.tasks = Array.from({ length: 2000 }, (_, count) =>
    aDoneTask({ id: `42-n${5000 - count}`, title: `Task ${count}`, createdAt: hour(count) }),
  )
  const page = await world.open('/')
  await page.getByRole('link', { name: 'Task 49', exact: true }).waitFor()
  expect(await page.getByRole('row').count()).toBe(51)
  await page.getByRole('link', { name: 'Older →' }).click()
  await page.getByRole('link', { name: 'Task 50', exact: true }).waitFor()
  await page.getByRole('link', { name: '← Newest' }).click()
  await page.getByRole('link', { name: 'Task 0', exact: true }).waitFor()
})

test('a server that goes away is said, and what changed meanwhile is there when it is back', async () => {
  world.api.tasks = [aTask()]
  const page = await world.open('/')
  await page.getByText('Live', { exact: true }).waitFor()
  await world.api.down()
  await page.getByText('Disconnected, trying again').waitFor()
  await page.getByRole('row', { name: /no health check/ }).waitFor()
  world.api.tasks = [aTask({ status: 'cancelled', cause: 'stopped' })]
  await world.api.up()
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 })
  await page.getByRole('row', { name: /Cancelled/ }).waitFor()
})

test('durations tick, times say exactly when on pointing at them', async () => {
  world.api.tasks = [aTask({ createdAt: new Date(Date.now() - 65_000).toISOString() })]
  const page = await world.open('/')
  const took = page.locator('.cell-took')
  await took.getByText(/1 min \d+ s/).waitFor()
  const first = await took.textContent()
  await expect.poll(() => took.textContent(), { timeout: 5000 }).not.toBe(first)
  expect(await page.locator('time').getAttribute('title')).toMatch(/\d{4}.*\d:\d\d/)
})

test('by keyboard alone: skip link, rows, keys and their help', async () => {
  world.api.tasks = [aTask(), aDoneTask()]
  const page = await world.open('/')
  await page.getByRole('row', { name: /Rounding/ }).waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content')
  await page.keyboard.press('Enter')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Rounding of prices')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Rounding of prices' }).waitFor()
  await page.keyboard.press('t')
  await page.getByRole('heading', { name: 'Tasks' }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('n?')
  expect(await page.getByRole('searchbox', { name: 'Text' }).inputValue()).toBe('n?')
  await page.getByRole('heading', { name: 'Tasks' }).click()
  await page.keyboard.press('?')
  await page.getByLabel('Single letters are keys here').uncheck()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('n')
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  expect(new URL(page.url()).pathname).toBe('/')
})

test('who is not logged in is asked to, and comes back to where they were; who is can log out', async () => {
  world.api.me = { ...world.api.me, login: 'gitlab', actsAs: null }
  world.api.tasks = [aTask()]
  const page = await world.open('/?status=running')
  await page.getByRole('row', { name: /no health check/ }).waitFor()
  expect(await page.getByText('nobody logs in here').count()).toBe(0)
  world.api.me = { ...world.api.me, user: null }
  await page.route('**/logout', (route) => route.fulfill({ status: 204 }))
  await page.getByRole('button', { name: 'Log out' }).click()
  const link = page.getByRole('link', { name: 'Log in with GitLab' })
  expect(await link.getAttribute('href')).toBe('/login?to=%2F%3Fstatus%3Drunning')
})

test('where the table ends nothing is lost to who hears the page: a state that changes is said', async () => {
  world.api.tasks = [aTask()]
  const page = await world.open('/tasks/42-n1337')
  await page.getByRole('heading', { name: /no health check/ }).waitFor()
  await expect.poll(() => world.api.watching).toBe(1)
  world.api.change(aDoneTask({ id: '42-n1337', title: 'The service has no health check' }))
  await page.getByRole('status').getByText('The task is now: Succeeded').waitFor({ state: 'attached' })
  expect(await page.title()).toBe('Succeeded: The service has no health check · Errand')
})

test('a page that is empty but not the last is not the end: the next ones are looked at', async () => {
  world.api.tasks = [aTask()]
  let held = true
  world.api.instead = ({ path }) => {
    const [, query = ''] = path.split('?')
    if (!path.startsWith('/api/tasks?')) return undefined
    const before = new URLSearchParams(query).get('before')
    if (before === null) return { status: 200, body: { tasks: [], next: 'a' } }
    if (before === 'a') return held ? { status: 503 } : { status: 200, body: { tasks: [], next: 'b' } }
    return { status: 200, body: { tasks: [summary(aTask())], next: null } }
  }
  const page = await world.open('/')
  await page.getByText('The tasks could not be fetched').waitFor()
  expect(await page.getByText('Nothing was asked yet').count()).toBe(0)
  held = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('row', { name: /no health check/ }).waitFor()
})

test('while it looks further it says so', async () => {
  world.api.instead = ({ path }) =>
    path.includes('before=a')
      ? 'hang'
      : path.startsWith('/api/tasks?')
        ? { status: 200, body: { tasks: [], next: 'a' } }
        : undefined
  const page = await world.open('/')
  await page.getByText('Still looking …').waitFor()
  expect(await page.getByText('Nothing was asked yet').count()).toBe(0)
})

test('going back does not throw to the top, going on does', async () => {
  world.api.tasks = Array.from({ length: 50 }, (_, count) =>
    aDoneTask({ id: `42-n${5000 - count}`, title: `Task ${count}`, createdAt: hour(count) }),
  )
  const page = await world.open('/')
  await page.getByRole('link', { name: 'Task 0', exact: true }).waitFor()
  await page.evaluate(() => {
    const tops = globalThis as { tops?: number }
    tops.tops = 0
    const real = globalThis.scrollTo
    globalThis.scrollTo = ((...place: [number, number]) => {
      tops.tops = (tops.tops ?? 0) + 1
      real.call(globalThis, ...place)
    }) as typeof scrollTo
  })
  const tops = () => page.evaluate(() => (globalThis as { tops?: number }).tops)
  await page.getByRole('link', { name: 'Task 0', exact: true }).click()
  await page.getByRole('heading', { name: 'Task 0' }).waitFor()
  expect(await tops()).toBe(1)
  await page.goBack()
  await page.getByRole('link', { name: 'Task 0', exact: true }).waitFor()
  expect(await tops()).toBe(1)
})
