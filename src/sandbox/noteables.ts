import { canReadIssue, findProject, role, roles } from './access.ts'
import type { Call } from './call.ts'
import type { Issue, NoteableType, Person, Project } from './entities.ts'
import type { Noteable } from './payloads.ts'
import { forbidden, notFound, unauthorized } from './refusal.ts'
import { type Deed, now, type World } from './world.ts'

/** The two kinds as they stand in paths. */
export const noteableKinds = ['issues', 'merge_requests'] as const

/** A kind as it stands in a path. */
export type NoteableKind = (typeof noteableKinds)[number]

/** A thing that can be commented on, with its project. */
export type Place = { readonly project: Project; readonly noteable: Noteable }

/** What an update may touch of issues and merge requests alike. */
export type CommonPatch = Partial<Omit<Issue, 'id' | 'iid' | 'state' | 'confidential' | 'issueType'>>

/** The issue or merge request that the call's path names; 404 for one that may not be seen. */
export function findPlace(call: Call, kind: NoteableKind): Place {
  const project = findProject(call)
  const iid = Number(call.param('iid'))
  if (kind === 'issues') {
    const row = call.world.issues.find((issue) => issue.projectId === project.id && issue.iid === iid)
    if (row === undefined || !canReadIssue(call.world, call.visitor, project, row)) throw notFound()
    return { project, noteable: { type: 'Issue', row } }
  }
  const row = call.world.mergeRequests.find((merge) => merge.projectId === project.id && merge.iid === iid)
  if (row === undefined) throw notFound()
  return { project, noteable: { type: 'MergeRequest', row } }
}

/** The same for who is somebody: notes, discussions and drafts are 401 without a token also where everybody may read. */
export function findPlaceSignedIn(call: Call, kind: NoteableKind): Place {
  call.deed()
  return findPlace(call, kind)
}

/** A place to write at: 401 for nobody, 403 in an archived project, or on a locked discussion for who is no member. */
export function findPlaceToWrite(call: Call, kind: NoteableKind): Place & { readonly deed: Deed } {
  const place = findPlace(call, kind)
  if (call.visitor === undefined) throw unauthorized()
  const { project, noteable } = place
  if (project.archived) throw forbidden()
  if (noteable.row.locked && role(call.world, call.visitor, project) === roles.none) throw forbidden()
  return { ...place, deed: call.deed() }
}

/** Who may change title, labels, assignees and state: its author, and members with the role for it. */
export function mayUpdate(world: World, person: Person, project: Project, { type, row }: Noteable): boolean {
  const level = type === 'Issue' ? roles.planner : roles.developer
  return !project.archived && (row.authorId === person.id || role(world, person, project) >= level)
}

/** The thing with that global id; undefined when there is none (any more). */
export function findNoteable(world: World, type: NoteableType, id: number): Noteable | undefined {
  if (type === 'Issue') {
    const row = world.issues.get(id)
    return row === undefined ? undefined : { type, row }
  }
  const row = world.mergeRequests.get(id)
  return row === undefined ? undefined : { type, row }
}

/** The thing as it is now. */
export function current(world: World, { type, row }: Noteable): Noteable {
  const found = findNoteable(world, type, row.id)
  if (found === undefined) throw new Error(`There is no ${type} ${row.id} in the sandbox.`)
  return found
}

/** Moves `updated_at`, which comments, reactions and resolves do too: it proves no edit. */
export function touch(world: World, noteable: Noteable): Noteable {
  return patchCommon(world, current(world, noteable), { updatedAt: now() })
}

/** Changes what both kinds have. */
export function patchCommon(world: World, { type, row }: Noteable, patch: CommonPatch): Noteable {
  return type === 'Issue'
    ? { type, row: world.issues.update(row.id, patch) }
    : { type, row: world.mergeRequests.update(row.id, patch) }
}

/** The next number of an issue or merge request within its project. */
export function nextIid(rows: readonly { iid: number }[]): number {
  return 1 + Math.max(0, ...rows.map((row) => row.iid))
}
