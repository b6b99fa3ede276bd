import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { aTask } from './aTask.ts'
import { CONVERSATION } from './screens.ts'
import { ScriptedLog } from './scriptedLog.ts'
import { webWorld } from './webWorld.ts'

const world = webWorld(/Failed to load resource/)

async function openLog(text: string, view: 'Raw' | 'Conversation' = 'Raw'): Promise<Page> {
  world.api.tasks = [aTask()]
  world.api.logs.set('42-n1337', new ScriptedLog(text))
  const page = await world.open('/tasks/42-n1337')
  await page.getByRole('button', { name: view, exact: true }).click()
  await expect.poll(() => world.api.watching).toBe(1)
  return page
}
const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, line) => `line ${from + line} of many\n`).join('')
const shownLines = (page: Page) => page.locator('.raw-text').allTextContents()
const raw = (page: Page) => page.getByRole('region', { name: 'Raw log' })

test('the conversation: words, what was done, results folded, failures told', async () => {
  const page = await openLog(CONVERSATION, 'Conversation')
  await page.getByText('health check', { exact: true }).waitFor()
  expect(await page.locator('.said strong').textContent()).toBe('health check')
  expect(await page.locator('.did-what').allTextContents()).toEqual([
    'Reads src/server.ts',
    'npm test -- --run',
    'Edits src/health.ts',
    'npm test -- --run',
  ])
  await page.getByText('5 lines, failed').click()
  await page.getByText('exit code 1').waitFor()
  expect(await page.locator('.own-line.warning').textContent()).toBe('no agent-setup.sh on main; nothing is set up')
  world.api.write('42-n1337', 'All **done** now.\n')
  await page.locator('.said strong', { hasText: 'done' }).waitFor()
})

test('a long log opens at its end, follows it until somebody scrolls up, and again after a jump', async () => {
  const page = await openLog(many(20_000))
  await page.getByText('line 19999 of many').waitFor()
  world.api.write('42-n1337', 'one more\n')
  await page.getByText('one more').waitFor()
  await raw(page).hover()
  await page.mouse.wheel(0, -3000)
  await page.getByText('one more').waitFor({ state: 'detached' })
  const before = await shownLines(page)
  world.api.write('42-n1337', many(500, 30_000))
  await page.getByText('20,501 lines').waitFor()
  expect(await shownLines(page)).toEqual(before)
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.getByText('line 0 of many').waitFor()
  await page.getByRole('button', { name: 'Follow' }).click()
  await page.getByText('line 30499 of many').waitFor()
  world.api.write('42-n1337', 'the very last\n')
  await page.getByText('the very last').waitFor()
})

test('only what is looked at is fetched', async () => {
  const page = await openLog(many(200_000))
  await page.getByText('line 199999 of many').waitFor()
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.getByText('line 0 of many').waitFor()
  const ranges = world.api.asked
    .filter(({ path }) => path === '/api/tasks/42-n1337/log')
    .map(({ headers }) => headers.range)
  expect(ranges.every((range) => range !== undefined)).toBe(true)
  expect(new Set(ranges).size, 'nothing twice').toBe(ranges.length)
  // The end that is read as a conversation at first, and the beginning.
  expect(ranges.length).toBeLessThanOrEqual(10)
})

test('search goes from match to match through the whole log', async () => {
  const page = await openLog(
    `${many(5000)}here is the Needle\n${many(5000, 5000)}and a needle again\n${many(100, 10_000)}`,
  )
  await page.keyboard.press('/')
  await page.keyboard.type('needle')
  await page.getByText('1 of 2').waitFor()
  await page.locator('[data-found="true"]', { hasText: 'here is the Needle' }).waitFor()
  await page.keyboard.press('Enter')
  await page.locator('[data-found="true"]', { hasText: 'and a needle again' }).waitFor()
  expect(await page.locator('[data-found="true"] mark').textContent()).toBe('needle')
  await page.keyboard.press('Shift+Enter')
  await page.getByText('1 of 2').waitFor()
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('not in there')
  await page.getByText('nothing found').waitFor()
})

test('long lines wrap on demand', async () => {
  const page = await openLog(`short\n${'word '.repeat(400)}\nend\n`)
  await page.getByText('end', { exact: true }).waitFor()
  const height = () =>
    page
      .locator('.raw-row')
      .nth(1)
      .evaluate((row) => row.getBoundingClientRect().height)
  expect(await height()).toBe(17)
  await page.keyboard.press('w')
  await expect.poll(height).toBeGreaterThan(100)
  const rows = await page
    .locator('.raw-row')
    .evaluateAll((all) =>
      all.map((row) => row.getBoundingClientRect()).map(({ top, bottom }) => [Math.round(top), Math.round(bottom)]),
    )
  expect(rows[2]?.[0], 'no row lies over another').toBe(rows[1]?.[1])
})

test('a stream that is cut, and a server that is restarted, go on at the same byte', async () => {
  const page = await openLog(many(1000))
  await page.getByText('line 999 of many').waitFor()
  world.api.cutStreams()
  world.api.logs.get('42-n1337')?.write('written while nobody listened\n')
  await page.getByText('written while nobody listened').waitFor()
  await world.api.down()
  world.api.logs.get('42-n1337')?.write('written while the server was away\n')
  await page.getByText('Disconnected, trying again').waitFor()
  await world.api.up()
  await page.getByText('written while the server was away').waitFor({ timeout: 20_000 })
  await page.getByText('1,002 lines').waitFor()
  const streams = world.api.asked.filter(({ path }) => path.includes('/events'))
  const first = Buffer.byteLength(many(1000))
  expect(streams.map(({ path, headers }) => [path.split('from=')[1], headers['last-event-id']])[1]).toEqual([
    String(first),
    String(first),
  ])
  const lines = await shownLines(page)
  expect(lines.at(-1)).toBe('written while the server was away')
  expect(lines.filter((line) => line === 'written while nobody listened')).toHaveLength(1)
})

test('letters of several bytes at the edges of chunks stay whole', async () => {
  const text = `${'x'.repeat(65_530)}ééé€€😀 and on\nlast\n`
  const page = await openLog(text)
  await page.getByText('last', { exact: true }).waitFor()
  world.api.write('42-n1337', 'ünd 😀 weiter\n')
  await page.getByText('ünd 😀 weiter').waitFor()
  await page.keyboard.press('b')
  await page.getByText(/this line goes on for about/).waitFor()
})

test('the whole log can be downloaded', async () => {
  const page = await openLog(many(10))
  expect(await page.getByRole('link', { name: 'Download' }).getAttribute('href')).toBe(
    '/api/tasks/42-n1337/log?download=1',
  )
})

test('a log that may not be read is not there, and the task is', async () => {
  world.api.tasks = [aTask({ discreet: true })]
  world.api.instead = ({ path }) =>
    path.includes('/log') ? { status: 404, body: { title: 'Not found', status: 404, detail: 'Not here.' } } : undefined
  const page = await world.open('/tasks/42-n1337')
  await page.getByText('The log is not for everybody').waitFor()
  await page.getByRole('heading', { name: /no health check/ }).waitFor()
})

test('more lines than a browser can lay out: every part of the log is reached by scrolling alone', async () => {
  const page = await openLog(Array.from({ length: 1_200_000 }, (_, line) => `${line}\n`).join(''))
  await page.locator('.raw-text', { hasText: /^1199999$/ }).waitFor()
  const scroll = (to: 'top' | 'bottom') =>
    raw(page).evaluate((box, end) => {
      box.scrollTop = end === 'top' ? 0 : box.scrollHeight
    }, to)
  await scroll('top')
  await expect.poll(async () => Number((await shownLines(page))[0]), { timeout: 10_000 }).toBeLessThan(210_000)
  await expect
    .poll(
      async () => {
        await scroll('top')
        return Number((await shownLines(page))[0])
      },
      { timeout: 10_000 },
    )
    .toBe(0)
  await scroll('bottom')
  await expect
    .poll(
      async () => {
        await scroll('bottom')
        return Number((await shownLines(page)).at(-1))
      },
      { timeout: 10_000 },
    )
    .toBe(1_199_999)
  const [numbers, lines] = [await page.locator('.raw-number').allTextContents(), await shownLines(page)]
  expect(numbers.map((number) => String(Number(number) - 1))).toEqual(lines)
})
