import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { tempFolder, type Who } from './startedSandbox.ts'

/** How a git command ended; `text` is all it printed. */
export type Ended = { readonly code: number; readonly text: string }

/** Runs git without this machine's configuration and without asking anybody for a password. */
export function git(folder: string, ...args: string[]): Promise<Ended> {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@sandbox.invalid', '-c', 'credential.helper=']
  const isolated = `GIT_CONFIG_GLOBAL=${devNull} GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 LC_ALL=C`.split(' ')
  return new Promise((resolve) => {
    execFile('env', [...isolated, 'git', '-C', folder, ...identity, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, text: stdout + stderr })
    })
  })
}

/** The address of a repository for somebody's git. */
export function remote(url: string, who: Who, project = 'demo/shop'): string {
  const login = who === 'nobody' ? '' : `${who}:glpat-demo-${who}@`
  return `${url.replace('://', `://${login}`)}/${project}.git`
}

/** A clone of the shop in a folder of its own. */
export async function cloned(url: string, who: Who, ...options: string[]): Promise<string> {
  const folder = tempFolder()
  const { code, text } = await git(folder, 'clone', '--quiet', ...options, remote(url, who), '.')
  if (code !== 0) throw new Error(text)
  return folder
}

/** Commits a file on a branch, which is made from where the clone stands if there is none. */
export async function commit(folder: string, branch: string, file: string, text: string): Promise<string> {
  await git(folder, 'checkout', '--quiet', '-B', branch)
  writeFileSync(join(folder, file), text)
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', '-m', `Write ${file}`)
  return (await git(folder, 'rev-parse', 'HEAD')).text.trim()
}

/** A branch with one file, pushed by the bot. */
export async function pushedBranch(url: string, branch: string, file = 'NEW.md', text = 'new\n'): Promise<string> {
  const folder = await cloned(url, 'errand-bot')
  const sha = await commit(folder, branch, file, text)
  const { code, text: said } = await git(folder, 'push', '--quiet', 'origin', branch)
  if (code !== 0) throw new Error(said)
  return sha
}
