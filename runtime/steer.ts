/**
 * Who may steer: on a branch that holds commits of people who may not, what instructs or extends agents is the base's while
 * the agent works, and the branch's own again in what is committed (README.md, clause 7).
 */

import { appendFileSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clone } from './clone.ts'
import { type Entry, readChanges, readTreeEntries, writeIndexInfo } from './entries.ts'
import type { Environment } from './environment.ts'
import { DISK_FULL, type Failed, saysDiskFull } from './failed.ts'
import type { Git } from './git.ts'
import { list } from './names.ts'
import { importsOf, steers, within } from './steering.ts'
import type { Surroundings } from './surroundings.ts'

/** What the branch has, and what lies in the work tree instead; missing where there is no such file. */
export type Steering = { readonly own?: Entry; readonly laid?: Entry }

/** By path, relative to the clone. */
export type Steered = ReadonlyMap<string, Steering>

/** An instruction that takes in a file that takes in a file …: as deep as agents follow. */
const DEEPEST = 5
const LARGEST = 1024 * 1024
const SUBMODULE = '160000 '
/** Paths for one git, so that its command line stays short. */
const PORTION = 500

/**
 * Lays the base's version of each such file that the branch has changed since it left the base (one that it has not changed
 * was written by somebody who could change the base). Git is told to overlook them, so that the agent does not commit them.
 */
export async function steerByBase(
  { start, log }: Surroundings,
  clone: Clone,
  git: Git,
  signal: AbortSignal,
): Promise<Steered | Failed> {
  const run: Run = async (args, { input, env = {}, orCode } = {}) => {
    const how = { cwd: start.places.repo, env, signal, capture: true, ...(input === undefined ? {} : { input }) }
    const ended = await git(args, how)
    if (ended.code !== 0 && ended.code !== orCode) throw new Unsteered(ended.said)
    return ended.output
  }
  try {
    const steered = await lay(start.places.repo, join(start.places.root, 'steering.index'), clone, run)
    if (steered.size > 0) log.line(`warning: the agent sees the base's version of ${list([...steered.keys()])}`)
    return steered
  } catch (error) {
    if (!(error instanceof Unsteered)) throw error
    if (saysDiskFull(error.message)) return DISK_FULL
    return {
      failed: 'clone-failed',
      message: `The base's instructions for agents could not be laid:\n${error.message}`,
    }
  }
}

/** A git that failed on the way, with what it said. */
class Unsteered extends Error {}

/** Runs git and answers with its output; `orCode` is an exit code that is an answer too. */
type Run = (
  args: readonly string[],
  how?: { readonly input?: string; readonly env?: Environment; readonly orCode?: number },
) => Promise<string>

async function lay(repo: string, index: string, clone: Clone, run: Run): Promise<Steered> {
  const nothing = (await run(['hash-object', '-t', 'tree', '-w', '--stdin'], { input: '' })).trim()
  const base = clone.base ?? clone.defaultBranch ?? nothing
  const fork = base === nothing ? '' : (await run(['merge-base', base, clone.start], { orCode: 1 })).trim()
  const diff = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', fork || nothing, clone.start]
  const changed = readChanges(await run(diff))

  const steered = new Map<string, Steering>()
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const known = (await run(['ls-files', '-z'])).split('\0').filter(steers)
    const taken = [...known, ...steered.keys()].flatMap((path) => takenIn(repo, path))
    const isTaken = (path: string) => taken.some((one) => path === one || path.startsWith(`${one}/`))
    const found = [...changed.keys()].filter((path) => !steered.has(path) && (steers(path) || isTaken(path)))
    if (found.length === 0) break

    const theirs = new Map<string, Entry>()
    for (let n = 0; n < found.length; n += PORTION) {
      const tree = await run(['ls-tree', '-r', '-z', base, '--', ...found.slice(n, n + PORTION)])
      for (const [path, entry] of readTreeEntries(tree)) if (!entry.startsWith(SUBMODULE)) theirs.set(path, entry)
    }
    for (const path of new Set([...found, ...theirs.keys()])) {
      const own = changed.get(path)
      const laid = theirs.get(path)
      if (own !== undefined) rmSync(join(repo, path), { recursive: true, force: true })
      steered.set(path, { ...(own === undefined ? {} : { own }), ...(laid === undefined ? {} : { laid }) })
    }
    // An index for this one purpose: the clone's stays the branch's.
    const env = { GIT_INDEX_FILE: index }
    await run(['read-tree', '--empty'], { env })
    await run(['update-index', '-z', '--index-info'], { env, input: writeIndexInfo(theirs, clone.start) })
    await run(['checkout-index', '--all', '--force', '--quiet'], { env })
    rmSync(index, { force: true })
  }
  await overlook(repo, steered, run)
  return steered
}

/** The agent's git neither shows nor commits them. */
async function overlook(repo: string, steered: Steered, run: Run): Promise<void> {
  let known = ''
  let unknown = ''
  for (const [path, { own }] of steered) {
    if (own !== undefined) known += `${path}\0`
    else unknown += `/${path.replace(/[\\*?[\] !#]/g, '\\$&')}\n`
  }
  await run(['update-index', '-z', '--skip-worktree', '--stdin'], { input: known })
  const exclude = join(repo, '.git', 'info', 'exclude')
  mkdirSync(dirname(exclude), { recursive: true })
  appendFileSync(exclude, unknown)
}

/** What the file at `path` brings in by being a link or by importing; relative to the repository. */
function takenIn(repo: string, path: string): string[] {
  const file = join(repo, path)
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (stat?.isSymbolicLink()) return [within(path.split('/').slice(0, -1), readlinkSync(file)) ?? []].flat()
  return stat?.isFile() && stat.size < LARGEST ? importsOf(readFileSync(file, 'utf8'), path) : []
}
