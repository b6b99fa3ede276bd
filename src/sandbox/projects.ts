import { rmSync } from 'node:fs'
import { z } from 'zod'
import { canRead, findProject, findProjectFor, fullPath, role, roles } from './access.ts'
import { type Call, created, ok, type Routes } from './call.ts'
import type { Person, Project } from './entities.ts'
import { Flag, Whole } from './fields.ts'
import { repositoryOf } from './gitFacts.ts'
import { paginated } from './pagination.ts'
import { forbidden } from './refusal.ts'
import { now, type World } from './world.ts'

const Filters = z.object({
  search: z.string().optional(),
  membership: Flag.optional(),
  min_access_level: Whole.optional(),
  archived: Flag.optional(),
})

/** Projects: list, get, archive, delete. */
export function projectRoutes(on: Routes): void {
  on('get', '/projects', (call) => {
    const filters = call.input(Filters)
    const search = filters.search?.toLowerCase()
    const least = filters.min_access_level ?? (filters.membership === true ? roles.guest : 0)
    const found = call.world.projects.filter(
      (project) =>
        canRead(call.world, call.visitor, project) &&
        role(call.world, call.visitor, project) >= least &&
        (filters.archived ?? project.archived) === project.archived &&
        (search === undefined || `${fullPath(project)} ${project.name}`.toLowerCase().includes(search)),
    )
    return paginated(call, found.reverse(), (project) => projectView(call.world, call.visitor, project))
  })
  on('get', '/projects/:id', (call) => ok(projectView(call.world, call.visitor, findProject(call))))
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
    remove(call.world, project)
    return { status: 202, body: { message: '202 Accepted' } }
  })
  on('put', '/projects/:id', (call) => {
    const { project } = findProjectFor(call, roles.maintainer)
    const fields = call.input(
      z.object({
        description: z.string().optional(),
        visibility: z.enum(['private', 'internal', 'public']).optional(),
      }),
    )
    const updated = call.world.projects.update(project.id, {
      description: fields.description ?? project.description,
      visibility: fields.visibility ?? project.visibility,
      updatedAt: now(),
    })
    return ok(projectView(call.world, call.visitor, updated))
  })
}

/** Owners archive and delete; here maintainers do, because the sandbox has no owner among its people. */
function findOwned(call: Call): Project {
  const project = findProject(call)
  const { person } = call.deed()
  if (role(call.world, person, project) < roles.maintainer) throw forbidden()
  return project
}

function remove(world: World, project: Project): void {
  const own = (row: { readonly projectId: number | null }) => row.projectId === project.id
  for (const table of [
    world.members,
    world.labels,
    world.issues,
    world.mergeRequests,
    world.notes,
    world.awards,
    world.labelEvents,
    world.protectedBranches,
    world.hooks,
    world.hookEvents,
  ]) {
    for (const row of table.all()) if (own(row)) table.delete(row.id)
  }
  world.projects.delete(project.id)
  rmSync(repositoryOf(world, project), { recursive: true, force: true })
}

/** A project as the API shows it to somebody. */
function projectView(world: World, visitor: Person | undefined, project: Project) {
  const web = `${world.url}/${fullPath(project)}`
  const level = role(world, visitor, project)
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: `${project.namespace} / ${project.name}`,
    path: project.path,
    path_with_namespace: fullPath(project),
    created_at: project.createdAt,
    default_branch: project.defaultBranch,
    tag_list: [],
    topics: [],
    ssh_url_to_repo: `git@${new URL(world.url).hostname}:${fullPath(project)}.git`,
    http_url_to_repo: `${web}.git`,
    web_url: web,
    readme_url: `${web}/-/blob/${project.defaultBranch}/README.md`,
    avatar_url: null,
    forks_count: 0,
    star_count: 0,
    last_activity_at: project.updatedAt,
    updated_at: project.updatedAt,
    namespace: {
      id: 1,
      name: project.namespace,
      path: project.namespace,
      kind: 'group',
      full_path: project.namespace,
      parent_id: null,
      web_url: `${world.url}/groups/${project.namespace}`,
    },
    empty_repo: false,
    archived: project.archived,
    visibility: project.visibility,
    issues_enabled: true,
    merge_requests_enabled: true,
    merge_method: 'merge',
    squash_option: 'default_off',
    remove_source_branch_after_merge: true,
    autoclose_referenced_issues: true,
    permissions: {
      project_access: level === 0 ? null : { access_level: level, notification_level: 3 },
      group_access: null,
    },
  }
}
