import { expect, test } from 'vitest'
import { aDoneTask, aTask } from './aTask.ts'
import { webWorld } from './webWorld.ts'

const world = webWorld(/Failed to load resource/)

test('stop asks first, and says that it will', async () => {
  world.api.tasks = [aTask()]
  const page = await world.open('/tasks/42-n1337')
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('button', { name: 'Let it run' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(world.api.asked.some(({ path }) => path.endsWith('/stop'))).toBe(false)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('button', { name: 'Stop it' }).click()
  await page.getByText('Stopping: its work is saved first').waitFor()
  expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0)
})

test('retry opens the new task; what is refused is said in words', async () => {
  world.api.tasks = [aDoneTask({ status: 'failed', cause: 'stuck' })]
  const detail = 'Ask for the Developer role in demo/shop first.'
  let refuses = true
  world.api.instead = ({ path }) =>
    refuses && path.endsWith('/retry') ? { status: 403, body: { title: 'Forbidden', status: 403, detail } } : undefined
  const page = await world.open('/tasks/42-n1201')
  await page.getByRole('button', { name: 'Retry' }).click()
  await page.getByRole('alert').getByText(detail).waitFor()
  refuses = false
  await page.getByRole('button', { name: 'Retry' }).click()
  await page.waitForURL('**/tasks/1-w1')
  await page.getByText('Queued').first().waitFor()
})

test('the timeline says what its picture shows', async () => {
  world.api.tasks = [aDoneTask()]
  const page = await world.open('/tasks/42-n1201')
  const steps = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem')
  await steps.last().waitFor()
  expect(await steps.allTextContents()).toEqual([
    'Queued10 s',
    'Started10 s',
    'Cloned8 s',
    'Set up52 s',
    'Agent5 min 30 s',
    'Pushed9 s',
    'Finished9 s',
    'Succeeded!12',
  ])
  const widths = await page
    .locator('.timeline-bar > span')
    .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width))
  expect((widths[4] ?? 0) / (widths[3] ?? 1)).toBeCloseTo(330 / 52, 0)
})

test('answer, files, cost and links are there; a merge request of the task is one click away', async () => {
  world.api.tasks = [aDoneTask()]
  const page = await world.open('/tasks/42-n1201')
  await page.getByRole('link', { name: 'Open !12' }).waitFor()
  expect(await page.getByRole('link', { name: 'Open !12' }).getAttribute('rel')).toBe('noopener noreferrer')
  expect(await page.getByRole('cell', { name: '1.01' }).count()).toBe(1)
  await page.getByText('3 files').waitFor()
  expect(await page.locator('.files li').first().textContent()).toBe('src/money.ts+34−12')
  expect(await page.getByRole('complementary', { name: 'Facts' }).textContent()).toContain('$1.07 of $5.00')
})

test('nothing moves on the page while a task goes on', async () => {
  world.api.tasks = [aTask({ status: 'queued', doing: null, costUsd: null, timeline: [] })]
  const page = await world.open('/tasks/42-n1337')
  await page.getByRole('heading', { name: /no health check/ }).waitFor()
  await expect.poll(() => world.api.watching).toBe(1)
  await page.evaluate(() => {
    const page = globalThis as unknown as { moved: number }
    page.moved = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) page.moved += (entry as PerformanceEntry & { value: number }).value
    }).observe({ type: 'layout-shift', buffered: false })
  })
  world.api.change(aTask())
  await page.getByText('Runs npm test').waitFor()
  world.api.write('42-n1337', 'errand: agent claude\nHello there.\n> Reads a.ts\n')
  await page.getByText('Reads a.ts').waitFor()
  world.api.change(aTask({ doing: 'Edits b.ts', costUsd: 1.5 }))
  await page.getByText('Edits b.ts').waitFor()
  expect(await page.evaluate(() => (globalThis as unknown as { moved: number }).moved)).toBeLessThan(0.01)
})

test('a task that is not there, or not for this person, is told alike', async () => {
  const page = await world.open('/tasks/42-n4')
  await page.getByText('There is no such task').waitFor()
  await page.getByRole('link', { name: 'All tasks' }).click()
  await page.getByText('Nothing was asked yet').waitFor()
})
