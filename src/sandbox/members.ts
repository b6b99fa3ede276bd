import { z } from 'zod'
import { findProject, findProjectFor, roles } from './access.ts'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import type { Member, Project } from './entities.ts'
import { Whole } from './fields.ts'
import type { GroupMember } from './groupRows.ts'
import { groupsAbove } from './groupTree.ts'
import { paginated } from './pagination.ts'
import { personViewById } from './people.ts'
import { notFound, Refusal } from './refusal.ts'
import { now, type World } from './world.ts'

const Level = Whole.refine((level) => [5, 10, 15, 20, 30, 40, 50].includes(level))

/**
 * Members: list, get (404 for who is none, administrators included), add, change, remove. Only the lists under `/all` know who
 * is a member by way of a group.
 */
export function memberRoutes(on: Routes): void {
  for (const [path, membersOf] of [
    ['/projects/:id/members/all', allMembers],
    ['/projects/:id/members', ownMembers],
  ] as const) {
    on('get', path, (call) => {
      const project = findProject(call)
      call.deed()
      return paginated(call, membersOf(call.world, project), (member) => memberView(call.world, member))
    })
    on('get', `${path}/:user_id`, (call) => {
      const project = findProject(call)
      call.deed()
      const found = membersOf(call.world, project).find((row) => row.personId === Number(call.param('user_id')))
      if (found === undefined) throw notFound()
      return ok(memberView(call.world, found))
    })
  }
  on('post', '/projects/:id/members', (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    const { user_id, access_level } = call.input(z.object({ user_id: Whole, access_level: Level }))
    if (call.world.people.get(user_id) === undefined) throw notFound('User')
    if (memberOf(call.world, project, user_id) !== undefined)
      throw new Refusal(409, { message: 'Member already exists' })
    const fields = { projectId: project.id, personId: user_id, accessLevel: access_level, createdAt: now() }
    return created(memberView(call.world, call.world.members.insert(fields)))
  })
  on('put', '/projects/:id/members/:user_id', (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    const { access_level } = call.input(z.object({ access_level: Level }))
    const member = call.world.members.update(findMember(call, project).id, { accessLevel: access_level })
    return ok(memberView(call.world, member))
  })
  on('delete', '/projects/:id/members/:user_id', (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    call.world.members.delete(findMember(call, project).id)
    return gone
  })
}

type Membership = Pick<Member, 'personId' | 'accessLevel' | 'createdAt'>

function ownMembers(world: World, project: Project): Membership[] {
  return world.members.filter((member) => member.projectId === project.id)
}

/** Everybody once, with their highest role. */
function allMembers(world: World, project: Project): Membership[] {
  const groups = new Set(groupsAbove(world, project.namespace).map((group) => group.id))
  const inherited: GroupMember[] = world.groupMembers.filter((row) => groups.has(row.groupId))
  const highest = new Map<number, Membership>()
  for (const row of [...ownMembers(world, project), ...inherited]) {
    const known = highest.get(row.personId)
    if (known === undefined || known.accessLevel < row.accessLevel) highest.set(row.personId, row)
  }
  return [...highest.values()]
}

function memberOf(world: World, project: Project, personId: number): Member | undefined {
  return world.members.find((row) => row.projectId === project.id && row.personId === personId)
}

function findMember(call: Call, project: Project): Member {
  const member = memberOf(call.world, project, Number(call.param('user_id')))
  if (member === undefined) throw notFound()
  return member
}

function memberView(world: World, member: Membership) {
  return {
    ...personViewById(world, member.personId),
    access_level: member.accessLevel,
    created_at: member.createdAt,
    expires_at: null,
    membership_state: 'active',
  }
}
