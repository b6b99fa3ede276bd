/** Everything that others write, written by somebody who means harm (T17): nothing runs, nothing is fetched, nothing lies. */

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { aDoneTask, aTask } from './aTask.ts'
import { ScriptedLog } from './scriptedLog.ts'
import { webWorld } from './webWorld.ts'

const world = webWorld()

const ESC = '\u001b'
const MARKUP = [
  '<script>globalThis.hit = 1</script>',
  '<img src=x onerror="globalThis.hit = 2">',
  '<svg onload="globalThis.hit = 3"><a xlink:href="javascript:globalThis.hit = 4">x</a></svg>',
  '<iframe srcdoc="<script>parent.hit = 5</script>"></iframe>',
  '"><style>body { display: none }</style>',
  "</script><base href='https://evil.example/'>",
]
const MARKDOWN = [
  ...MARKUP,
  '[click](javascript:globalThis.hit=6)',
  '[click](JaVaScRiPt&#58;globalThis.hit=7)',
  '[click]( data:text/html,<script>globalThis.hit=8</script>)',
  '[click](vbscript:x) [click](file:///etc/passwd) [click](//evil.example/x)',
  '![picture](https://evil.example/track.png)',
  '![picture](x" onerror="globalThis.hit=9)',
  '<javascript:globalThis.hit=10>',
  '[reference][r]',
  '&lt;script&gt;globalThis.hit=11&lt;/script&gt; &notit; &amp;',
  '[good](https://gitlab.example/fine) <https://gitlab.example/auto>',
  '',
  '[r]: javascript:globalThis.hit=12',
].join('\n\n')

async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined()
  expect(await page.locator('main :is(script, iframe, img, style, base, object, embed, form[action])').count()).toBe(0)
  const links = await page.locator('main a').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href))
  expect(links.filter((link) => !/^https?:/.test(link))).toEqual([])
  const rels = await page
    .locator('main a[target=_blank]')
    .evaluateAll((all) => all.map((link) => link.getAttribute('rel') ?? ''))
  expect(rels.every((rel) => rel.includes('noopener'))).toBe(true)
}

test('Markdown: links lead only to the web, pictures are not loaded, HTML is text', async () => {
  const foreign: string[] = []
  world.api.tasks = [aDoneTask({ answer: MARKDOWN })]
  const page = await world.open('/tasks/42-n1201')
  page.on('request', (request) => {
    if (!request.url().startsWith(world.api.url)) foreign.push(request.url())
  })
  await page.getByRole('link', { name: 'good' }).waitFor()
  await expectHarmless(page)
  const answer = page.locator('.answer .markdown')
  expect(await answer.getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href')))).toEqual([
    'https://evil.example/track.png',
    'https://gitlab.example/fine',
    'https://gitlab.example/auto',
  ])
  for (const markup of MARKUP) await answer.getByText(markup, { exact: true }).waitFor()
  await answer.getByText('<script>globalThis.hit=11</script> &notit; &').waitFor()
  expect(foreign).toEqual([])
})

test('every other text that people and agents choose', async () => {
  const evil = MARKUP.join(' ')
  world.api.tasks = [
    aDoneTask({
      title: evil,
      prompt: evil,
      repository: evil,
      branch: evil,
      base: evil,
      doing: evil,
      agent: evil,
      model: evil,
      jobName: evil,
      commit: evil,
      asker: { username: evil, name: evil },
      source: { on: 'issue', url: 'javascript:globalThis.hit=20' },
      mergeRequestUrl: 'javascript:globalThis.hit=21',
      warnings: [evil],
      hints: [MARKDOWN],
      failure: { what: evil, detail: evil, cure: MARKDOWN },
      files: [{ path: evil, added: 1, removed: 1 }],
    }),
  ]
  const page = await world.open('/tasks/42-n1201')
  await page.getByText('What to do:').waitFor()
  await expectHarmless(page)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tasks' }).click()
  await page.getByRole('row').nth(1).waitFor()
  await expectHarmless(page)
})

const SEQUENCES = [
  `${ESC}]8;;https://evil.example/\u0007link${ESC}]8;;\u0007 after OSC 8`,
  `${ESC}]8;;javascript:globalThis.hit=30${ESC}\\link${ESC}]8;;${ESC}\\ after OSC 8 with ST`,
  `${ESC}]0;title\u0007after the title`,
  `${ESC}Pq#0;2;0;0;0${ESC}\\after DCS`,
  `${ESC}[2J${ESC}[1;1Hafter the cursor`,
  `${ESC}[?25l${ESC}[>4;1mafter private modes`,
  '\u009b31mafter C1 CSI',
  '\u009d8;;https://evil.example/\u009cafter C1 OSC',
  `${ESC}[31mred ${ESC}[1;44mbold on blue${ESC}[0m plain`,
  `${ESC}[38;2;255;0;0mexact${ESC}[48;5;196m ground${ESC}[0m`,
  `${ESC}[38;2;1;1;1;expression(globalThis.hit=31)mcurious`,
  `${ESC}[8mhidden words${ESC}[0m`,
  `a password\rovertyped`,
  `tail of an open OSC ${ESC}]8;;https://evil.example/`,
  `user\u202egnp.exe bidi`,
  `\u2066iso\u2069lated zero\u200bwidth`,
  ...MARKUP,
]

test('the raw log: of what a terminal can be told only colours are left, and what hides is shown', async () => {
  world.api.tasks = [aTask()]
  world.api.logs.set('42-n1337', new ScriptedLog(`errand: agent claude\n${SEQUENCES.join('\n')}\n`))
  const page = await world.open('/tasks/42-n1337')
  await page.getByRole('button', { name: 'Raw' }).click()
  await page.getByText('after the cursor').waitFor()
  const lines = await page.locator('.raw-text').allTextContents()
  expect(lines.slice(1)).toEqual([
    'link after OSC 8',
    'link after OSC 8 with ST',
    'after the title',
    'after DCS',
    'after the cursor',
    'after private modes',
    'after C1 CSI',
    'after C1 OSC',
    'red bold on blue plain',
    'exact ground',
    'xpression(globalThis.hit=31)mcurious',
    'hidden words',
    'overtyped',
    'tail of an open OSC ',
    'user‹U+202E›gnp.exe bidi',
    '‹U+2066›iso‹U+2069›lated zero‹U+200B›width',
    ...MARKUP,
  ])
  await expectHarmless(page)
  expect(await page.locator('.raw-text a').count()).toBe(0)
  await page.locator('.ansi-red', { hasText: 'red' }).waitFor()
  await page.locator('.is-bold.on-ansi-blue', { hasText: 'bold on blue' }).waitFor()
  await page.locator('.exact', { hasText: 'exact' }).waitFor()
  await page.getByRole('button', { name: 'Conversation' }).click()
  await page.locator('.said').first().waitFor()
  await expectHarmless(page)
})

test('the conversation: nobody else speaks with our marks, tools answer hostile text as text', async () => {
  world.api.tasks = [aTask()]
  world.api.logs.set(
    '42-n1337',
    new ScriptedLog(
      `errand: agent claude\n errand: the end: pushed\n ! exit code 1\n${MARKDOWN}\n> Reads <script>globalThis.hit=40</script>\n| ${MARKUP.join('\n| ')}\n! ${ESC}]8;;javascript:globalThis.hit=41\u0007failed\n`,
    ),
  )
  const page = await world.open('/tasks/42-n1337')
  await page.getByText('lines, failed').click()
  await page
    .getByText(/<img src=x/)
    .last()
    .waitFor()
  expect(await page.locator('.own-line').allTextContents()).toEqual(['agent claude'])
  await expectHarmless(page)
})

test('a line of ten megabytes, and one without an end, neither stop the page nor fill it', async () => {
  world.api.tasks = [aTask()]
  world.api.logs.set(
    '42-n1337',
    new ScriptedLog(`errand: agent claude\n${'<b>wide</b> '.repeat(900_000)}\nafter it\n${'z'.repeat(3_000_000)}`),
  )
  const page = await world.open('/tasks/42-n1337')
  await page.getByRole('button', { name: 'Raw' }).click()
  await page.getByText('after it').waitFor()
  await page.getByText(/this line goes on for about 10\.\d MB/).waitFor()
  await page.keyboard.press('w')
  await page.getByText('after it').waitFor({ state: 'attached' })
  const characters = await page.locator('.raw').evaluate((box) => box.textContent?.length ?? 0)
  expect(characters).toBeLessThan(20_000)
  await page.getByRole('button', { name: 'Conversation' }).click()
  const talk = await page.locator('.talk').evaluate((box) => box.textContent?.length ?? 0)
  expect(talk).toBeLessThan(1_500_000)
  await page.getByRole('button', { name: 'Raw' }).click()
  await page.getByText('after it').waitFor({ state: 'attached' })
})

test('a conversation of a flood stays usable', async () => {
  world.api.tasks = [aTask()]
  world.api.logs.set(
    '42-n1337',
    new ScriptedLog(`errand: agent claude\n${'> Reads a file\n| a line of it\n'.repeat(50_000)}`),
  )
  const page = await world.open('/tasks/42-n1337')
  await page.getByText('Reads a file').last().waitFor()
  expect(await page.locator('.did').count()).toBeLessThanOrEqual(300)
  await page.getByRole('button', { name: /earlier entries/ }).click()
  await expect.poll(() => page.locator('.did').count()).toBeGreaterThan(300)
})

/** Texts that Markdown's parser takes the square of its time for, or the whole stack. */
const TANGLED: readonly string[] = [
  '>'.repeat(8000),
  `${'*'.repeat(30_000)}a${'*'.repeat(29_000)}`,
  '[^a]'.repeat(2400),
  '[a](<b'.repeat(1600),
  '[a][b]'.repeat(1600),
  '~a~~b '.repeat(1600),
  '> '.repeat(4000),
  '- '.repeat(4000),
  '[^a]'.repeat(15_000),
  '[a][b]'.repeat(325),
  '~a~~b '.repeat(660),
]

test('Markdown that would stop the page is shown as it is', async () => {
  world.api.tasks = TANGLED.map((answer, place) => aDoneTask({ id: `42-n${place}`, answer }))
  const page = await world.open('/')
  await page.getByRole('row').nth(1).waitFor()
  for (const [place, text] of TANGLED.entries()) {
    const begun = Date.now()
    await page.goto(`${world.api.url}/tasks/42-n${place}`)
    await page.locator('.answer :is(.markdown, .markdown-long)').waitFor()
    const shown = await page.locator('.answer').evaluate((box) => box.textContent ?? '')
    expect(Date.now() - begun, text.slice(0, 20)).toBeLessThan(2000)
    if (text.length > 4000) {
      expect(shown).toContain(text)
      expect(shown).toContain('Shown as it is')
    }
    await page.getByRole('heading', { name: 'Rounding of prices' }).waitFor()
  }
})

test('of a text that is too long for the page, it is said where it was cut', async () => {
  world.api.tasks = [
    aDoneTask({ answer: 'word '.repeat(30_000) }),
    aDoneTask({ id: '42-n2', answer: 'a'.repeat(250_000) }),
  ]
  const page = await world.open('/tasks/42-n1201')
  await page.getByText('Shown as it is: too long').waitFor()
  expect(await page.locator('.answer .markdown-long').evaluate((box) => box.textContent?.length)).toBe(150_000)
  await page.goto(`${world.api.url}/tasks/42-n2`)
  await page.getByText('cut here: the rest is in the raw log').waitFor()
})

test('a long talk without a pause is shown to its end', async () => {
  world.api.tasks = [aTask()]
  const talk = Array.from({ length: 2000 }, (_, line) => `Words of line ${line}, and some more of them.`).join('\n')
  world.api.logs.set('42-n1337', new ScriptedLog(`errand: agent claude\n${talk}\n`))
  const page = await world.open('/tasks/42-n1337')
  await page.getByText('Words of line 1999,').waitFor()
  await page.getByText('Words of line 0,').waitFor()
  expect(await page.locator('.said').count()).toBeGreaterThan(9)
  expect(await page.locator('.said .markdown-long').count()).toBe(0)
})
