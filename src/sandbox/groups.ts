import { z } from 'zod'
import { canRead, groupRole, roles } from './access.ts'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import type { Project } from './entities.ts'
import { Flag, Whole } from './fields.ts'
import type { Group, GroupMember } from './groupRows.ts'
import { groupNamed, groupsAbove, isBelow } from './groupTree.ts'
import { paginated } from './pagination.ts'
import { personViewById } from './people.ts'
import { ProjectFilters, projectsListed } from './projectListing.ts'
import { projectView } from './projectView.ts'
import { forbidden, notFound, Refusal } from './refusal.ts'
import { now, type World } from './world.ts'

const Level = Whole.refine((level) => [5, 10, 15, 20, 30, 40, 50].includes(level))

/** Groups: list, get, subgroups, their projects, their members. There are no group hooks: GitLab Free has none. */
export function groupRoutes(on: Routes): void {
  on('get', '/groups', (call) => {
    const seen = call.world.groups.filter((group) => canSeeGroup(call, group))
    return paginated(call, seen, (group) => groupView(call.world, group))
  })
  on('get', '/groups/:id', (call) => ok(groupView(call.world, findGroup(call))))
  on('get', '/groups/:id/subgroups', (call) => {
    const parent = findGroup(call)
    const found = call.world.groups.filter((group) => group.parentId === parent.id && canSeeGroup(call, group))
    return paginated(call, found, (group) => groupView(call.world, group))
  })
  on('get', '/groups/:id/projects', (call) => {
    const group = findGroup(call)
    const { include_subgroups } = call.input(z.object({ include_subgroups: Flag.default(false) }))
    const inside = include_subgroups
      ? projectsBelow(call)
      : call.world.projects.filter((project) => project.namespace === group.fullPath)
    const found = projectsListed(call, inside, call.input(ProjectFilters))
    return paginated(call, found, (project) => projectView(call.world, call.visitor, project, true))
  })
  memberRoutes(on)
}

function memberRoutes(on: Routes): void {
  const path = '/groups/:id/members'
  on('get', path, (call) => {
    const group = findGroup(call)
    call.deed()
    const rows = call.world.groupMembers.filter((row) => row.groupId === group.id)
    return paginated(call, rows, (row) => memberView(call.world, row))
  })
  on('get', `${path}/all/:user_id`, (call) => {
    const group = findGroup(call)
    call.deed()
    const ids = new Set(groupsAbove(call.world, group.fullPath).map((row) => row.id))
    const rows = call.world.groupMembers.filter(
      (row) => ids.has(row.groupId) && row.personId === Number(call.param('user_id')),
    )
    const [highest] = rows.sort((one, other) => other.accessLevel - one.accessLevel)
    if (highest === undefined) throw notFound()
    return ok(memberView(call.world, highest))
  })
  on('post', path, (call) => {
    const group = findGroup(call)
    requireMaintainer(call, group)
    const { user_id, access_level } = call.input(z.object({ user_id: Whole, access_level: Level }))
    if (call.world.people.get(user_id) === undefined) throw notFound('User')
    if (find(call.world, group, user_id) !== undefined) throw new Refusal(409, { message: 'Member already exists' })
    const fields = { groupId: group.id, personId: user_id, accessLevel: access_level, createdAt: now() }
    return created(memberView(call.world, call.world.groupMembers.insert(fields)))
  })
  on('delete', `${path}/:user_id`, (call) => {
    const group = findGroup(call)
    requireMaintainer(call, group)
    const member = find(call.world, group, Number(call.param('user_id')))
    if (member === undefined) throw notFound()
    call.world.groupMembers.delete(member.id)
    return gone
  })
}

/** The projects in the call's group and all its subgroups that the visitor sees. */
export function projectsBelow(call: Call): Project[] {
  const group = findGroup(call)
  return call.world.projects.filter(
    (project) => isBelow(project.namespace, group) && canRead(call.world, call.visitor, project),
  )
}

/** The group that the path names; 404 for one that may not be seen. */
export function findGroup(call: Call): Group {
  const group = groupNamed(call.world, call.param('id'))
  if (group === undefined || !canSeeGroup(call, group)) throw notFound('Group')
  return group
}

/** A group is seen by its members, and by whoever sees something in it. */
function canSeeGroup({ world, visitor }: Call, group: Group): boolean {
  if (visitor !== undefined && groupRole(world, visitor.id, group.fullPath) > roles.none) return true
  return world.projects.all().some((project) => isBelow(project.namespace, group) && canRead(world, visitor, project))
}

/** Owners manage members; here maintainers do, because the sandbox has no owner among its people. */
function requireMaintainer(call: Call, group: Group): void {
  const { world, person } = call.deed()
  if (!person.admin && groupRole(world, person.id, group.fullPath) < roles.maintainer) throw forbidden()
}

function find(world: World, group: Group, personId: number): GroupMember | undefined {
  return world.groupMembers.find((row) => row.groupId === group.id && row.personId === personId)
}

function memberView(world: World, member: GroupMember) {
  return {
    ...personViewById(world, member.personId),
    access_level: member.accessLevel,
    created_at: member.createdAt,
    expires_at: null,
    membership_state: 'active',
  }
}

function groupView(world: World, group: Group) {
  const above = groupsAbove(world, group.fullPath).toReversed()
  return {
    id: group.id,
    web_url: `${world.url}/groups/${group.fullPath}`,
    name: group.name,
    path: group.path,
    description: '',
    visibility: 'public',
    full_name: above.map((row) => row.name).join(' / '),
    full_path: group.fullPath,
    parent_id: group.parentId,
    created_at: group.createdAt,
  }
}
