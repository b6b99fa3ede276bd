/**
 * How quick the page is: its first paint, a log of a million lines opened at its end, the longest frame while that is scrolled
 * through, and the memory it takes. `npm run bench:page`; each line ends with the part of the goal that was used, 1 is all of it.
 */

import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { aTask } from '../web/aTask.ts'
import { openPage, startBrowser } from '../web/browser.ts'
import { builtPage } from '../web/builtPage.ts'
import { fillScreens } from '../web/screens.ts'
import { ScriptedApi } from '../web/scriptedApi.ts'
import { ScriptedLog } from '../web/scriptedLog.ts'

const LINES = 1_000_000
const GOALS = { paint: 1000, open: 2000, frame: 100, memory: 200_000_000 }

await using page = await builtPage()
await using api = new ScriptedApi(page.folder)
await api.up()
fillScreens(api)
api.logs.set('42-n1337', new ScriptedLog(aMillionLines()))
const browser = await startBrowser()
try {
  tell('first contentful paint', await median(5, firstPaint), GOALS.paint, 'ms')
  const { page: tab, context } = await openPage(browser)
  await tab.addInitScript(() => localStorage.setItem('errand.log', 'raw'))
  tell(`a log of ${LINES.toLocaleString('en')} lines open at its end`, await openAtEnd(tab), GOALS.open, 'ms')
  await expectShown(tab, `line ${LINES - 1} `)
  tell('longest frame, the wheel', await longestFrame(tab, wheel), GOALS.frame, 'ms')
  tell('longest frame, the scroll bar through all of it', await longestFrame(tab, drag), GOALS.frame, 'ms')
  tell('longest frame, 200 lines a second arriving', await longestFrame(tab, arrive), GOALS.frame, 'ms')
  await tab.keyboard.press('w')
  tell('longest frame, wrapped', await longestFrame(tab, wheel), GOALS.frame, 'ms')
  const { heap, own } = await memory(browser, tab)
  tell('memory of the page (its heap)', heap, GOALS.memory, 'B')
  tell('memory of its process (private)', own, GOALS.memory, 'B')
  await context.close()
} finally {
  await browser.close()
}

function tell(what: string, value: number, goal: number, unit: 'ms' | 'B'): void {
  const [shown, most] =
    unit === 'ms' ? [`${Math.round(value)} ms`, `${goal} ms`] : [`${(value / 1e6).toFixed(1)} MB`, `${goal / 1e6} MB`]
  console.log(`${what.padEnd(52)} ${shown.padStart(10)} of ${most.padStart(7)}   ${(value / goal).toFixed(2)}`)
}

async function median(times: number, measure: () => Promise<number>): Promise<number> {
  const all: number[] = []
  for (let time = 0; time < times; time += 1) all.push(await measure())
  return all.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0
}

/** Of the table of tasks, nothing cached. */
async function firstPaint(): Promise<number> {
  const { page: tab, context } = await openPage(browser)
  await tab.goto(api.url)
  await tab.getByRole('row').nth(1).waitFor()
  const paint = await tab.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
  await context.close()
  return paint ?? Number.POSITIVE_INFINITY
}

async function openAtEnd(tab: Page): Promise<number> {
  await tab.goto(`${api.url}/tasks/42-n1337`)
  const last = tab.locator('.raw-text', { hasText: `line ${LINES - 1} ` })
  await last.waitFor({ timeout: 60_000 })
  return tab.evaluate(() => performance.now())
}

async function expectShown(tab: Page, text: string): Promise<void> {
  await tab.locator('.raw-text', { hasText: text }).first().waitFor()
}

/** Milliseconds between two frames, at most, while something is done. */
async function longestFrame(tab: Page, work: (tab: Page) => Promise<void>): Promise<number> {
  await tab.evaluate(() => {
    const measured = globalThis as unknown as { longest: number; on: boolean }
    measured.longest = 0
    measured.on = true
    let before = performance.now()
    const frame = (now: number) => {
      measured.longest = Math.max(measured.longest, now - before)
      before = now
      if (measured.on) requestAnimationFrame(frame)
    }
    requestAnimationFrame((now) => {
      before = now
      requestAnimationFrame(frame)
    })
  })
  await work(tab)
  return tab.evaluate(() => {
    const measured = globalThis as unknown as { longest: number; on: boolean }
    measured.on = false
    return measured.longest
  })
}

async function wheel(tab: Page): Promise<void> {
  await tab.locator('.raw').hover()
  for (let turn = 0; turn < 60; turn += 1) await tab.mouse.wheel(0, turn % 20 < 14 ? -900 : 700)
}

/** As fast as a hand moves the bar: all of it, there and back, in some three seconds. */
async function drag(tab: Page): Promise<void> {
  await tab.evaluate(async () => {
    const box = document.querySelector('.raw')
    if (box === null) throw new Error('no log')
    for (let step = 0; step <= 180; step += 1) {
      box.scrollTop = Math.abs(Math.sin((step / 180) * Math.PI)) * box.scrollHeight
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
  })
  await tab.locator('.raw-text').first().waitFor()
}

async function arrive(tab: Page): Promise<void> {
  await tab.keyboard.press('e')
  for (let time = 0; time < 20; time += 1) {
    api.write('42-n1337', Array.from({ length: 20 }, (_, line) => `fresh ${time} ${line}\n`).join(''))
    await tab.waitForTimeout(100)
  }
  await expectShown(tab, 'fresh 19 19')
}

/** After a collection: what is left is in use. `own` is what no other process shares. */
async function memory(browser: Browser, tab: Page): Promise<{ heap: number; own: number }> {
  const session = await tab.context().newCDPSession(tab)
  await session.send('HeapProfiler.collectGarbage')
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  const system = await browser.newBrowserCDPSession()
  const { processInfo } = await system.send('SystemInfo.getProcessInfo')
  const sizes = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id }) => readFile(`/proc/${id}/smaps_rollup`, 'utf8').catch(() => '')),
  )
  const own = sizes.map((text) =>
    [...text.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].reduce((sum, [, size]) => sum + Number(size) * 1024, 0),
  )
  return { heap: metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN, own: Math.max(0, ...own) }
}

function aMillionLines(): string {
  api.tasks[0] = aTask()
  const words = [
    'compiling',
    'checking',
    '\u001b[32m✓\u001b[0m passed',
    '\u001b[33mwarning\u001b[0m: unused',
    'downloading',
    '| a tool said',
  ]
  let text = 'errand: 42-n1337, attempt 1, in demo/shop\nerrand: agent claude\n'
  for (let line = 2; line < LINES; line += 1)
    text += `line ${line} ${words[line % words.length]} ${'.'.repeat(line % 40)}\n`
  return text
}
