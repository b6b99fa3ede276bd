/**
 * The agent's work → one commit that stands on the run's start (README.md, clause 10). Of the agent's `.git` only its
 * objects are used, and where its HEAD points.
 */

import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adorn, type Committing, commitTree } from './commit.ts'
import { type Failed, isFailed } from './failed.ts'
import { list } from './names.ts'
import { makeOwnGit, ownGitEnvironment } from './ownGit.ts'
import { writeTree } from './tree.ts'
import { within } from './wait.ts'
import type { Workspace } from './workspace.ts'

export type Saved = {
  /** The commit to push; missing when nothing changed since the start. */
  readonly commit?: string
  /** The subject of the agent's own first commit. */
  readonly title?: string
  readonly warnings: readonly string[]
}

/** `subject` is the message's first line should the commit be ours. */
export type Ask = Committing & { readonly workspace: Workspace; readonly subject: string }

/** Git's marks of something half done, and what they are called. */
const UNFINISHED = {
  MERGE_HEAD: 'merge',
  'rebase-merge': 'rebase',
  'rebase-apply': 'rebase',
  CHERRY_PICK_HEAD: 'cherry-pick',
}

/** Commits everything that is not ignored; leaves the agent's own commits as they are, but for the last one's trailers. */
export async function save(ask: Ask): Promise<Saved | Failed> {
  const { start, git, signal, workspace, request } = ask
  const from = workspace.start
  const { repo } = start.places
  if (!existsSync(repo)) return { failed: 'agent-error', message: 'The agent removed its whole working folder.' }
  const unmade = await makeOwnGit(start, git, workspace, signal)
  if (unmade !== undefined) return unmade
  const env = ownGitEnvironment(start)
  const say = async (...args: string[]) => (await git(args, { env, cwd: repo, signal, capture: true })).output.trim()
  const standsOnStart = async (commit: string) =>
    commit !== '' && (await git(['merge-base', '--is-ancestor', from, commit], { env, signal })).code === 0

  const ownDir = join(repo, '.git')
  const agentHead = await tipOf(ask, ownDir, 'HEAD')
  const stands = await standsOnStart(agentHead)
  let head = stands ? agentHead : from
  const written = await writeTree({ start, git, head, signal }, workspace)
  if (isFailed(written)) return written
  let { tree } = written
  const warnings = [...written.warnings]
  if (!stands) warnings.push('The agent rewrote the history it was given; its result was added as one commit instead.')

  if (head === from && tree === (await say('rev-parse', `${from}^{tree}`))) {
    // A clean start: perhaps it committed to the work branch and then switched away.
    const tip = await tipOf(ask, ownDir, `refs/heads/${request.branch}`)
    if (tip === from || !(await standsOnStart(tip))) return { warnings }
    head = tip
    tree = await say('rev-parse', `${tip}^{tree}`)
  }

  const marks = await say('diff', '--check', '--no-ext-diff', '--no-textconv', from, tree)
  const marked = [...marks.matchAll(/^(.+?):\d+: leftover conflict marker/gm)].map((match) => match[1] ?? '')
  if (marked.length > 0) warnings.push(`There are conflict markers left in ${list([...new Set(marked)])}.`)
  const merged = marked.length === 0 && head === agentHead ? mergedHeads(ownDir) : []
  for (const [mark, name] of Object.entries(UNFINISHED)) {
    if (existsSync(join(ownDir, mark)) && merged.length === 0) warnings.push(`The agent left a ${name} unfinished.`)
  }

  const subjects = ['log', '--reverse', '--first-parent', '--no-show-signature', '--format=%s', `${from}..${head}`]
  const title = head === from ? '' : ((await say(...subjects)).split('\n', 1)[0] ?? '')
  const isOwn = head !== from && merged.length === 0 && tree === (await say('rev-parse', `${head}^{tree}`))
  const onto = request.discreet ? [from] : [head, ...merged]
  const commit = isOwn && !request.discreet ? await adorn(ask, head) : await commitTree(ask, ask.subject, tree, onto)
  if (isFailed(commit)) return commit
  return { commit, warnings, ...(title === '' || request.discreet ? {} : { title }) }
}

/** A trap in the agent's configuration (a pipe that nobody writes to) costs no more than this. */
const LOOK_LIMIT = 5000

/** The one look through the agent's own git directory: where a ref points, empty when that cannot be said. */
async function tipOf({ git, signal }: Ask, ownDir: string, ref: string): Promise<string> {
  const args = ['--git-dir', ownDir, 'rev-parse', '--verify', '--quiet', ref]
  return (await git(args, { signal: within(LOOK_LIMIT, signal), capture: true })).output.trim()
}

/** What an uncommitted merge would have as its further parents; a merge that is resolved stays a merge. */
function mergedHeads(ownDir: string): string[] {
  const file = join(ownDir, 'MERGE_HEAD')
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /^[0-9a-f]{40,64}$/.test(line))
}
