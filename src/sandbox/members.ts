import { z } from 'zod'
import { findProject, findProjectFor, roles } from './access.ts'
import { type Call, created, gone, ok, type Routes } from './call.ts'
import type { Member, Project } from './entities.ts'
import { Whole } from './fields.ts'
import { paginated } from './pagination.ts'
import { personViewById } from './people.ts'
import { notFound, Refusal } from './refusal.ts'
import { now, type World } from './world.ts'

const Level = Whole.refine((level) => [5, 10, 15, 20, 30, 40, 50].includes(level))

/** Members: list, get (404 for who is none, administrators included), add, change, remove. */
export function memberRoutes(on: Routes): void {
  for (const path of ['/projects/:id/members/all', '/projects/:id/members']) {
    on('get', path, (call) => {
      const project = findProject(call)
      call.deed()
      const members = call.world.members.filter((member) => member.projectId === project.id)
      return paginated(call, members, (member) => memberView(call.world, member))
    })
    on('get', `${path}/:user_id`, (call) => {
      const project = findProject(call)
      call.deed()
      return ok(memberView(call.world, findMember(call, project)))
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

function memberOf(world: World, project: Project, personId: number): Member | undefined {
  return world.members.find((row) => row.projectId === project.id && row.personId === personId)
}

function findMember(call: Call, project: Project): Member {
  const member = memberOf(call.world, project, Number(call.param('user_id')))
  if (member === undefined) throw notFound()
  return member
}

function memberView(world: World, member: Member) {
  return {
    ...personViewById(world, member.personId),
    access_level: member.accessLevel,
    created_at: member.createdAt,
    expires_at: null,
    membership_state: 'active',
  }
}
