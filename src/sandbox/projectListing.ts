import { z } from 'zod'
import { canRead, fullPath, role, roles } from './access.ts'
import type { Call } from './call.ts'
import type { Project } from './entities.ts'
import { Flag, Whole } from './fields.ts'

/** What lists of projects are filtered by. */
export const ProjectFilters = z.object({
  search: z.string().optional(),
  search_namespaces: Flag.default(false),
  membership: Flag.default(false),
  min_access_level: Whole.optional(),
  archived: Flag.optional(),
  order_by: z.enum(['id', 'created_at', 'name', 'path', 'updated_at', 'last_activity_at']).default('created_at'),
  sort: z.enum(['asc', 'desc']).default('desc'),
})

/** Those that the visitor sees and asked for: newest first unless said otherwise. */
export function projectsListed(
  { world, visitor }: Call,
  projects: readonly Project[],
  filters: z.infer<typeof ProjectFilters>,
): Project[] {
  const search = filters.search?.toLowerCase()
  const least = Math.max(filters.min_access_level ?? 0, filters.membership ? roles.guest : 0)
  const text = (project: Project) =>
    `${filters.search_namespaces ? fullPath(project) : project.path} ${project.name} ${project.description ?? ''}`
  const found = projects.filter(
    (project) =>
      canRead(world, visitor, project) &&
      role(world, visitor, project) >= least &&
      (filters.archived ?? project.archived) === project.archived &&
      (search === undefined || text(project).toLowerCase().includes(search)),
  )
  const key = (project: Project) =>
    ({
      id: project.id,
      created_at: project.createdAt,
      name: project.name,
      path: project.path,
      updated_at: project.updatedAt,
      last_activity_at: project.updatedAt,
    })[filters.order_by]
  found.sort((one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : one.id - other.id))
  return filters.sort === 'asc' ? found : found.reverse()
}
