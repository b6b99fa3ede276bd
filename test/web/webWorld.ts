import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { openPage, startBrowser, type Watched } from './browser.ts'
import { builtPage } from './builtPage.ts'
import { ScriptedApi } from './scriptedApi.ts'

export type WebWorld = {
  readonly api: ScriptedApi
  open(path: string, options?: BrowserContextOptions): Promise<Watched['page']>
}

/** A built page and a browser for all tests of a file; a scripted API of its own for each. A complaint of the page that no test allowed fails it. */
export function webWorld(allowed?: RegExp): WebWorld {
  let built: Awaited<ReturnType<typeof builtPage>>
  let browser: Browser
  let api: ScriptedApi
  let opened: Watched[] = []
  beforeAll(async () => {
    ;[built, browser] = await Promise.all([builtPage(), startBrowser()])
  })
  afterAll(async () => {
    await browser.close()
    await built[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    api = new ScriptedApi(built.folder)
    await api.up()
  })
  afterEach(async () => {
    const troubles = opened.flatMap((one) => one.troubles).filter((text) => allowed?.test(text) !== true)
    await Promise.all(opened.map(({ context }) => context.close()))
    opened = []
    await api[Symbol.asyncDispose]()
    expect(troubles, 'the page complains of nothing').toEqual([])
  })
  return {
    get api() {
      return api
    },
    async open(path, options) {
      const watched = await openPage(browser, options)
      opened.push(watched)
      await watched.page.goto(`${api.url}${path}`)
      return watched.page
    },
  }
}
