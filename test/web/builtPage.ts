import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ownEnvironment } from '../../src/config.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The page as it is served, built from what the source is now, into a folder of its own; by a process that is not a test, or React were the slow one. */
export async function builtPage(): Promise<{ folder: string; said: string; [Symbol.asyncDispose](): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-page-'))
  const said = await buildPage(folder)
  return { folder, said, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

/** Where the whole Errand takes it from. */
export const SERVED = join(ROOT, 'dist/web')

/** Says what the build said. */
export async function buildPage(folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      join(ROOT, 'node_modules/vite/bin/vite.js'),
      'build',
      '--config',
      join(ROOT, 'vite.config.ts'),
      '--outDir',
      folder,
      '--emptyOutDir',
    ],
    { cwd: ROOT, env: { PATH: ownEnvironment().PATH ?? '' } },
  )
  return stdout
}
