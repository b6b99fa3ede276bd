import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { sizeLimit } from '../../vite.config.ts'
import { builtPage } from './builtPage.ts'

test('the page is under its weight, with nothing inline, no source maps, nothing from elsewhere', async () => {
  await using page = await builtPage()
  expect(page.said).toMatch(/All scripts and styles: \d+\.\d kB gzipped, of 150 kB\./)
  const html = await readFile(join(page.folder, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son\w+=/)
  expect(
    [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address?.replace(/-[\w-]{8}\./, '-HASH.')),
  ).toEqual(['/assets/icon-HASH.svg', '/assets/index-HASH.js', '/assets/index-HASH.css'])
  const names = await readdir(join(page.folder, 'assets'))
  expect(names.filter((name) => !/-[\w-]{8}\.(js|css|svg)$/.test(name))).toEqual([])
  for (const name of names.filter((name) => name.endsWith('.css'))) {
    expect(await readFile(join(page.folder, 'assets', name), 'utf8')).not.toMatch(/url\(|@import/)
  }
})

test('a page over its weight is not built', async () => {
  const built = (limit: number) =>
    build({
      configFile: false,
      logLevel: 'silent',
      build: {
        write: false,
        lib: { entry: fileURLToPath(new URL('../../src/web/amounts.ts', import.meta.url)), formats: ['es'] },
      },
      plugins: [sizeLimit(limit)],
    })
  await built(5000)
  await expect(built(50)).rejects.toThrow(/gzipped, of 0\.05 kB\. Leave something out\./)
})
