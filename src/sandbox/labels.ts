import { z } from 'zod'
import { findProject, findProjectFor, roles } from './access.ts'
import { type Call, created, ok, type Routes } from './call.ts'
import type { Label, LabelEvent, NoteableType, Project } from './entities.ts'
import { findPlace, type NoteableKind, noteableKinds } from './noteables.ts'
import { paginated } from './pagination.ts'
import { personViewById } from './people.ts'
import { notFound, Refusal } from './refusal.ts'
import { type Deed, now, type World } from './world.ts'

/** The ids of labels by their names; unknown names become labels, as GitLab's API does it. */
export function labelIdsOf(world: World, project: Project, names: readonly string[]): number[] {
  return names.map((name) => (labelNamed(world, project, name) ?? addLabel(world, project, name)).id)
}

/** The label of that name, if the project has it. */
export function labelNamed(world: World, project: Project, name: string): Label | undefined {
  return world.labels.find((label) => label.projectId === project.id && label.name === name)
}

/** The names of labels, in alphabetical order as GitLab lists them. */
export function labelNames(world: World, ids: readonly number[]): string[] {
  const names = ids.map((id) => world.labels.get(id)?.name).filter((name) => name !== undefined)
  return names.sort((one, other) => one.localeCompare(other))
}

function addLabel(world: World, project: Project, name: string, color = '#428bca', description: string | null = null) {
  const time = now()
  return world.labels.insert({ projectId: project.id, name, color, description, createdAt: time, updatedAt: time })
}

/** Writes down which labels came and went. */
export function recordLabelEvents(
  deed: Deed,
  project: Project,
  resource: { type: NoteableType; id: number },
  before: readonly number[],
  after: readonly number[],
): void {
  const record = (labelId: number, action: 'add' | 'remove') =>
    deed.world.labelEvents.insert({
      projectId: project.id,
      resourceType: resource.type,
      resourceId: resource.id,
      labelId,
      personId: deed.person.id,
      action,
      createdAt: now(),
    })
  for (const id of after) if (!before.includes(id)) record(id, 'add')
  for (const id of before) if (!after.includes(id)) record(id, 'remove')
}

/** Labels of a project, and the label events of issues and merge requests. */
export function labelRoutes(on: Routes): void {
  on('get', '/projects/:id/labels', (call) => {
    const project = findProject(call)
    return paginated(
      call,
      call.world.labels.filter((label) => label.projectId === project.id),
      labelView,
    )
  })
  on('post', '/projects/:id/labels', (call) => {
    const { project } = findProjectFor(call, roles.planner)
    const { name, color, description } = call.input(
      z.object({ name: z.string().min(1), color: z.string(), description: z.string().optional() }),
    )
    if (labelNamed(call.world, project, name) !== undefined) throw new Refusal(409, { message: 'Label already exists' })
    return created(labelView(addLabel(call.world, project, name, color, description ?? null)))
  })
  for (const kind of noteableKinds) {
    const path = `/projects/:id/${kind}/:iid/resource_label_events`
    on('get', path, (call) => paginated(call, eventsOf(call, kind), (event) => eventView(call.world, event)))
    on('get', `${path}/:event_id`, (call) => {
      const event = eventsOf(call, kind).find((row) => row.id === Number(call.param('event_id')))
      if (event === undefined) throw notFound()
      return ok(eventView(call.world, event))
    })
  }
}

function eventsOf(call: Call, kind: NoteableKind): LabelEvent[] {
  const { type, row } = findPlace(call, kind).noteable
  return call.world.labelEvents.filter((event) => event.resourceType === type && event.resourceId === row.id)
}

function eventView(world: World, event: LabelEvent) {
  const label = world.labels.get(event.labelId)
  return {
    id: event.id,
    user: personViewById(world, event.personId),
    created_at: event.createdAt,
    resource_type: event.resourceType,
    resource_id: event.resourceId,
    label: label === undefined ? null : labelView(label),
    action: event.action,
  }
}

function labelView(label: Label) {
  return { id: label.id, name: label.name, color: label.color, description: label.description, text_color: '#FFFFFF' }
}
