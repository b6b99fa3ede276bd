/** The commands that the pages tell people to type: every line of every block of `sh`. */

import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')

export const PAGES = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: ROOT }).sort()]

/** What stands between fences of that language. */
export function blocksOf(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  )
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Each once; without remarks, continued lines as one, what `&&` joins as several. */
export function pageCommands(): readonly string[] {
  const lines = PAGES.flatMap((page) => blocksOf(read(page), 'sh')).flatMap((block) =>
    block.replaceAll(/\\\n/g, ' ').split('\n'),
  )
  const commands = lines.flatMap((line) => line.replace(/\s# .*$/, '').split(' && '))
  return [...new Set(commands.map((command) => command.replaceAll(/\s+/g, ' ').trim()))].filter(
    (command) => command !== '',
  )
}
