import { recordActivity } from './activity.ts'
import type { Project } from './entities.ts'
import { stamp } from './payloadParts.ts'
import { type Noteable, tellIssue, tellMergeRequest } from './payloads.ts'
import { recordState } from './stateEvents.ts'
import { settleTodos } from './todoRules.ts'
import { type Deed, now } from './world.ts'

/** Closes or reopens, and tells the hooks; a thing that is so already, or is merged, stays as it is. */
export function changeState(deed: Deed, project: Project, noteable: Noteable, event: 'close' | 'reopen'): Noteable {
  const { world, person } = deed
  const { row } = noteable
  const state = event === 'close' ? 'closed' : 'opened'
  if (row.state === state || row.state === 'merged') return noteable
  const time = now()
  const common = {
    updatedAt: time,
    updatedById: person.id,
    closedAt: event === 'close' ? time : null,
    closedById: event === 'close' ? person.id : null,
  }
  const changes = {
    state_id: { previous: row.state === 'opened' ? 1 : 2, current: event === 'close' ? 2 : 1 },
    closed_at: { previous: stamp(row.closedAt), current: stamp(common.closedAt) },
    updated_at: { previous: stamp(row.updatedAt), current: stamp(time) },
  }
  const after: Noteable =
    noteable.type === 'Issue'
      ? { type: 'Issue', row: world.issues.update(row.id, { ...common, state }) }
      : { type: 'MergeRequest', row: world.mergeRequests.update(row.id, { ...common, state }) }
  recordState(deed, project, after, event === 'close' ? 'closed' : 'reopened')
  recordActivity(deed, project, after, event === 'close' ? 'closed' : 'reopened')
  if (event === 'close') settleTodos(world, person.id, after)
  if (after.type === 'Issue') tellIssue(deed, project, after.row, event, changes)
  else tellMergeRequest(deed, project, after.row, event, changes)
  return after
}
