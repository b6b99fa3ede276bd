/** Programs of this machine that we need: found, installed where that needs no question, or asked for in one sentence. */

import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

const PROGRAMS = {
  git: { names: ['git'], debian: 'git', brew: 'git', or: '' },
  redis: {
    names: ['redis-server', 'valkey-server'],
    debian: 'redis-server',
    brew: 'redis',
    or: ', or set REDIS_URL to a Redis you have',
  },
  chromium: {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    debian: 'chromium',
    brew: '--cask chromium',
    or: '',
  },
} as const

/** Searched besides the PATH: a daemon may have a short one. */
const USUAL = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']

export type Program = keyof typeof PROGRAMS

export type Found = { readonly path: string } | { readonly missing: string }

/** Installs with apt-get when we are root, saying so; `say` gets one line. */
export async function findProgram(
  program: Program,
  path: string,
  say: (line: string) => void,
  usual: readonly string[] = USUAL,
): Promise<Found> {
  const { names, debian, brew, or } = PROGRAMS[program]
  const found = await firstOnPath(names, path, usual)
  if (found !== undefined) return { path: found }
  const aptGet = process.getuid?.() === 0 ? await firstOnPath(['apt-get'], path) : undefined
  if (aptGet === undefined) {
    const command = process.platform === 'darwin' ? `brew install ${brew}` : `sudo apt-get install ${debian}`
    return { missing: `${names[0]} is not on the PATH: type \`${command}\`${or}.` }
  }
  say(`${names[0]} is missing: installing Debian's package ${debian} with apt-get …`)
  const output =
    (await apt(aptGet, path, ['update'])) +
    (await apt(aptGet, path, ['install', '-y', '--no-install-recommends', debian]))
  const installed = await firstOnPath(names, path, usual)
  if (installed !== undefined) return { path: installed }
  return { missing: `apt-get could not install ${debian}${or}:\n${output.trim().split('\n').slice(-5).join('\n')}` }
}

/** A program's folder may have been added by the installation, so the usual ones are searched as well. */
export async function firstOnPath(
  names: readonly string[],
  path: string,
  usual: readonly string[] = USUAL,
): Promise<string | undefined> {
  for (const folder of [...path.split(delimiter), ...usual]) {
    for (const name of names) {
      const file = join(folder === '' ? '.' : folder, name)
      if (
        await access(file, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return file
    }
  }
  return undefined
}

async function apt(aptGet: string, path: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(aptGet, args, {
      // RUNLEVEL=1: Debian starts a service right after its installation otherwise, and we want only the program.
      env: { PATH: path, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LANG: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    }
    child.once('error', (error) => resolve(`${output}${error.message}\n`))
    child.once('close', () => resolve(output))
  })
}
