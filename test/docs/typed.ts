/** Typing a page's command, as it stands there, into a shell: in a scratch folder that looks like a checkout. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { ownEnvironment } from '../../src/config.ts'
import { ROOT } from './pageCommands.ts'

const CHECKOUT = ['package.json', 'node_modules', 'src', 'charts']

export type Typed = {
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Folders that come before the PATH. */
  readonly programs?: readonly string[]
  /** It goes on by itself: Ctrl-C, once it has said this. */
  readonly until?: RegExp
}

/** What it said on stdout; throws all that it said where it failed. */
export async function typed(
  command: string,
  { files = {}, env = {}, programs = [], until }: Typed = {},
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'errand-typed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of CHECKOUT) symlinkSync(join(ROOT, name), join(folder, name))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  const { PATH = '', HOME = folder } = ownEnvironment()
  const child = spawn('bash', ['-c', command], {
    cwd: folder,
    env: { PATH: [...programs, PATH].join(delimiter), HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, for Ctrl-C.
    detached: true,
  })
  const ended = once(child, 'close')
  const complaints = text(child.stderr)
  let said = ''
  let enough = false
  for await (const bytes of child.stdout) {
    said += String(bytes)
    if (until === undefined || enough || !until.test(said) || child.pid === undefined) continue
    enough = true
    process.kill(-child.pid, 'SIGINT')
  }
  const [code] = await ended
  if (code !== 0 && !enough) throw new Error(`${command} ended with ${code}: ${said}${await complaints}`)
  return said
}
