import type { Call, Routes } from './call.ts'
import { ok } from './call.ts'
import type { NoteableType, Project, Time } from './entities.ts'
import { findPlace, type NoteableKind, noteableKinds } from './noteables.ts'
import { paginated } from './pagination.ts'
import type { Noteable } from './payloads.ts'
import { personViewById } from './people.ts'
import { notFound } from './refusal.ts'
import { type Deed, now, type World } from './world.ts'

/** That somebody closed, reopened or merged something. GitLab keeps these instead of system notes. */
export type StateEvent = {
  id: number
  projectId: number
  resourceType: NoteableType
  resourceId: number
  personId: number
  state: 'closed' | 'reopened' | 'merged'
  createdAt: Time
}

/** Writes down a change of state. */
export function recordState(deed: Deed, project: Project, { type, row }: Noteable, state: StateEvent['state']): void {
  const fields = { projectId: project.id, resourceType: type, resourceId: row.id, personId: deed.person.id }
  deed.world.stateEvents.insert({ ...fields, state, createdAt: now() })
}

/** The state events of issues and merge requests. */
export function stateEventRoutes(on: Routes): void {
  for (const kind of noteableKinds) {
    const path = `/projects/:id/${kind}/:iid/resource_state_events`
    on('get', path, (call) => paginated(call, eventsOf(call, kind), (event) => view(call.world, event)))
    on('get', `${path}/:event_id`, (call) => {
      const event = eventsOf(call, kind).find((row) => row.id === Number(call.param('event_id')))
      if (event === undefined) throw notFound()
      return ok(view(call.world, event))
    })
  }
}

function eventsOf(call: Call, kind: NoteableKind): StateEvent[] {
  const { type, row } = findPlace(call, kind).noteable
  return call.world.stateEvents.filter((event) => event.resourceType === type && event.resourceId === row.id)
}

function view(world: World, event: StateEvent) {
  return {
    id: event.id,
    user: personViewById(world, event.personId),
    created_at: event.createdAt,
    resource_type: event.resourceType,
    resource_id: event.resourceId,
    state: event.state,
  }
}
