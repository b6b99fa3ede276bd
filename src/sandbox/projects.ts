import { z } from 'zod'
import { findProject, findProjectFor, groupRole, role, roles } from './access.ts'
import { type Call, created, ok, type Routes } from './call.ts'
import type { Project } from './entities.ts'
import { Whole } from './fields.ts'
import type { Group } from './groupRows.ts'
import { createProject } from './newProject.ts'
import { paginated } from './pagination.ts'
import { ProjectFilters, projectsListed } from './projectListing.ts'
import { projectView } from './projectView.ts'
import { badRequest, forbidden, notFound } from './refusal.ts'
import { removeProject } from './removal.ts'
import { now } from './world.ts'

const Visibility = z.enum(['private', 'internal', 'public'])
const Path = z.string().regex(/^[a-zA-Z0-9_][\w.-]*$/)
const Creation = z.object({
  name: z.string().min(1).optional(),
  path: Path.optional(),
  namespace_id: Whole,
  description: z.string().optional(),
  visibility: Visibility.default('private'),
})
const Change = z.object({ description: z.string().optional(), visibility: Visibility.optional() })

/** Projects: list, get, create, change, archive, delete. */
export function projectRoutes(on: Routes): void {
  on('get', '/projects', (call) => {
    const found = projectsListed(call, call.world.projects.all(), call.input(ProjectFilters))
    return paginated(call, found, (project) => projectView(call.world, call.visitor, project, true))
  })
  on('get', '/projects/:id', (call) => ok(projectView(call.world, call.visitor, findProject(call))))
  on('post', '/projects', async (call) => {
    const project = await create(call)
    return created(projectView(call.world, call.visitor, project))
  })
  for (const [action, archived] of [
    ['archive', true],
    ['unarchive', false],
  ] as const) {
    on('post', `/projects/:id/${action}`, (call) => {
      const project = findOwned(call)
      const updated = call.world.projects.update(project.id, { archived, updatedAt: now() })
      return created(projectView(call.world, call.visitor, updated))
    })
  }
  on('delete', '/projects/:id', (call) => {
    const project = findOwned(call)
    removeProject(call.world, project)
    return { status: 202, body: { message: '202 Accepted' } }
  })
  on('put', '/projects/:id', (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    const fields = call.input(Change)
    const updated = call.world.projects.update(project.id, {
      description: fields.description ?? project.description,
      visibility: fields.visibility ?? project.visibility,
      updatedAt: now(),
    })
    return ok(projectView(call.world, call.visitor, updated))
  })
}

/** A project in a group of which the visitor is at least a maintainer, with a README. */
async function create(call: Call): Promise<Project> {
  const { world, person } = call.deed()
  const fields = call.input(Creation)
  const name = fields.name ?? fields.path
  if (name === undefined) throw badRequest('name, path are missing, at least one parameter must be provided')
  const path = fields.path ?? name.toLowerCase().replace(/[^\w.-]+/g, '-')
  const group: Group | undefined = world.groups.get(fields.namespace_id)
  if (group === undefined) throw notFound('Namespace')
  if (!person.admin && groupRole(world, person.id, group.fullPath) < roles.maintainer) throw forbidden()
  const twin = world.projects.find((row) => row.namespace === group.fullPath && row.path === path)
  if (twin !== undefined) throw badRequest('path has already been taken')
  const { description = null, visibility } = fields
  return createProject(world, person, { namespace: group.fullPath, path, name, description, visibility }, undefined)
}

/** Owners archive and delete; here maintainers do, because the sandbox has no owner among its people. */
function findOwned(call: Call): Project {
  const project = findProject(call)
  const { person } = call.deed()
  if (role(call.world, person, project) < roles.maintainer) throw forbidden()
  return project
}
