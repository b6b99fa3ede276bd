/** What `.gitmodules` of a commit says, as far as it is believed. */

import type { Git } from './git.ts'

/** A submodule as its repository declares it; `path` is relative to that repository, `commit` what is checked out there. */
export type Declared = {
  readonly name: string
  readonly path: string
  readonly url: string
  readonly commit: string
}

/** Names and paths that git, its configuration and a file system understand in one way only. */
const SAFE = /^(?![-/])[^\p{Cc}\\"]+$/u
/** A command in the place of an update mode was once run by git; the whole file is not believed then. */
const COMMAND = /^\s*!/

/** More than these are not looked at. */
const MOST = 1000

/** The submodules of what is checked out in `repo`, or why they cannot be told, in words. */
export async function readGitmodules(
  repo: string,
  git: Git,
  signal: AbortSignal,
): Promise<readonly Declared[] | string> {
  const ask = (...args: string[]) => git(args, { cwd: repo, signal, capture: true })
  if ((await ask('rev-parse', '--verify', '--quiet', 'HEAD:.gitmodules')).code !== 0) return []
  const listed = await ask('config', '--blob', 'HEAD:.gitmodules', '--null', '--list')
  if (listed.code !== 0) return '`.gitmodules` cannot be read'
  const settings = readSettings(listed.output)
  if (typeof settings === 'string') return settings
  if (settings.length === 0) return []
  const paths = settings.slice(0, MOST).map(({ path }) => path)
  const links = (await ask('ls-tree', '-z', 'HEAD', '--', ...paths)).output
    .split('\0')
    .map((entry) => /^160000 commit ([0-9a-f]+)\t(.*)$/s.exec(entry))
    .map((match): [string, string] => [match?.[2] ?? '', match?.[1] ?? ''])
  const commits = new Map(links)
  return settings.flatMap((one) => {
    const commit = commits.get(one.path)
    return commit === undefined ? [] : [{ ...one, commit }]
  })
}

/** `git config --null --list` of a `.gitmodules` → what is believed of it. Pure. */
export function readSettings(output: string): readonly Omit<Declared, 'commit'>[] | string {
  const found = new Map<string, Record<string, string>>()
  for (const setting of output.split('\0')) {
    const [key = '', value = ''] = setting.split(/\n(.*)/s)
    const [, name, variable] = /^submodule\.(.+)\.([^.]+)$/s.exec(key) ?? []
    if (name === undefined || variable === undefined) continue
    if (variable === 'update' && COMMAND.test(value)) return '`.gitmodules` names a program to be run'
    found.set(name, { ...found.get(name), [variable]: value })
  }
  return [...found]
    .map(([name, { path = '', url = '' }]) => ({ name, path, url }))
    .filter(({ name, path }) => isSafe(name) && isSafe(path))
}

function isSafe(name: string): boolean {
  return (
    SAFE.test(name) &&
    !name.split('/').some((part) => part === '' || part === '.' || part === '..' || /^\.git$/i.test(part))
  )
}
