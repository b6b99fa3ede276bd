/** Reads all that a process of this user can read and that might hold a secret. */

import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Say } from './agent.ts'

/** Bytes of one file, and files of one folder. */
const MOST_BYTES = 256 * 1024
const MOST_FILES = 2000

const PLACES = [
  '/var/run/errand',
  '/run',
  '/var/run/secrets',
  '/etc/passwd',
  '/etc/shadow',
  '/etc/hosts',
  '/etc/resolv.conf',
  '/etc/gitconfig',
  '/etc/npmrc',
  '/etc/pip.conf',
  '/root',
  '/home',
  '/tmp',
  '/dev/termination-log',
  '/opt/errand/runtime',
  '/workspace/home',
  '/workspace/tmp',
  '/workspace/log',
  '/workspace/agent.pid',
  '/workspace/repo/.git/config',
]
const OF_A_PROCESS = ['environ', 'cmdline', 'status', 'maps', 'mountinfo', 'fdinfo/1']

function read(path: string): string {
  try {
    return readFileSync(path).subarray(0, MOST_BYTES).toString('latin1').replaceAll('\0', '\n')
  } catch (error) {
    return `(${error instanceof Error ? error.message : String(error)})`
  }
}

function below(path: string): string[] {
  try {
    const found = lstatSync(path)
    if (found.isFile() || found.isCharacterDevice()) return [path]
    if (found.isSymbolicLink()) return [path]
    if (!found.isDirectory()) return []
    return readdirSync(path)
      .slice(0, MOST_FILES)
      .flatMap((name) => below(join(path, name)))
  } catch {
    return []
  }
}

function run(command: string): string {
  try {
    return execFileSync('bash', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 5000 })
  } catch (error) {
    return String(error)
  }
}

export async function look(say: Say): Promise<void> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const files = [
    ...processes.flatMap((pid) => OF_A_PROCESS.map((name) => `/proc/${pid}/${name}`)),
    ...PLACES.flatMap(below).slice(0, MOST_FILES),
  ]
  const commands = [
    'env',
    'export -p',
    'git config --list --show-origin',
    'mount',
    'ls -laR /workspace /var/run/errand',
    'id',
  ]
  const seen = [
    ...files.map((path) => `=== ${path}\n${read(path)}\n`),
    ...commands.map((command) => `=== $ ${command}\n${run(command)}\n`),
  ].join('')
  writeFileSync('seen.txt', seen)
  process.stdout.write(seen)
  say('look', `${processes.length} processes, ${files.length} files, ${seen.length} characters`)
}
