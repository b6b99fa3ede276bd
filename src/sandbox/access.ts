import type { Call } from './call.ts'
import type { Issue, Person, Project } from './entities.ts'
import { groupsAbove } from './groupTree.ts'
import { forbidden, notFound } from './refusal.ts'
import type { Deed, World } from './world.ts'

/** GitLab's roles as numbers. */
export const roles = {
  none: 0,
  guest: 10,
  planner: 15,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
} as const

/** Someone's role in a project; 0 is no member. An administrator may do everything without being one. */
export function role(world: World, person: Person | undefined, project: Project): number {
  if (person === undefined) return roles.none
  if (person.admin) return roles.owner
  const own = world.members.find((row) => row.projectId === project.id && row.personId === person.id)
  return Math.max(own?.accessLevel ?? roles.none, groupRole(world, person.id, project.namespace))
}

/** The highest role that somebody has in a group, or in one that it lies in. */
export function groupRole(world: World, personId: number, fullPath: string): number {
  const groups = new Set(groupsAbove(world, fullPath).map((group) => group.id))
  const rows = world.groupMembers.filter((row) => row.personId === personId && groups.has(row.groupId))
  return Math.max(roles.none, ...rows.map((row) => row.accessLevel))
}

/** Whether someone sees the project at all. */
export function canRead(world: World, person: Person | undefined, project: Project): boolean {
  if (project.visibility === 'public') return true
  if (project.visibility === 'internal' && person !== undefined && person.external !== true) return true
  return role(world, person, project) > roles.none
}

/** The project that a path or a number names; one that may not be seen does not exist. */
export function projectNamed(world: World, person: Person | undefined, name: string): Project | undefined {
  const project = /^\d+$/.test(name)
    ? world.projects.get(Number(name))
    : world.projects.find((row) => fullPath(row).toLowerCase() === name.toLowerCase())
  return project !== undefined && canRead(world, person, project) ? project : undefined
}

/** The call's project, for reading; 404 when there is none that the visitor sees. */
export function findProject(call: Call): Project {
  const project = projectNamed(call.world, call.visitor, call.param('id'))
  if (project === undefined) throw notFound('Project')
  return project
}

/** Whether someone who sees the project sees its code too: in a private one that takes a Reporter. */
export function canReadCode(world: World, person: Person | undefined, project: Project): boolean {
  return project.visibility !== 'private' || role(world, person, project) >= roles.reporter
}

/** The call's project, for reading its repository; 403 for who sees the project, and not its code. */
export function findCode(call: Call): Project {
  const project = findProject(call)
  if (!canReadCode(call.world, call.visitor, project)) throw forbidden()
  return project
}

/** The call's project, for writing with at least a role: 401 for nobody, 403 for too little or an archived project. */
export function findProjectFor(call: Call, level: number): { project: Project; deed: Deed } {
  const project = findProject(call)
  const deed = call.deed()
  requireRole(deed, project, level)
  return { project, deed }
}

/** 403 for too little a role, and for everybody in an archived project. */
function requireRole(deed: Deed, project: Project, level: number): void {
  if (project.archived || role(deed.world, deed.person, project) < level) throw forbidden()
}

/** Confidential issues are for their author, their assignees, and members from Planner on, who see the project at all. */
export function canReadIssue(world: World, person: Person | undefined, project: Project, issue: Issue): boolean {
  if (!issue.confidential) return true
  if (person === undefined) return false
  const concerned = issue.authorId === person.id || issue.assigneeIds.includes(person.id)
  return concerned || role(world, person, project) >= roles.planner
}

/** Internal notes are for members from Planner on. */
export function canReadInternal(world: World, person: Person | undefined, project: Project): boolean {
  return role(world, person, project) >= roles.planner
}

/** `demo/shop` */
export function fullPath(project: Project): string {
  return `${project.namespace}/${project.path}`
}
