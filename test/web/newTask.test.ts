import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { webWorld } from './webWorld.ts'

const world = webWorld(/Failed to load resource/)

const created = () => world.api.asked.filter(({ method, path }) => method === 'POST' && path === '/api/tasks')

async function fill(page: Page, prompt = 'Round prices half up.'): Promise<void> {
  await page.getByLabel('What is to be done').fill(prompt)
  await page.getByRole('combobox', { name: 'Project' }).fill('shop')
  await page.getByRole('option', { name: 'demo/shop' }).click()
  await page.getByText('At most $20.00.').waitFor()
}

test('a task is asked for with the keyboard alone, and its page opens', async () => {
  const page = await world.open('/new')
  await page.getByLabel('What is to be done').fill('Round prices half up.\n\nWith tests.')
  await page.keyboard.press('Tab')
  await page.keyboard.type('ware')
  await page.getByRole('option', { name: 'demo/warehouse' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('At most $20.00.').waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.type('rel')
  await page.getByRole('option', { name: 'release/1.x' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByLabel('Agent').selectOption('codex')
  await page.getByLabel('Budget').fill('2,5')
  await page.getByText(/A branch from release\/1\.x in demo\/warehouse, and a merge request to release\/1\.x/).waitFor()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: 'Round prices half up.' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/tasks/1-w0')
  expect(created().map(({ body }) => body)).toEqual([
    {
      repository: 'demo/warehouse',
      prompt: 'Round prices half up.\n\nWith tests.',
      branch: 'release/1.x',
      agent: 'codex',
      budget: 2.5,
      mode: 'do',
    },
  ])
  await page.goBack()
  expect(await page.getByLabel('What is to be done').inputValue(), 'what was sent is not there again').toBe('')
})

test('what is missing is said at its field, before anything is sent', async () => {
  const page = await world.open('/new')
  await page.getByRole('button', { name: 'Create the task' }).click()
  await page.getByText('Say what is to be done.').waitFor()
  const field = page.getByLabel('What is to be done')
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
  expect(created()).toEqual([])
})

test('what the server finds wrong stands at its field; the rest above', async () => {
  world.api.instead = ({ method, path }) =>
    method === 'POST' && path === '/api/tasks'
      ? {
          status: 422,
          body: {
            type: 'about:blank',
            title: 'Some values are wrong',
            status: 422,
            detail: 'Some values are wrong.',
            errors: [
              { field: 'branch', message: 'demo/shop has no branch of this name.' },
              { field: 'somewhere', message: 'And something else.' },
            ],
          },
        }
      : undefined
  const page = await world.open('/new')
  await fill(page)
  await page.getByRole('combobox', { name: 'Branch' }).fill('no-such-branch')
  await page.keyboard.press('Control+Enter')
  await page.getByText('demo/shop has no branch of this name.').waitFor()
  expect(await page.getByRole('combobox', { name: 'Branch' }).getAttribute('aria-invalid')).toBe('true')
  await page.getByRole('alert').getByText('And something else.').waitFor()
  expect(await page.getByLabel('What is to be done').inputValue()).toBe('Round prices half up.')
})

test('a server that is away loses nothing: the same key goes again, another text has another key', async () => {
  let away = true
  world.api.instead = ({ method, path }) =>
    away && method === 'POST' && path === '/api/tasks' ? { status: 503 } : undefined
  const page = await world.open('/new')
  await fill(page)
  await page.getByRole('button', { name: 'Create the task' }).click()
  await page.getByText('Nothing of what you typed is lost.').waitFor()
  await page.reload()
  await page.getByText('At most $20.00.').waitFor()
  expect(await page.getByLabel('What is to be done').inputValue()).toBe('Round prices half up.')
  await page.getByRole('button', { name: 'Create the task' }).click()
  await page.getByText('Nothing of what you typed is lost.').waitFor()
  await page.getByRole('button', { name: 'Create the task' }).click()
  await expect.poll(() => created().length).toBe(3)
  away = false
  await page.getByLabel('What is to be done').fill('Round prices half down.')
  await page.getByRole('button', { name: 'Create the task' }).click()
  await page.getByRole('heading', { name: 'Round prices half down.' }).waitFor()
  const keys = created().map(({ headers }) => headers['idempotency-key'])
  expect(keys[1]).toBe(keys[2])
  expect(new Set(keys).size).toBe(3)
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
})

test('a plan says that nothing is changed; another agent than the project lets is not offered', async () => {
  const page = await world.open('/new')
  await fill(page)
  await page.getByLabel('Only a plan').check()
  await page.getByText('Nothing in demo/shop is changed').waitFor()
  expect(await page.getByLabel('Merge request as a draft').isDisabled()).toBe(true)
  expect(await page.getByLabel('Agent').getByRole('option').allTextContents()).toEqual(['claude (usual here)', 'codex'])
  await page.getByRole('button', { name: 'Ask for a plan' }).click()
  await page.getByRole('heading', { name: 'Round prices half up.' }).waitFor()
  expect(created()[0]?.body).toMatchObject({ mode: 'plan' })
})

test('Ctrl-Enter in a field sends what was typed, not what stood there before', async () => {
  const page = await world.open('/numbers')
  await page.evaluate(() => localStorage.setItem('errand.repository', 'demo/shop'))
  await page.goto(`${world.api.url}/new`)
  await page.getByText('At most $20.00.').waitFor()
  await page.getByLabel('What is to be done').fill('Count what is in stock.')
  const project = page.getByRole('combobox', { name: 'Project' })
  expect(await project.inputValue()).toBe('demo/shop')
  await project.fill('demo/tools/warehouse')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: 'Count what is in stock.' }).waitFor()
  expect(created().map(({ body }) => body)).toEqual([
    { repository: 'demo/tools/warehouse', prompt: 'Count what is in stock.', mode: 'do' },
  ])
})

test('Enter takes only what was found for the text that stands in the field', async () => {
  const page = await world.open('/new')
  const project = page.getByRole('combobox', { name: 'Project' })
  await project.fill('shop')
  await page.getByRole('option', { name: 'demo/shop' }).waitFor()
  await project.fill('ware')
  await project.press('Enter')
  expect(await project.inputValue()).toBe('ware')
  await page.getByRole('option', { name: 'demo/warehouse' }).waitFor()
  await project.press('Enter')
  expect(await project.inputValue()).toBe('demo/warehouse')
  expect(created()).toEqual([])
})

test('a project that cannot be looked up is said, and tried again; one that is not found is left to the server', async () => {
  let away = true
  world.api.instead = ({ path }) => (away && /^\/api\/projects\/\d+$/.test(path) ? { status: 503 } : undefined)
  const page = await world.open('/new')
  await page.getByRole('combobox', { name: 'Project' }).fill('demo/shop')
  const words = page.getByText('How work is done in this project could not be fetched')
  await words.waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await words.waitFor()
  away = false
  await page.getByText('At most $20.00.').waitFor()
  expect(await words.count()).toBe(0)
  await page.getByRole('combobox', { name: 'Project' }).fill('demo/hidden')
  await page.getByText('Nothing is named like that').waitFor()
  await page.waitForTimeout(400)
  expect(await page.locator('.field-error').count()).toBe(0)
})
