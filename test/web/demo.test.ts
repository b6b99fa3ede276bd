/** The page against the whole Errand: the sandbox GitLab, Redis, and runs as children of this process. */

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type World } from '../conversations/world.ts'
import { openPage, PICTURES, startBrowser } from './browser.ts'
import { buildPage, SERVED } from './builtPage.ts'

let browser: Browser
beforeAll(async () => {
  ;[browser] = await Promise.all([startBrowser(), buildPage(SERVED)])
})
afterAll(() => browser.close())

/** While Errand is away Chromium says so by itself. */
const EXPECTED = /Failed to load resource/

async function inWorld(work: (page: Page, world: World) => Promise<void>): Promise<void> {
  await using world = await startWorld({ config: { login: { actAs: 'developer' } } })
  const { page, troubles, context } = await openPage(browser)
  page.setDefaultTimeout(45_000)
  await page.goto(world.config.url)
  await work(page, world)
  await context.close()
  expect(troubles.filter((text) => !EXPECTED.test(text))).toEqual([])
}

async function submit(page: Page, prompt: string): Promise<string> {
  await page.getByRole('link', { name: 'New task' }).first().click()
  await page.getByLabel('What is to be done').fill(prompt)
  const project = page.getByRole('combobox', { name: 'Project' })
  await project.fill('shop')
  await page.getByRole('option', { name: 'demo/shop' }).click()
  await page.getByText(/At most \$/).waitFor()
  await page.keyboard.press('Control+Enter')
  await page.waitForURL(/\/tasks\/1-w[0-9a-f]{16}$/)
  return new URL(page.url()).pathname.slice('/tasks/'.length)
}

test('submitted on the page, watched live, its merge request opened', async () => {
  await inWorld(async (page, world) => {
    await page.getByText('You act as @developer: nobody logs in here.').waitFor()
    const task = await submit(page, 'Add a health check\n\nrehearse: wait 3 s')
    await page.getByText('Running').first().waitFor()
    await page
      .getByRole('region', { name: 'Conversation' })
      .getByText(/REHEARSAL\.md/)
      .first()
      .waitFor()
    const link = page.getByRole('link', { name: /^Open !\d+$/ })
    await link.waitFor()
    const [request] = await world.mergeRequests()
    expect(await link.getAttribute('href')).toBe(`${world.sandbox.url}/demo/shop/-/merge_requests/${request?.iid}`)
    await page.getByText('Succeeded').first().waitFor()
    await page.locator('.files').getByText('REHEARSAL.md').waitFor()
    await page.screenshot({ path: `${PICTURES}demo-task.png`, fullPage: true })
    await page.getByRole('link', { name: 'Tasks' }).first().click()
    await page.getByRole('row', { name: /Add a health check.*Succeeded|Succeeded.*Add a health check/s }).waitFor()
    await world.over(task)
    world.readAll(task)
  })
})

test('stopped and tried again', async () => {
  await inWorld(async (page, world) => {
    const task = await submit(page, 'Wait for me\n\nrehearse: wait 120 s')
    await page.getByText('Running').first().waitFor()
    await page
      .getByRole('region', { name: 'Conversation' })
      .getByText(/agent rehearsal/)
      .waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Stop it' }).click()
    await page.getByText('Cancelled').first().waitFor()
    await page.getByRole('button', { name: 'Retry' }).click()
    await page.waitForURL((url) => url.pathname !== `/tasks/${task}`)
    await page.getByRole('link', { name: task }).waitFor()
    const retried = new URL(page.url()).pathname.slice('/tasks/'.length)
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Stop it' }).click()
    await page.getByText('Cancelled').first().waitFor()
    await world.over(task)
    await world.over(retried)
    for (const id of [task, retried]) world.readAll(id)
  })
})

test('a log is followed through a lost connection and a restart of the server, byte for byte', async () => {
  await inWorld(async (page, world) => {
    const task = await submit(page, 'Take your time\n\nrehearse: wait 20 s')
    await page.getByRole('button', { name: 'Raw' }).click()
    const raw = page.getByRole('region', { name: 'Raw log' })
    await raw.getByText(/errand: agent rehearsal/).waitFor()
    await page.context().setOffline(true)
    await page.context().setOffline(false)
    await world.restart()
    await page.getByText('Live', { exact: true }).waitFor()
    await raw.getByText(/errand: the end: pushed/).waitFor()
    await page.getByText('Succeeded').first().waitFor()
    const response = await fetch(`${world.config.url}/api/tasks/${task}/log`)
    const lines = (await response.text()).trimEnd().split('\n')
    await expect.poll(() => page.locator('.raw-text').allTextContents()).toEqual(lines.slice(-200))
    await world.over(task)
    world.readAll(task)
  })
})
