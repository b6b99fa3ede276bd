/** Commits by plumbing: no hooks, no editor, no signing; the trailers always on the last one. */

import { cannotCommit, type Failed } from './failed.ts'
import type { Git } from './git.ts'
import type { Start } from './given.ts'
import { hasTrailers, messageOf, withTrailers } from './message.ts'
import { ownGitEnvironment } from './ownGit.ts'
import type { Request } from './protocol.ts'

export type Committing = {
  readonly start: Start
  readonly request: Request
  readonly git: Git
  readonly signal: AbortSignal
}

/** A commit of ours on top of the agent's. */
export async function commitTree(
  how: Committing,
  subject: string,
  tree: string,
  parents: readonly string[],
): Promise<string | Failed> {
  const env = ownGitEnvironment(how.start)
  const input = await withTrailers(how, messageOf(subject), env)
  const onto = parents.flatMap((parent) => ['-p', parent])
  const made = await how.git(['commit-tree', tree, ...onto], { env, signal: how.signal, capture: true, input })
  return made.code === 0 ? made.output.trim() : cannotCommit(made)
}

/** The agent's own last commit, with the trailers it could not know. One that it only merged in belongs to somebody else. */
export async function adorn(how: Committing, head: string): Promise<string | Failed> {
  const { git, signal, request } = how
  const env = ownGitEnvironment(how.start)
  const shown = await git(['log', '-1', '--no-show-signature', '--format=%ce%n%T%n%P%n%an%n%ae%n%aI%n%B', head], {
    env,
    signal,
    capture: true,
  })
  const [committer, tree = '', parents = '', name = '', email = '', date = '', ...body] = shown.output.split('\n')
  if (committer !== request.author.email || hasTrailers(body.join('\n'), request.trailers)) return head
  const input = await withTrailers(how, body.join('\n'), env)
  const onto = parents
    .split(' ')
    .filter(Boolean)
    .flatMap((parent) => ['-p', parent])
  const author = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date }
  const made = await git(['commit-tree', tree, ...onto], { env: { ...env, ...author }, signal, capture: true, input })
  return made.code === 0 ? made.output.trim() : cannotCommit(made)
}
