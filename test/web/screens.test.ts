/** Every screen, light and dark, wide and narrow: without a fault, and kept in dist/screenshots for looking at. */

import { mkdir } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAccessible, NARROW, openPage, PICTURES, startBrowser, WIDE } from './browser.ts'
import { builtPage } from './builtPage.ts'
import { fillScreens, SCREENS } from './screens.ts'
import { ScriptedApi } from './scriptedApi.ts'

const built = await builtPage()
const api = new ScriptedApi(built.folder)
let browser: Browser

beforeAll(async () => {
  await mkdir(PICTURES, { recursive: true })
  await api.up()
  fillScreens(api)
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await api[Symbol.asyncDispose]()
  await built[Symbol.asyncDispose]()
})

for (const [name, show] of Object.entries(SCREENS)) {
  test(`${name}: light and dark, wide and narrow`, async () => {
    const { page, troubles, context } = await openPage(browser, { reducedMotion: 'reduce', hasTouch: true })
    await show(page, api)
    for (const [size, viewport] of [['wide', WIDE] as const, ['narrow', NARROW] as const]) {
      await page.setViewportSize(viewport)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        // In the dark only the colours are others, and they are the same on every width.
        if (colorScheme === 'light') await expectAccessible(page)
        else if (size === 'wide') await expectAccessible(page, ['color-contrast'])
        await page.screenshot({ path: `${PICTURES}${name}-${colorScheme}-${size}.png`, fullPage: name !== 'tasks' })
      }
    }
    await context.close()
    api.instead = () => undefined
    expect(troubles.filter((text) => !/status of (404|503)/.test(text))).toEqual([])
  })
}
