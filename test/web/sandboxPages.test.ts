/** The sandbox's pages in Debian's Chromium. */

import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { pushedBranch } from '../sandbox/clone.ts'
import { threadId } from '../sandbox/pageVisitor.ts'
import { idOf, startedSandbox } from '../sandbox/startedSandbox.ts'

const issue = '/demo/shop/-/issues/1'
const notes = '/projects/1/issues/1/notes'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: inject('chromium'), args: ['--no-sandbox'] })
})
afterAll(() => browser.close())

/** A page in a browser of its own, with all that it complained about. */
async function opened(options: { colorScheme?: 'light' | 'dark'; width?: number } = {}) {
  const { colorScheme = 'light', width = 1200 } = options
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, complaints }
}

const shows = (page: Page, text: string) => page.getByText(text).first().waitFor({ timeout: 5000 })

test('what happens is shown by itself, and what is typed, folded and focused stays', async () => {
  const { sandbox, ask } = await startedSandbox()
  const begun = await ask('maintainer', 'POST', '/projects/1/issues/1/discussions', {
    body: 'First\n\n<details><summary>Fold</summary>\n\nwithin\n\n</details>',
  })
  const { page, complaints } = await opened()
  await page.goto(`${sandbox.url}${issue}`)
  await page.getByText('Fold').click()
  await page.locator('summary', { hasText: 'Reply' }).click()
  await page.getByLabel('Reply').fill('half a reply')
  await page.getByLabel('Comment as').fill('half a comment')
  await page.evaluate('window.sameDocument = true')
  const status = idOf(await ask('errand-bot', 'POST', notes, { body: '⏳ **Queued.**' }))
  await shows(page, 'Queued.')
  await ask('errand-bot', 'PUT', `${notes}/${status}`, { body: '✅ **Done**' })
  await ask('errand-bot', 'POST', `/projects/1/issues/1/discussions/${threadId(begun.body)}/notes`, { body: 'Second' })
  await shows(page, 'Done')
  await shows(page, 'Second')
  expect(await page.getByText('Queued.').count()).toBe(0)
  expect(await page.getByText('within').isVisible()).toBe(true)
  expect(await page.getByLabel('Reply').first().inputValue()).toBe('half a reply')
  expect(await page.getByLabel('Comment as').inputValue()).toBe('half a comment')
  expect(await page.locator('textarea:focus').inputValue()).toBe('half a comment')
  expect(await page.evaluate('window.sameDocument')).toBe(true)
  expect(complaints).toEqual([])
})

test('a person comments with Ctrl-Enter, and acts as another', async () => {
  const { sandbox, ask } = await startedSandbox()
  const { page, complaints } = await opened()
  await page.goto(`${sandbox.url}${issue}`)
  await page.getByLabel('Comment as').fill('/agent add a health check')
  await page.getByLabel('Comment as').press('Control+Enter')
  await page.waitForURL(/#note_\d+$/)
  await shows(page, '/agent add a health check')
  await page.getByLabel('You act as').selectOption('maintainer')
  await page.getByLabel('Comment as Mara Maintainer').fill('Fine')
  await page.getByRole('button', { name: 'Comment' }).click()
  await page.waitForURL(/#note_\d+$/)
  expect((await ask('developer', 'GET', `${notes}?sort=asc`)).body).toMatchObject([
    { body: '/agent add a health check', author: { username: 'developer' } },
    { body: 'Fine', author: { username: 'maintainer' } },
  ])
  expect(complaints).toEqual([])
})

test('a sandbox that is away is told, and found again', async () => {
  const { sandbox, data } = await startedSandbox()
  const { page } = await opened()
  await page.goto(`${sandbox.url}${issue}`)
  await sandbox.close()
  await shows(page, 'Not connected')
  const again = await startSandbox({ port: sandbox.port, data })
  onTestFinished(() => again.close())
  await page.getByText('Not connected').waitFor({ state: 'hidden', timeout: 10_000 })
})

const hostile = `<script>document.title = 'taken'</script><img src=http://127.0.0.1:9/x onerror="alert(1)">
<svg><script>alert(2)</script></svg><iframe srcdoc="<script>alert(3)</script>"></iframe>
<details open ontoggle=alert(5)><summary>s</summary></details><a href="javascript:alert(6)" autofocus onfocus=alert(7)>click me</a>
<style>main { display: none }</style><link rel=stylesheet href=//x><base href=//evil.example/><meta http-equiv=refresh content="0;url=//evil.example">
</p></div></article></section></main><form id=actor><input name=attributes><input name=childNodes></form><a id=stale name=main>x</a>
<math><mtext></form><form><mglyph><style></math><img src onerror=alert(4)></style>`

test('hostile words do nothing, wherever they stand, also when they arrive later', async () => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'work', 'x.html', `${hostile}\n`)
  const thing = { title: hostile.slice(0, 250), description: hostile }
  await ask('developer', 'PUT', '/projects/1/issues/1', { ...thing, add_labels: '<img src=x onerror=alert(8)>' })
  await ask('errand-bot', 'POST', '/projects/1/merge_requests', {
    ...thing,
    source_branch: 'work',
    target_branch: 'main',
  })
  const { page, complaints } = await opened()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  for (const path of [issue, '/demo/shop', '/demo/shop/-/issues', '/demo/shop/-/merge_requests/1/diffs']) {
    await page.goto(`${sandbox.url}${path}`)
    await shows(page, 'taken')
  }
  await page.goto(`${sandbox.url}${issue}`)
  await ask('maintainer', 'POST', notes, { body: `${hostile}\n\nlate` })
  await shows(page, 'late')
  await page.getByText('click me').last().click()
  await ask('maintainer', 'POST', notes, { body: 'still here' })
  await shows(page, 'still here')
  expect(complaints).toEqual([])
  expect(asked.filter((url) => !url.startsWith(`${sandbox.url}/`) && url !== 'data:,')).toEqual([])
  expect(page.url()).toBe(`${sandbox.url}${issue}`)
})

test.for([
  ['light', 1200],
  ['dark', 1200],
  ['light', 380],
] as const)('everybody can use the pages: %s, %i wide', async ([colorScheme, width]) => {
  const { sandbox, ask } = await startedSandbox()
  await pushedBranch(sandbox.url, 'work', 'new.js', 'one\ntwo\n')
  const fields = { source_branch: 'work', target_branch: 'main', title: 'Work', description: '- [x] done' }
  await ask('errand-bot', 'POST', '/projects/1/merge_requests', fields)
  await ask('maintainer', 'POST', notes, { body: 'Between us: `code`', internal: true })
  const thread = threadId((await ask('developer', 'POST', '/projects/1/issues/1/discussions', { body: 'Solved' })).body)
  await ask('developer', 'PUT', `/projects/1/issues/1/discussions/${thread}?resolved=true`)
  await ask('developer', 'PUT', '/projects/1/issues/1', { add_labels: 'agent-todo' })
  const { page, complaints } = await opened({ colorScheme, width })
  for (const path of [
    '/',
    '/demo/shop',
    issue,
    '/demo/shop/-/merge_requests/1',
    '/demo/shop/-/merge_requests/1/diffs',
  ]) {
    await page.goto(`${sandbox.url}${path}`)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      path,
    ).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width)
  }
  expect(complaints).toEqual([])
})
