import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { ownEnvironment } from '../../src/config.ts'
import { firstOnPath } from '../../src/local/program.ts'

export const WIDE = { width: 1280, height: 900 }
export const NARROW = { width: 360, height: 740 }

/** Where pictures of the page are kept for looking at; git ignores it. */
export const PICTURES = fileURLToPath(new URL('../../dist/screenshots/', import.meta.url))

/** Debian's Chromium. It has no sandbox of its own here, as we may be root. */
export async function startBrowser(): Promise<Browser> {
  const found = await firstOnPath(['chromium', 'chromium-browser', 'google-chrome'], ownEnvironment().PATH ?? '')
  if (found === undefined) throw new Error('Chromium is not on the PATH: type `apt-get install chromium`.')
  return chromium.launch({ executablePath: found, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

export type Watched = { readonly page: Page; readonly troubles: string[]; readonly context: BrowserContext }

/** A page whose every complaint is kept: what the console says as an error, what is thrown, what the policy refuses. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: WIDE, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const troubles: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text())
  })
  page.on('pageerror', (error) => troubles.push(String(error)))
  page.on('dialog', (dialog) => {
    troubles.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
      console.error(`refused by the policy: ${violatedDirective} ${blockedURI} ${sample}`),
    )
  })
  return { page, troubles, context }
}

/** Nothing that axe finds fault with, and nothing wider than the screen. `rules`: only these of axe's. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] })
  const { violations } = await (rules === undefined ? axe : axe.withRules(rules)).analyze()
  expect(
    violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`,
    ),
  ).toEqual([])
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(over, 'pixels that the page is wider than the screen').toBeLessThanOrEqual(0)
}
