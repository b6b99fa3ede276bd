import { z } from 'zod'
import { findCode, findProjectFor, fullPath, roles } from './access.ts'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import { commitView } from './commitView.ts'
import type { Project } from './entities.ts'
import { branchTip, commits, repositoryOf, resolveCommit } from './gitFacts.ts'
import { paginated } from './pagination.ts'
import { mayPushToBranch, protectionOf } from './protectedBranches.ts'
import { afterPush } from './pushes.ts'
import { forbidden, notFound, Refusal } from './refusal.ts'
import type { World } from './world.ts'

const none = '0'.repeat(40)

/** Branches: list, get, create, delete. */
export function branchRoutes(on: Routes): void {
  const path = '/projects/:id/repository/branches'
  on('get', path, async (call) => {
    const project = findCode(call)
    const { search } = call.input(z.object({ search: z.string().optional() }))
    const args = ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads']
    const text = await call.world.git.run(repositoryOf(call.world, project), args)
    const names = text.split('\n').filter((name) => name !== '' && (search === undefined || name.includes(search)))
    const views = await Promise.all(names.map((name) => branchView(call, project, name)))
    return paginated(call, views, (view) => view)
  })
  on('get', `${path}/:branch`, async (call) => ok(await existing(call, findCode(call))))
  on('post', path, async (call) => {
    const { project, deed } = findProjectFor(call, roles.developer)
    const { branch, ref } = call.input(z.object({ branch: z.string().min(1), ref: z.string().min(1) }))
    const repository = repositoryOf(call.world, project)
    const { code } = await call.world.git.try(repository, ['check-ref-format', '--branch', branch])
    if (code !== 0) throw new Refusal(400, { message: 'Branch name is invalid' })
    const start = await resolveCommit(call.world, project, ref)
    if (start === undefined) throw new Refusal(400, { message: `Invalid reference name: ${ref}` })
    const made = await call.world.git.try(repository, ['update-ref', `refs/heads/${branch}`, start, none])
    if (made.code !== 0) throw new Refusal(400, { message: 'Branch already exists' })
    await afterPush(deed, project, [{ ref: `refs/heads/${branch}`, before: none, after: start }])
    return created(await branchView(call, project, branch))
  })
  on('delete', `${path}/:branch`, async (call) => {
    const { project, deed } = findProjectFor(call, roles.developer)
    const branch = call.param('branch')
    const tip = await branchTip(call.world, project, branch)
    if (tip === undefined) throw notFound('Branch')
    if (branch === project.defaultBranch || protectionOf(call.world, project, branch) !== undefined) {
      throw forbidden('Protected branch cant be removed')
    }
    await call.world.git.run(repositoryOf(call.world, project), ['update-ref', '-d', `refs/heads/${branch}`, tip])
    await afterPush(deed, project, [{ ref: `refs/heads/${branch}`, before: tip, after: none }])
    return gone
  })
}

async function existing(call: Call, project: Project) {
  const branch = call.param('branch')
  if ((await branchTip(call.world, project, branch)) === undefined) throw notFound('Branch')
  return branchView(call, project, branch)
}

async function branchView(call: Call, project: Project, name: string) {
  const { world, visitor } = call
  const protection = protectionOf(world, project, name)
  const [commit] = await commits(world, project, ['-1', `refs/heads/${name}`])
  const mayPush = visitor !== undefined && mayPushToBranch(world, visitor, project, name)
  return {
    name,
    commit: commit === undefined ? null : commitView(world, project, commit),
    merged: await isMerged(world, project, name),
    protected: protection !== undefined,
    developers_can_push:
      protection !== undefined && protection.pushLevel > 0 && protection.pushLevel <= roles.developer,
    developers_can_merge:
      protection !== undefined && protection.mergeLevel > 0 && protection.mergeLevel <= roles.developer,
    can_push: mayPush,
    default: name === project.defaultBranch,
    web_url: `${world.url}/${fullPath(project)}/-/tree/${name}`,
  }
}

async function isMerged(world: World, project: Project, name: string): Promise<boolean> {
  if (name === project.defaultBranch) return false
  const args = ['merge-base', '--is-ancestor', `refs/heads/${name}`, `refs/heads/${project.defaultBranch}`]
  return (await world.git.try(repositoryOf(world, project), args)).code === 0
}
