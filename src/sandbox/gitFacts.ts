import { join } from 'node:path'
import type { LastCommit, Project } from './entities.ts'
import type { PushedCommit } from './payloads.ts'
import type { World } from './world.ts'

/** The folder of a project's bare repository. */
export function repositoryOf(world: World, project: Project): string {
  return join(world.data, 'repositories', `${project.id}.git`)
}

/** The commit that a branch, tag or id names; undefined when there is none. */
export async function resolveCommit(world: World, project: Project, name: string): Promise<string | undefined> {
  // Names come from outside: one that looks like an option is none.
  if (name === '' || name.startsWith('-')) return undefined
  for (const candidate of [`refs/heads/${name}`, `refs/tags/${name}`, name]) {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${candidate}^{commit}`]
    const { code, stdout } = await world.git.try(repositoryOf(world, project), args)
    if (code === 0) return stdout.toString('utf8').trim()
  }
  return undefined
}

/** The tip of a branch; undefined when there is no such branch. */
export async function branchTip(world: World, project: Project, branch: string): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/heads/${branch}^{commit}`]
  const { code, stdout } = await world.git.try(repositoryOf(world, project), args)
  return code === 0 ? stdout.toString('utf8').trim() : undefined
}

/** The best common ancestor; undefined when the histories have none. */
export async function mergeBase(
  world: World,
  project: Project,
  one: string,
  other: string,
): Promise<string | undefined> {
  const { code, stdout } = await world.git.try(repositoryOf(world, project), ['merge-base', one, other])
  return code === 0 ? stdout.toString('utf8').trim() : undefined
}

/** A commit with everything that the API shows of it. */
export type Commit = {
  readonly id: string
  readonly parents: readonly string[]
  readonly author: { readonly name: string; readonly email: string; readonly date: string }
  readonly committer: { readonly name: string; readonly email: string; readonly date: string }
  readonly message: string
}

const format = '%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x01'

/** Commits as `git log` finds them, newest first. */
export async function commits(world: World, project: Project, args: readonly string[]): Promise<Commit[]> {
  const text = await world.git.run(repositoryOf(world, project), ['log', `--format=${format}`, ...args])
  return text
    .split('\x01')
    .map((entry) => entry.replace(/^\n/, '').split('\0'))
    .filter((fields) => fields.length === 9)
    .map(([id = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', message = '']) => ({
      id,
      parents: parents.split(' ').filter((parent) => parent !== ''),
      author: { name: an, email: ae, date: ad },
      committer: { name: cn, email: ce, date: cd },
      message,
    }))
}

/** One commit as webhooks show it. */
export async function lastCommit(world: World, project: Project, sha: string): Promise<LastCommit> {
  const [commit] = await commits(world, project, ['-1', sha])
  if (commit === undefined) throw new Error(`There is no commit ${sha} in project ${project.id}.`)
  const { name, email } = commit.author
  return { id: commit.id, message: commit.message, timestamp: commit.author.date, author: { name, email } }
}

/** The newest twenty commits of a push, oldest first, with the files they touch, and how many there were. */
export async function pushedCommits(
  world: World,
  project: Project,
  before: string,
  after: string,
): Promise<{ readonly total: number; readonly commits: PushedCommit[] }> {
  if (/^0+$/.test(after)) return { total: 0, commits: [] }
  // A new branch shows what it has beyond the default branch.
  const base = /^0+$/.test(before) ? await branchTip(world, project, project.defaultBranch) : before
  const range = base === undefined || base === after ? [after] : [`^${base}`, after]
  const found = base === after ? [] : await commits(world, project, range)
  const newest = found.slice(0, 20).reverse()
  const shown: PushedCommit[] = []
  for (const { id, message, author } of newest) {
    const files = await touched(world, project, id)
    shown.push({ id, message, timestamp: author.date, author: { name: author.name, email: author.email }, ...files })
  }
  return { total: found.length, commits: shown }
}

async function touched(world: World, project: Project, id: string) {
  const args = ['diff-tree', '--root', '-r', '--no-commit-id', '--name-status', '--no-renames', '-z', id]
  const parts = (await world.git.run(repositoryOf(world, project), args)).split('\0')
  const files = { added: [] as string[], modified: [] as string[], removed: [] as string[] }
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const path = parts[index + 1] ?? ''
    if (parts[index] === 'A') files.added.push(path)
    else if (parts[index] === 'D') files.removed.push(path)
    else files.modified.push(path)
  }
  return files
}
