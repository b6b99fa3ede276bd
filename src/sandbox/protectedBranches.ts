import { z } from 'zod'
import { findProject, findProjectFor, role, roles } from './access.ts'
import { created, gone, ok, type Routes } from './call.ts'
import type { Person, Project, ProtectedBranch } from './entities.ts'
import { Flag, Whole } from './fields.ts'
import { paginated } from './pagination.ts'
import { notFound, Refusal } from './refusal.ts'
import type { World } from './world.ts'

/** The protection of a branch, by its name or by a pattern with `*`. */
export function protectionOf(world: World, project: Project, branch: string): ProtectedBranch | undefined {
  return protectionsOf(world, project).find((row) => matches(row.name, branch))
}

/** All protections of a project. */
export function protectionsOf(world: World, project: Project): ProtectedBranch[] {
  return world.protectedBranches.filter((row) => row.projectId === project.id)
}

/** Whether someone may push to branches under this protection. */
export function mayPushTo(world: World, person: Person, project: Project, protection: ProtectedBranch): boolean {
  return protection.pushLevel > 0 && role(world, person, project) >= protection.pushLevel
}

/** Whether someone may push to a branch, protected or not. */
export function mayPushToBranch(world: World, person: Person, project: Project, branch: string): boolean {
  const protection = protectionOf(world, project, branch)
  if (protection !== undefined) return mayPushTo(world, person, project, protection)
  return role(world, person, project) >= roles.developer
}

function matches(pattern: string, branch: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(branch)
}

/** Protected branches: list, get, protect, unprotect. */
export function protectedBranchRoutes(on: Routes): void {
  const path = '/projects/:id/protected_branches'
  on('get', path, (call) => {
    findProjectFor(call, roles.developer)
    return paginated(call, protectionsOf(call.world, findProject(call)), view)
  })
  on('get', `${path}/:name`, (call) => {
    const { project } = findProjectFor(call, roles.developer)
    const found = protectionsOf(call.world, project).find((row) => row.name === call.param('name'))
    if (found === undefined) throw notFound()
    return ok(view(found))
  })
  on('post', path, (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    const fields = call.input(
      z.object({
        name: z.string().min(1),
        push_access_level: Whole.default(40),
        merge_access_level: Whole.default(40),
        allow_force_push: Flag.default(false),
      }),
    )
    if (protectionsOf(call.world, project).some((row) => row.name === fields.name)) {
      throw new Refusal(409, { message: `Protected branch '${fields.name}' already exists` })
    }
    const row = call.world.protectedBranches.insert({
      projectId: project.id,
      name: fields.name,
      pushLevel: fields.push_access_level,
      mergeLevel: fields.merge_access_level,
      allowForcePush: fields.allow_force_push,
    })
    return created(view(row))
  })
  on('delete', `${path}/:name`, (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    const found = protectionsOf(call.world, project).find((row) => row.name === call.param('name'))
    if (found === undefined) throw notFound()
    call.world.protectedBranches.delete(found.id)
    return gone
  })
}

const names = new Map([
  [0, 'No one'],
  [30, 'Developers + Maintainers'],
  [40, 'Maintainers'],
])

function view(row: ProtectedBranch) {
  const level = (access: number) => [
    {
      id: row.id,
      access_level: access,
      access_level_description: names.get(access) ?? '',
      user_id: null,
      group_id: null,
    },
  ]
  return {
    id: row.id,
    name: row.name,
    push_access_levels: level(row.pushLevel),
    merge_access_levels: level(row.mergeLevel),
    allow_force_push: row.allowForcePush,
    code_owner_approval_required: false,
  }
}
