import { z } from 'zod'
import { findProjectFor, roles } from './access.ts'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import { commitView } from './commitView.ts'
import type { Project } from './entities.ts'
import { Flag } from './fields.ts'
import { branchTip, commits, repositoryOf } from './gitFacts.ts'
import { mayPushToBranch } from './protectedBranches.ts'
import { afterPush } from './pushes.ts'
import { Refusal } from './refusal.ts'
import type { Deed } from './world.ts'

const Encoding = z.enum(['text', 'base64']).default('text')
const Action = z.object({
  action: z.enum(['create', 'update', 'delete']),
  file_path: z.string().min(1),
  content: z.string().default(''),
  encoding: Encoding,
  execute_filemode: Flag.default(false),
})
const Commit = z.object({
  branch: z.string().min(1),
  commit_message: z.string().min(1),
  start_branch: z.string().optional(),
  actions: z.array(Action).min(1),
})
const File = Commit.omit({ actions: true }).extend({ content: z.string().default(''), encoding: Encoding })

/** Commits that are made by the API: several files at once, or one. */
export function writtenCommitRoutes(on: Routes): void {
  on('post', '/projects/:id/repository/commits', async (call) => {
    const { project, deed } = findProjectFor(call, roles.developer)
    const sha = await write(deed, project, call.input(Commit))
    const [commit] = await commits(call.world, project, ['-1', sha])
    return created(commit === undefined ? null : commitView(call.world, project, commit))
  })
  const path = '/projects/:id/repository/files/:path'
  on('post', path, async (call) => created(await writeFile(call, 'create')))
  on('put', path, async (call) => ok(await writeFile(call, 'update')))
  on('delete', path, async (call) => {
    await writeFile(call, 'delete')
    return gone
  })
}

async function writeFile(call: Call, action: z.infer<typeof Action>['action']) {
  const { project, deed } = findProjectFor(call, roles.developer)
  const { content, encoding, ...fields } = call.input(File)
  const file_path = call.param('path')
  await write(deed, project, {
    ...fields,
    actions: [{ action, file_path, content, encoding, execute_filemode: false }],
  })
  return { file_path, branch: fields.branch }
}

/** Commits to a branch, which is made from `start_branch` if there is none, and does what follows a push. Gives the commit. */
async function write(deed: Deed, project: Project, wish: z.infer<typeof Commit>): Promise<string> {
  const { world, person } = deed
  const { branch, start_branch: start } = wish
  if (!mayPushToBranch(world, person, project, branch)) {
    throw new Refusal(403, { message: 'You are not allowed to push into this branch' })
  }
  const tip = await branchTip(world, project, branch)
  const base = tip ?? (start === undefined ? undefined : await branchTip(world, project, start))
  if (base === undefined) {
    throw new Refusal(400, { message: 'You can only create or edit files when you are on a branch' })
  }
  for (const { action, file_path } of wish.actions) {
    const { code } = await world.git.try(repositoryOf(world, project), ['cat-file', '-e', `${base}:${file_path}`])
    const there = code === 0
    if (action === 'create' && there) throw refused('A file with this name already exists')
    if (action !== 'create' && !there) throw refused("A file with this name doesn't exist")
  }
  const ref = `refs/heads/${branch}`
  const message = Buffer.from(wish.commit_message)
  const head = [
    `commit ${ref}`,
    `committer ${person.name} <${person.username}@sandbox.invalid> now`,
    `data ${message.length}`,
  ]
  const input = Buffer.concat([
    Buffer.from(`${head.join('\n')}\n`),
    message,
    Buffer.from(`\nfrom ${base}\n`),
    ...wish.actions.map(change),
    Buffer.from('done\n'),
  ])
  const args = ['fast-import', '--quiet', '--done', '--date-format=now']
  await world.git.run(repositoryOf(world, project), args, input)
  const after = await branchTip(world, project, branch)
  if (after === undefined) throw new Error(`fast-import made no ${ref}`)
  await afterPush(deed, project, [{ ref, before: tip ?? '0'.repeat(40), after }])
  return after
}

function refused(reason: string): Refusal {
  return new Refusal(400, { message: reason })
}

/** One file, in the words of git fast-import. */
function change({ action, file_path, content, encoding, execute_filemode }: z.infer<typeof Action>): Buffer {
  const name = `"${file_path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
  if (action === 'delete') return Buffer.from(`D ${name}\n`)
  const bytes = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8')
  const head = `M ${execute_filemode ? '100755' : '100644'} inline ${name}\ndata ${bytes.length}\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\n')])
}
