/** Logging in and out on the page, with the sandbox as the identity provider: who is somebody else sees something else. */

import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { start } from '../../src/commands/start.ts'
import { ownEnvironment, readConfig } from '../../src/config.ts'
import { freePort, startRedis } from '../../src/local/redis.ts'
import { createLogger } from '../../src/log.ts'
import { startedSandbox, tempFolder } from '../sandbox/startedSandbox.ts'
import { openPage, startBrowser } from './browser.ts'
import { buildPage, SERVED } from './builtPage.ts'

/** Private, and the maintainer's. */
const VAULT = 2

/** The whole Errand with a login, and a task in a project that only the maintainer sees. */
async function errandWithLogin(): Promise<{ url: string; task: string }> {
  const { sandbox, ask } = await startedSandbox()
  const data = tempFolder()
  const redis = await startRedis(inject('redisServer'), join(data, 'redis'))
  onTestFinished(() => redis.stop())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const application = await ask('root', 'POST', '/applications', {
    name: 'Errand',
    redirect_uri: `${url}/login/callback`,
    scopes: 'openid profile',
  })
  const { application_id, secret } = application.body as { application_id: string; secret: string }
  const bot = (await ask('errand-bot', 'GET', '/user')).body as { id: number }
  await ask('maintainer', 'POST', `/projects/${VAULT}/members`, { user_id: bot.id, access_level: 30 })
  const config = readConfig({
    PATH: ownEnvironment().PATH,
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: 'glpat-demo-errand-bot',
    WEBHOOK_SECRETS: 'x',
    REDIS_URL: redis.url,
    ERRAND_URL: url,
    ERRAND_DOOR_URL: 'http://127.0.0.1:9',
    ERRAND_KEY: 'k'.repeat(64),
    ERRAND_RUNNER: 'local',
    ERRAND_DATA: data,
    OAUTH_CLIENT_ID: application_id,
    OAUTH_CLIENT_SECRET: secret,
  })
  const doorPort = await freePort()
  const errand = await start(
    {
      ...config,
      listen: { ...config.listen, port },
      door: { ...config.door, port: doorPort },
      doorUrl: `http://127.0.0.1:${doorPort}`,
      agent: { name: 'rehearsal' },
    },
    createLogger('error'),
  )
  onTestFinished(() => errand[Symbol.asyncDispose]())
  const created = await fetch(`${url}/api/tasks`, {
    method: 'POST',
    headers: { 'PRIVATE-TOKEN': 'glpat-demo-maintainer', 'content-type': 'application/json' },
    body: JSON.stringify({ repository: VAULT, prompt: 'A secret errand\n\nrehearse: change nothing' }),
  })
  const text = await created.text()
  expect(created.status, text).toBe(201)
  return { url, task: (JSON.parse(text) as { id: string }).id }
}

test('nobody sees anything before logging in; then what is theirs; after logging out nothing again', async () => {
  const [browser, { url, task }] = await Promise.all([startBrowser(), errandWithLogin(), buildPage(SERVED)])
  onTestFinished(() => browser.close())
  const { page, troubles } = await openPage(browser)
  page.setDefaultTimeout(45_000)
  await page.goto(`${url}/tasks/${task}`)
  await page.getByRole('link', { name: 'Log in with GitLab' }).click()
  await page.getByRole('button', { name: /@maintainer/ }).click()
  // Back where they were.
  await page.getByRole('heading', { name: 'A secret errand' }).waitFor()
  expect(new URL(page.url()).pathname).toBe(`/tasks/${task}`)
  await page.getByText('Succeeded').first().waitFor()
  expect(await page.getByText('nobody logs in here').count()).toBe(0)
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('link', { name: 'Log in with GitLab' }).click()
  await page.getByRole('button', { name: /@developer/ }).click()
  await page.getByText('There is no such task').waitFor()
  await page.getByRole('link', { name: 'All tasks' }).click()
  await page.getByText('Nothing was asked yet').waitFor()
  await page.getByRole('link', { name: 'New task' }).first().click()
  await page.getByRole('combobox', { name: 'Project' }).click()
  await page.getByRole('option', { name: 'demo/shop' }).waitFor()
  expect(await page.locator('[role=option]').allTextContents()).toEqual(['demo/shop'])
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByText('Log in to see your tasks').waitFor()
  expect(troubles.filter((text) => !/Failed to load resource/.test(text))).toEqual([])
})
