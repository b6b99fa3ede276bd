/** Takes the pictures: Chromium, one size, light, and only what a picture is about. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Locator, type Page } from 'playwright-core'
import { ownEnvironment } from '../../src/config.ts'
import { firstOnPath } from '../../src/local/program.ts'
import { smallPng } from './smallPng.ts'

/** Kilobytes that a picture should stay below. */
const MOST = 80

/** Around what is shown, in pixels. */
const RIM = 8

/** No boxes to type in; what the sandbox's page has beside a conversation is beside the point. */
const TIDY = `
  form#comment, aside, .thread > .row, header { display: none !important }
  main { padding-top: 8px !important }
`

// What runs in the page is text: this program is checked without the names of a browser.

/** Stage directions for the rehearsal, which nobody gives a real agent; and what is folded is shown. */
const PREPARE = `{
  const direction = /\\s*rehearse: wait \\d+ s/
  for (const paragraph of document.querySelectorAll('.note .text p')) if (/^rehearse: /.test(paragraph.textContent)) paragraph.remove()
  for (const code of document.querySelectorAll('.note code')) code.textContent = code.textContent.replace(direction, '')
  for (const folded of document.querySelectorAll('details.thread')) folded.open = true
}`

/** A PNG's width, height and pixels in base64. */
const decode = (png: Buffer): string => `(async () => {
  const image = new Image()
  image.src = 'data:image/png;base64,${png.toString('base64')}'
  await image.decode()
  const canvas = new OffscreenCanvas(image.width, image.height)
  const drawn = canvas.getContext('2d')
  drawn.drawImage(image, 0, 0)
  const { data } = drawn.getImageData(0, 0, image.width, image.height)
  return { width: image.width, height: image.height, pixels: new Uint8Array(data.buffer).toBase64() }
})()`

export type Camera = Awaited<ReturnType<typeof startCamera>>

export async function startCamera(folder: string) {
  await mkdir(folder, { recursive: true })
  const { PATH = '' } = ownEnvironment()
  const found = await firstOnPath(['chromium', 'chromium-browser', 'google-chrome'], PATH)
  if (found === undefined) throw new Error('Chromium is not on the PATH: type `apt-get install chromium`.')
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-lcd-text', '--font-render-hinting=none']
  const browser = await chromium.launch({ executablePath: found, args })

  async function shot(name: string, width: number, url: string, prepare: (page: Page) => Promise<Box>): Promise<void> {
    const viewport = { width, height: 700 }
    const context = await browser.newContext({ viewport, colorScheme: 'light', bypassCSP: true, locale: 'en-GB' })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await page.goto(url)
    const png = await page.screenshot({ fullPage: true, clip: await prepare(page) })
    await page.goto('about:blank')
    const seen = await page.evaluate<{ width: number; height: number; pixels: string }>(decode(png))
    await context.close()
    const small = smallPng(seen.width, seen.height, Buffer.from(seen.pixels, 'base64'))
    await writeFile(join(folder, `${name}.png`), small)
    const kilobytes = Math.ceil(small.length / 1024)
    console.log(
      `${name.padEnd(14)} ${String(kilobytes).padStart(4)} kB${kilobytes > MOST ? `, more than ${MOST}` : ''}`,
    )
  }

  return {
    /** What these selectors name in a conversation on the sandbox's pages, from the first to the last. */
    async conversation(name: string, url: string, ...selectors: readonly string[]): Promise<void> {
      await shot(name, 780, url, async (page) => {
        await page.addStyleTag({ content: TIDY })
        await page.evaluate(PREPARE)
        return around(selectors.map((selector) => page.locator(selector)))
      })
    },
    /** A page of Errand's, down to the end of the element that `prepare` gives. */
    async page(name: string, url: string, prepare: (page: Page) => Promise<Locator>): Promise<void> {
      await shot(name, 900, url, async (page) => {
        const { y, height } = await boxOf(await prepare(page))
        return { x: 0, y: 0, width: 900, height: Math.ceil(y + height + RIM) }
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
  const all = (await Promise.all(locators.map((locator) => locator.all()))).flat()
  const boxes = (await Promise.all(all.map((locator) => locator.boundingBox()))).filter((box) => box !== null)
  const left = Math.max(0, Math.min(...boxes.map(({ x }) => x)) - RIM)
  const top = Math.max(0, Math.min(...boxes.map(({ y }) => y)) - RIM)
  const right = Math.max(...boxes.map(({ x, width }) => x + width)) + RIM
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + RIM
  return { x: left, y: top, width: right - left, height: bottom - top }
}
