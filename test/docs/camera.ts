/** Takes the pictures: Chromium, one size, light, and only what a picture is about. */

import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Locator, type Page } from 'playwright-core'
import { ownEnvironment } from '../../src/config.ts'
import { firstOnPath } from '../../src/local/program.ts'

/** Kilobytes that a picture of a page of text should stay below. */
const MOST = 80

/** Around what is shown, in pixels. */
const RIM = 8

/** No boxes to type in; what the page of the sandbox has beside a conversation is beside the point. */
const TIDY = `
  form#comment, aside, .thread > .row, header { display: none !important }
  main { padding-top: 8px !important }
`

/** Stage directions for the rehearsal stand in paragraphs of their own; nobody writes them to a real agent. */
const WITHOUT_DIRECTIONS = `(paragraphs) => {
  for (const paragraph of paragraphs) if (/^rehearse: /.test(paragraph.textContent)) paragraph.remove()
}`

export type Camera = Awaited<ReturnType<typeof startCamera>>

export async function startCamera(folder: string) {
  await mkdir(folder, { recursive: true })
  const { PATH = '' } = ownEnvironment()
  const found = await firstOnPath(['chromium', 'chromium-browser', 'google-chrome'], PATH)
  if (found === undefined) throw new Error('Chromium is not on the PATH: type `apt-get install chromium`.')
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-lcd-text', '--font-render-hinting=none']
  const browser = await chromium.launch({ executablePath: found, args })

  async function shot(name: string, width: number, url: string, take: (page: Page) => Promise<Buffer>): Promise<void> {
    const viewport = { width, height: 700 }
    const context = await browser.newContext({ viewport, colorScheme: 'light', bypassCSP: true, locale: 'en-GB' })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await page.goto(url)
    await take(page)
    await context.close()
    const { size } = await stat(join(folder, `${name}.png`))
    const kilobytes = Math.ceil(size / 1024)
    console.log(
      `${name.padEnd(14)} ${String(kilobytes).padStart(4)} kB${kilobytes > MOST ? `, more than ${MOST}` : ''}`,
    )
  }

  return {
    /** All of a conversation in the sandbox's pages that these selectors name, from the first to the last. */
    async conversation(name: string, url: string, ...selectors: readonly string[]): Promise<void> {
      await shot(name, 780, url, async (page) => {
        await page.addStyleTag({ content: TIDY })
        await page.locator('.note .text p').evaluateAll(WITHOUT_DIRECTIONS)
        for (const folded of await page.locator('details.thread:not([open])').all())
          await folded.evaluate('(element) => { element.open = true }')
        return page.screenshot({
          path: join(folder, `${name}.png`),
          fullPage: true,
          clip: await around(selectors.map((selector) => page.locator(selector))),
        })
      })
    },
    /** A page of Errand's, made ready by `prepare`, whole or to the end of an element. */
    async page(name: string, url: string, prepare: (page: Page) => Promise<Locator | undefined>): Promise<void> {
      await shot(name, 900, url, async (page) => {
        const end = await prepare(page)
        const path = join(folder, `${name}.png`)
        if (end === undefined) return page.screenshot({ path, fullPage: true })
        const { y, height } = await boxOf(end)
        return page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width: 900, height: y + height + RIM } })
      })
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

async function boxOf(locator: Locator): Promise<Box> {
  const box = await locator.boundingBox()
  if (box === null) throw new Error(`${locator} is not to be seen`)
  return box
}

/** The one box that holds all of them. */
async function around(locators: readonly Locator[]): Promise<Box> {
  const boxes = await Promise.all((await Promise.all(locators.map((locator) => locator.all()))).flat().map(boxOf))
  const left = Math.min(...boxes.map(({ x }) => x)) - RIM
  const top = Math.min(...boxes.map(({ y }) => y)) - RIM
  const right = Math.max(...boxes.map(({ x, width }) => x + width)) + RIM
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + RIM
  return { x: Math.max(0, left), y: Math.max(0, top), width: right - left, height: bottom - top }
}
