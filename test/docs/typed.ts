/** Typing a page's command, as it stands there, into a shell: in a scratch folder that looks like a checkout. */

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { ownEnvironment } from '../../src/config.ts'
import { ROOT } from './pageCommands.ts'

const CHECKOUT = ['package.json', 'node_modules', 'src', 'charts']

export type Typed = {
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Folders that come before the PATH. */
  readonly programs?: readonly string[]
}

/** What it said on stdout; throws what it said on stderr where it failed. */
export async function typed(command: string, { files = {}, env = {}, programs = [] }: Typed = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'errand-typed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of CHECKOUT) symlinkSync(join(ROOT, name), join(folder, name))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const { PATH = '', HOME = folder } = ownEnvironment()
  const { stdout } = await promisify(execFile)('bash', ['-c', command], {
    cwd: folder,
    env: { PATH: [...programs, PATH].join(delimiter), HOME, ...env },
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout
}
