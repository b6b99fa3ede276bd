/** The pages: every link leads somewhere, every example of a configuration is one, every command is run by some test. */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { configurePage } from '../../src/commands/configurePage.ts'
import { parseProjectFile } from '../../src/gitlab/projectFile.ts'
import { Settings } from '../../src/settings.ts'
import { CHART, withValues } from '../chart/render.ts'
import { helm } from '../chart/tools.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PAGES = [...globSync('*.md', { cwd: ROOT }), ...globSync('docs/*.md', { cwd: ROOT }), 'runtime/README.md']

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** GitLab's and GitHub's way to name a heading. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** What stands between fences of that language. */
function blocksOf(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  )
}

test.each(PAGES)('%s: its links lead somewhere', (page) => {
  const text = read(page).replaceAll(/```[\s\S]*?```/g, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  const broken = links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#')
      const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path)
      if (!existsSync(file)) return true
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor)
    })
  expect(broken).toEqual([])
})

test.each(PAGES)('%s: the files that it names are there', (page) => {
  const text = read(page).replaceAll(/```[\s\S]*?```/g, '')
  const named = [...text.matchAll(/`((?:src|test|docs|charts|runtime)\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

test.each(PAGES.flatMap((page) => blocksOf(read(page), 'yaml').map((block) => ({ page, block }))))(
  '$page: what it shows as a configuration is one: $block',
  async ({ block }) => {
    if (block.startsWith('# values of the chart'))
      return expect(
        withValues(parse(block), (file) => helm('template', 'errand', CHART, '--values', file)),
      ).resolves.toContain('kind: Deployment')
    const settings = Settings.safeParse(parse(block))
    const project = parseProjectFile(block)
    expect(settings.success || project.problems.length === 0, JSON.stringify(settings.error?.issues)).toBe(true)
  },
)

test('configure.md is what the schemas say: `npm run schema` writes it', () => {
  expect(read('docs/configure.md')).toBe(configurePage())
})

test('every setting says what it is', () => {
  const silent = [...configurePage().matchAll(/^\| `([^`]+)` \|.*\| {2}\|$/gm)].map(([, name]) => name)
  expect(silent).toEqual([])
})
