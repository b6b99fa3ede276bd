/**
 * Submodules of the same GitLab, fetched through the door, which lets through what the person who asked may read. What is not
 * fetched is a sentence for the author, never a failure; and nothing but the door is ever asked (README.md, clause 7).
 */

import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { cannotClone } from './clone.ts'
import { type Failed, saysDiskFull } from './failed.ts'
import { type Fetching, tries } from './fetching.ts'
import type { Git } from './git.ts'
import { type Declared, readGitmodules } from './gitmodules.ts'
import { list } from './names.ts'
import type { Request } from './protocol.ts'
import { projectOf } from './submoduleUrl.ts'
import type { Surroundings } from './surroundings.ts'

/** One that was fetched. */
export type Submodule = {
  /** Relative to the clone. */
  readonly path: string
  readonly project: string
  /** Its address at the door. */
  readonly url: string
  readonly commit: string
  /** Its git directory. */
  readonly gitDir: string
  /** 1: the clone's own; 2: a submodule's. */
  readonly level: number
}

const DEEPEST = 3
const MOST = 100

/** Why one was not fetched, as the end of a sentence. */
type Reason = 'elsewhere' | 'unreadable' | 'too many' | 'failed'

/** Fetches all of the clone's, and theirs. Fails only when the disk is full or the time is up. */
export async function fetchSubmodules(
  { start, log, tell, warn }: Surroundings,
  request: Request,
  git: Git,
  fetching: Fetching,
): Promise<readonly Submodule[] | Failed> {
  const { repo } = start.places
  const { signal } = fetching
  const fetched: Submodule[] = []
  const missed = new Map<Reason, string[]>()
  const miss = (reason: Reason, path: string) => missed.set(reason, [...(missed.get(reason) ?? []), path])

  const parents = [{ path: '', project: request.project, level: 0 }]
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift()) {
    const { path: below, project: of, level } = parent
    const declared = await readGitmodules(join(repo, below), git, signal)
    if (typeof declared === 'string') {
      warn(`Submodules${below === '' ? '' : ` of \`${below}\``} were not fetched: ${declared}.`)
      continue
    }
    for (const one of declared) {
      const path = join(below, one.path)
      const project = projectOf(one.url, of, request.gitlab)
      if (level >= DEEPEST || fetched.length >= MOST) miss('too many', path)
      else if (project === undefined) miss('elsewhere', path)
      else {
        tell(`fetches the submodule ${path}`)
        const url = `${start.door}/v1/repositories/${project}.git`
        const ended = await fetchOne(join(repo, below), one, { url, request, git, fetching })
        if (ended.code !== 0 && (signal.aborted || saysDiskFull(ended.said))) return cannotClone(ended, signal)
        if (ended.code !== 0) miss(isUnreadable(ended) ? 'unreadable' : 'failed', path)
        else {
          log.line(`submodule ${path}: ${project} at ${one.commit.slice(0, 12)}`)
          const told = await git(['rev-parse', '--absolute-git-dir'], { cwd: join(repo, path), signal, capture: true })
          const gitDir = told.output.trim()
          const submodule = { path, project, url, commit: one.commit, gitDir, level: level + 1 }
          fetched.push(submodule)
          parents.push(submodule)
        }
      }
    }
  }
  for (const [reason, paths] of missed) warn(sentence(reason, paths))
  return fetched
}

type Way = { readonly url: string; readonly request: Request; readonly git: Git; readonly fetching: Fetching }
type Result = { readonly code: number | null; readonly said: string }

/** By git's own command, with the door's address in the place of the one that `.gitmodules` says. */
async function fetchOne(repo: string, one: Declared, { url, request, git, fetching }: Way): Promise<Result> {
  const { signal, log } = fetching
  if (!isPlainFolder(repo, one.path)) {
    log.line(`the place of the submodule ${one.path} is taken, or behind a link`)
    return { code: 1, said: '' }
  }
  const { filter, depth } = request.clone
  const shape = [
    ...(filter === undefined ? [] : [`--filter=${filter}`]),
    ...(depth === undefined ? [] : [`--depth=${depth}`]),
  ]
  const settings = { url, update: 'checkout', active: 'true' }
  for (const [key, value] of Object.entries(settings)) {
    const set = await git(['config', `submodule.${one.name}.${key}`, value], { cwd: repo, signal })
    if (set.code !== 0) return set
  }
  return tries({ ...fetching, isFinal: isUnreadable }, () =>
    git(['submodule', '--quiet', 'update', '--init', '--checkout', '--single-branch', ...shape, '--', one.path], {
      cwd: repo,
      signal,
    }),
  )
}

/**
 * No part of the way to a submodule is a link that leads elsewhere, which a file system that does not tell `A` from `a` could have
 * let in. Newer versions of git check it too (CVE-2024-32002).
 */
function isPlainFolder(repo: string, path: string): boolean {
  const parts = path.split('/')
  return parts.every((_, n) => {
    const stat = lstatSync(join(repo, ...parts.slice(0, n + 1)), { throwIfNoEntry: false })
    return stat === undefined || stat.isDirectory()
  })
}

function isUnreadable({ said }: Result): boolean {
  return /returned error: 40[34]|repository '.*' not found/i.test(said)
}

function sentence(reason: Reason, paths: readonly string[]): string {
  const which = `The submodule${paths.length === 1 ? '' : 's'} ${list(paths)} ${paths.length === 1 ? 'was' : 'were'} not fetched:`
  switch (reason) {
    case 'elsewhere':
      return `${which} only projects of this GitLab are.`
    case 'unreadable':
      return `${which} no such project, or the person who asked may not read it.`
    case 'too many':
      return `${which} at most ${MOST} are, and ${DEEPEST} levels of them.`
    case 'failed':
      return `${which} git could not do it; the log says why.`
  }
}
