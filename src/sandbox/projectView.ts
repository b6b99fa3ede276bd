import { fullPath, groupRole, role } from './access.ts'
import type { Person, Project } from './entities.ts'
import { groupNamed } from './groupTree.ts'
import type { World } from './world.ts'

/** A project as the API shows it to somebody. In a list (`listed`) GitLab tells the role of the nearest group alone. */
export function projectView(world: World, visitor: Person | undefined, project: Project, listed = false) {
  const web = `${world.url}/${fullPath(project)}`
  const group = groupNamed(world, project.namespace)
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: `${project.namespace.replaceAll('/', ' / ')} / ${project.name}`,
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
      id: group?.id ?? null,
      name: group?.name ?? project.namespace,
      path: group?.path ?? project.namespace,
      kind: 'group',
      full_path: project.namespace,
      parent_id: group?.parentId ?? null,
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
    permissions: permissions(world, visitor, project, listed),
  }
}

/** Own and inherited roles stand apart; a null is no role there. */
function permissions(world: World, visitor: Person | undefined, project: Project, listed: boolean) {
  const own =
    world.members.find((row) => row.projectId === project.id && row.personId === visitor?.id)?.accessLevel ?? 0
  const inherited = visitor === undefined ? 0 : groupRole(world, visitor.id, project.namespace)
  const group = groupNamed(world, project.namespace)
  const nearest = world.groupMembers.find((row) => row.groupId === group?.id && row.personId === visitor?.id)
  const highest = role(world, visitor, project)
  const access = (level: number) => (level === 0 ? null : { access_level: level, notification_level: 3 })
  return {
    project_access: access(own === 0 && inherited === 0 ? highest : own),
    group_access: access(listed ? (nearest?.accessLevel ?? 0) : inherited),
  }
}
