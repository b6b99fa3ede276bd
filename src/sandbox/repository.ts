import { createHash } from 'node:crypto'
import { z } from 'zod'
import { findCode, fullPath } from './access.ts'
import { type Answer, type Call, ok, type Routes } from './call.ts'
import { commitView } from './commitView.ts'
import { diffsBetween } from './diffs.ts'
import type { Project } from './entities.ts'
import { commits, mergeBase, repositoryOf, resolveCommit } from './gitFacts.ts'
import { paginated } from './pagination.ts'
import { badRequest, notFound } from './refusal.ts'

/** Files, commits and comparisons. */
export function repositoryRoutes(on: Routes): void {
  const path = '/projects/:id/repository'
  on('get', `${path}/files/:path/raw`, async (call) => {
    const { content } = await findFile(call)
    return { status: 200, body: content, type: 'text/plain', headers: { 'cache-control': 'max-age=0, private' } }
  })
  on('get', `${path}/files/:path`, async (call): Promise<Answer> => {
    const { file, ref, sha, blob, content, mode, last } = await findFile(call)
    return ok({
      file_name: file.split('/').at(-1),
      file_path: file,
      size: content.length,
      encoding: 'base64',
      content_sha256: createHash('sha256').update(content).digest('hex'),
      ref,
      blob_id: blob,
      commit_id: sha,
      last_commit_id: last,
      execute_filemode: mode === '100755',
      content: content.toString('base64'),
    })
  })
  on('get', `${path}/commits`, async (call) => {
    const project = findCode(call)
    const { ref_name } = call.input(z.object({ ref_name: z.string().optional() }))
    const sha = await commitNamed(call, project, ref_name ?? project.defaultBranch)
    return paginated(call, await commits(call.world, project, [sha]), (commit) =>
      commitView(call.world, project, commit),
    )
  })
  on('get', `${path}/commits/:sha`, async (call) => {
    const project = findCode(call)
    return ok(await commitShown(call, project, await commitNamed(call, project, call.param('sha'))))
  })
  on('get', `${path}/commits/:sha/diff`, async (call) => {
    const project = findCode(call)
    const sha = await commitNamed(call, project, call.param('sha'))
    const [commit] = await commits(call.world, project, ['-1', sha])
    const parent = commit?.parents[0] ?? emptyTree
    return paginated(call, await diffsBetween(call.world, project, parent, sha), (diff) => diff)
  })
  on('get', `${path}/compare`, async (call) => {
    const project = findCode(call)
    const { from, to, straight } = call.input(
      z.object({ from: z.string(), to: z.string(), straight: z.stringbool().default(false) }),
    )
    const start = await commitNamed(call, project, from, 'Ref')
    const end = await commitNamed(call, project, to, 'Ref')
    const base = straight ? start : ((await mergeBase(call.world, project, start, end)) ?? start)
    const between = await commits(call.world, project, [`^${base}`, end])
    const views = between.map((commit) => commitView(call.world, project, commit))
    return ok({
      commit: views[0] ?? null,
      commits: views.toReversed(),
      diffs: await diffsBetween(call.world, project, base, end),
      compare_timeout: false,
      compare_same_ref: start === end,
      web_url: `${call.world.url}/${fullPath(project)}/-/compare/${from}...${to}`,
    })
  })
  on('get', `${path}/merge_base`, async (call) => {
    const project = findCode(call)
    const { refs } = call.input(z.object({ refs: z.array(z.string()) }))
    const [one, other, ...more] = refs
    if (one === undefined || other === undefined || more.length > 0) throw badRequest('Provide exactly 2 refs')
    const shas = [await commitNamed(call, project, one, 'Ref'), await commitNamed(call, project, other, 'Ref')] as const
    const base = await mergeBase(call.world, project, ...shas)
    if (base === undefined) throw notFound('Merge Base')
    return ok(await commitShown(call, project, base))
  })
}

/** git's name for a tree with nothing in it. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

async function commitNamed(call: Call, project: Project, name: string, what = 'Commit'): Promise<string> {
  const sha = await resolveCommit(call.world, project, name)
  if (sha === undefined) throw notFound(what)
  return sha
}

async function commitShown(call: Call, project: Project, sha: string) {
  const [commit] = await commits(call.world, project, ['-1', sha])
  if (commit === undefined) throw notFound('Commit')
  return commitView(call.world, project, commit)
}

async function findFile(call: Call) {
  const project = findCode(call)
  const file = call.param('path')
  const { ref } = call.input(z.object({ ref: z.string().default('HEAD') }))
  const name = ref === 'HEAD' ? project.defaultBranch : ref
  const sha = await commitNamed(call, project, name)
  const repository = repositoryOf(call.world, project)
  const entry = await call.world.git.run(repository, ['--literal-pathspecs', 'ls-tree', '-z', sha, '--', file])
  const [, mode, kind, blob] = /^(\d+) (\w+) ([0-9a-f]+)\t/.exec(entry) ?? []
  if (blob === undefined || kind !== 'blob') throw notFound('File')
  const { stdout: content } = await call.world.git.try(repository, ['cat-file', 'blob', blob])
  const [last] = await commits(call.world, project, ['-1', sha, '--', file])
  return { file, ref: name, sha, blob, content, mode, last: last?.id }
}
